using Waypost.Geo.Crs;
using Waypost.Geo.Raster;

namespace Waypost.Geo.Tiles;

/// <summary>
/// Where the pixels of a tile come from: exact at the knots of a grid, in between by straight lines. Reprojecting every
/// pixel would cost more than everything else together.
/// </summary>
sealed class SourceGrid
{
    const double Vanishing = 1e-3;

    readonly double[] _columns;
    readonly double[] _rows;
    readonly int _across;
    readonly int _down;
    readonly int _step;
    readonly (int X, int Y) _origin;

    /// <summary>The grid over a rectangle of a tile's pixels.</summary>
    public SourceGrid(RasterFile raster, (int Z, int X, int Y, int Size) tile,
        (int Left, int Top, int Right, int Bottom) part)
    {
        // Lines of the projections bend visibly only where a tile covers a good part of the Earth.
        _step = raster.Crs.Epsg == 3857 ? tile.Size : tile.Z switch { < 3 => 2, < 5 => 4, < 8 => 8, _ => 32 };
        _origin = (part.Left, part.Top);
        _across = (part.Right - part.Left + _step - 1) / _step + 1;
        _down = (part.Bottom - part.Top + _step - 1) / _step + 1;
        _columns = new double[_across * _down];
        _rows = new double[_across * _down];
        var bounds = TileMath.Metres(tile.Z, tile.X, tile.Y);
        var metres = (bounds.East - bounds.West) / tile.Size;
        for (var i = 0; i < _columns.Length; i++)
        {
            var x = bounds.West + (part.Left + i % _across * _step) * metres;
            var y = bounds.North - (part.Top + i / _across * _step) * metres;
            (_columns[i], _rows[i]) = Place(raster, x, y);
        }
    }

    /// <summary>Column and row at full resolution of the centre of a pixel; NaN where there is none.</summary>
    public (double Column, double Row) At(int x, int y)
    {
        var (gx, gy) = ((x - _origin.X + 0.5) / _step, (y - _origin.Y + 0.5) / _step);
        var (ix, iy) = (Math.Min((int)gx, _across - 2), Math.Min((int)gy, _down - 2));
        var (tx, ty) = (gx - ix, gy - iy);
        var at = iy * _across + ix;
        return (Mix(_columns, at, tx, ty), Mix(_rows, at, tx, ty));
    }

    double Mix(double[] of, int at, double tx, double ty)
    {
        var top = of[at] + (of[at + 1] - of[at]) * tx;
        var bottom = of[at + _across] + (of[at + _across + 1] - of[at + _across]) * tx;
        return top + (bottom - top) * ty;
    }

    // Far from its zone a projection answers with nonsense, which the way back shows.
    static (double Column, double Row) Place(RasterFile raster, double x, double y)
    {
        if (raster.Crs.Epsg == 3857)
            return raster.Transform.Invert(x, y);
        var (lon, lat) = (x / TileMath.WorldMetres * 180, CoordinateSystem.WebMercator.ToLonLat(x, y).Lat);
        var (nativeX, nativeY) = raster.Crs.FromLonLat(lon, lat);
        if (!raster.Crs.IsGeographic)
        {
            var (backLon, backLat) = raster.Crs.ToLonLat(nativeX, nativeY);
            var isBack = Math.Abs(Math.IEEERemainder(backLon - lon, 360)) < Vanishing
                && Math.Abs(backLat - lat) < Vanishing;
            if (!isBack)
                return (double.NaN, double.NaN);
        }
        return raster.Transform.Invert(nativeX, nativeY);
    }
}
