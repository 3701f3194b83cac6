namespace Waypost.Geo.Raster;

/// <summary>
/// Where pixels lie: an affine map from column and row (of pixel corners) to the raster's own coordinates.
/// </summary>
/// <param name="OriginX">X of the outer corner of the first pixel.</param>
/// <param name="ColumnX">X per column.</param>
/// <param name="RowX">X per row; 0 unless rotated.</param>
/// <param name="OriginY">Y of the outer corner of the first pixel.</param>
/// <param name="ColumnY">Y per column; 0 unless rotated.</param>
/// <param name="RowY">Y per row; negative when north is up.</param>
public readonly record struct GeoTransform(
    double OriginX, double ColumnX, double RowX, double OriginY, double ColumnY, double RowY)
{
    /// <summary>False when it maps an area to nothing or holds what is not a number.</summary>
    public bool IsUsable => double.IsFinite(OriginX + OriginY + ColumnX + RowX + ColumnY + RowY)
        && double.IsFinite(1 / Determinant);

    /// <summary>True when columns run along x and rows along y.</summary>
    public bool IsAxisAligned => RowX == 0 && ColumnY == 0;

    double Determinant => ColumnX * RowY - RowX * ColumnY;

    /// <summary>The place of a column and row; whole numbers are corners, halves are centres.</summary>
    public (double X, double Y) Apply(double column, double row) =>
        (OriginX + column * ColumnX + row * RowX, OriginY + column * ColumnY + row * RowY);

    /// <summary>The column and row of a place.</summary>
    public (double Column, double Row) Invert(double x, double y)
    {
        var (dx, dy) = (x - OriginX, y - OriginY);
        return ((dx * RowY - dy * RowX) / Determinant, (dy * ColumnX - dx * ColumnY) / Determinant);
    }

    /// <summary>The same ground seen in pixels that are so many times as wide and tall.</summary>
    public GeoTransform Scale(double columns, double rows) =>
        new(OriginX, ColumnX * columns, RowX * rows, OriginY, ColumnY * columns, RowY * rows);

    /// <summary>Length of a pixel's sides in the unit of the coordinates.</summary>
    public (double Width, double Height) PixelSize =>
        (Math.Sqrt(ColumnX * ColumnX + ColumnY * ColumnY), Math.Sqrt(RowX * RowX + RowY * RowY));
}
