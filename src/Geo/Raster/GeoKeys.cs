using System.Text;
using Waypost.Geo.Crs;

namespace Waypost.Geo.Raster;

/// <summary>The GeoKeys of a file (OGC 19-008 clause 7): numbers, doubles and texts by key.</summary>
sealed class GeoKeys
{
    public const int ModelType = 1024;
    public const int RasterType = 1025;
    public const int Citation = 1026;
    public const int GeographicType = 2048;
    public const int GeogCitation = 2049;
    public const int PrimeMeridian = 2051;
    public const int AngularUnits = 2054;
    public const int EllipsoidCode = 2056;
    public const int SemiMajorAxis = 2057;
    public const int SemiMinorAxis = 2058;
    public const int InverseFlattening = 2059;
    public const int ProjectedType = 3072;
    public const int ProjectedCitation = 3073;
    public const int Projection = 3074;
    public const int ProjectionMethod = 3075;
    public const int LinearUnits = 3076;
    public const int UserDefined = 32767;

    const int MostKeys = 1024;

    readonly Dictionary<int, int> _numbers = [];
    readonly Dictionary<int, double> _doubles = [];
    readonly Dictionary<int, string> _texts = [];

    /// <summary>True when the file has a directory of keys with at least one key.</summary>
    public bool Any => _numbers.Count + _doubles.Count + _texts.Count > 0;

    /// <summary>True when pixels are points: the tie point is then the centre of a pixel, not its corner.</summary>
    public bool PixelIsPoint => Number(RasterType) == 2;

    public static GeoKeys Read(TiffDirectory from)
    {
        var keys = new GeoKeys();
        var directory = from.Numbers(TiffTag.GeoKeyDirectory, 4 * (MostKeys + 1));
        var doubles = from.Doubles(TiffTag.GeoDoubleParams, MostKeys * 16);
        var ascii = from.Text(TiffTag.GeoAsciiParams) ?? "";
        for (var at = 4; at + 3 < directory.Length; at += 4)
        {
            var (key, place, count, value) =
                ((int)directory[at], directory[at + 1], (int)directory[at + 2], (int)directory[at + 3]);
            if (place == 0)
                keys._numbers.TryAdd(key, value);
            else if (place == TiffTag.GeoDoubleParams && value < doubles.Length)
                keys._doubles.TryAdd(key, doubles[value]);
            else if (place == TiffTag.GeoAsciiParams && value < ascii.Length)
            {
                var text = ascii.Substring(value, Math.Min(count, ascii.Length - value));
                keys._texts.TryAdd(key, text.TrimEnd('|', '\0'));
            }
        }
        return keys;
    }

    public int? Number(int key) => _numbers.TryGetValue(key, out var value) ? value : null;
    public double? Double(int key) => _doubles.TryGetValue(key, out var value) ? value : null;
    public string? Text(int key) => _texts.GetValueOrDefault(key);

    /// <summary>The first of several keys that has a value: writers disagree about which one to use.</summary>
    public double FirstOf(double otherwise, params ReadOnlySpan<int> keys)
    {
        foreach (var key in keys)
            if (_doubles.TryGetValue(key, out var value))
                return value;
        return otherwise;
    }

    /// <summary>Name of the system as the file gives it.</summary>
    public string Name
    {
        get
        {
            var name = Text(ProjectedCitation) ?? Text(Citation) ?? Text(GeogCitation);
            var code = Number(ProjectedType) ?? Number(GeographicType);
            var epsg = code is > 0 and not UserDefined ? $"EPSG:{code}" : null;
            var plain = new StringBuilder();
            foreach (var letter in name ?? "")
                plain.Append(char.IsControl(letter) ? ' ' : letter);
            var told = plain.ToString().Trim();
            return told.Length == 0 ? epsg ?? "without a name" : epsg is null ? told : $"{epsg} ({told})";
        }
    }

    /// <summary>The ellipsoid, when the file gives its size.</summary>
    public Ellipsoid? Figure()
    {
        if (Double(SemiMajorAxis) is not { } semiMajor)
            return Number(EllipsoidCode) switch { 7030 => Ellipsoid.Wgs84, 7019 => Ellipsoid.Grs80, _ => null };
        var flattening = Double(InverseFlattening) is { } inverse && inverse != 0 ? 1 / inverse
            : Double(SemiMinorAxis) is { } semiMinor ? 1 - semiMinor / semiMajor : 0;
        return new(semiMajor, flattening);
    }
}
