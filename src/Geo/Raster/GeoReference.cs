namespace Waypost.Geo.Raster;

/// <summary>Reads the transform from pixels to coordinates (OGC 19-008 clause 7.4 and annex B.6).</summary>
static class GeoReference
{
    /// <summary>
    /// The transform, or null; then <paramref name="controlPoints"/> says whether there are tie points without scale.
    /// </summary>
    public static GeoTransform? Read(TiffDirectory from, bool pixelIsPoint, out bool controlPoints)
    {
        var scale = from.Doubles(TiffTag.ModelPixelScale, 3);
        var ties = from.Doubles(TiffTag.ModelTiepoint, 12);
        var matrix = from.Doubles(TiffTag.ModelTransformation, 16);
        controlPoints = scale.Length < 2 && ties.Length > 6;
        GeoTransform? found = null;
        if (scale.Length >= 2 && ties.Length >= 6)
            found = new(
                ties[3] - ties[0] * scale[0], scale[0], 0,
                ties[4] + ties[1] * scale[1], 0, -scale[1]);
        else if (matrix.Length == 16)
            found = new(matrix[3], matrix[0], matrix[1], matrix[7], matrix[4], matrix[5]);
        if (found is not { IsUsable: true } usable)
            return null;
        if (!pixelIsPoint)
            return usable;
        var (x, y) = usable.Apply(-0.5, -0.5);
        return usable with { OriginX = x, OriginY = y };
    }
}
