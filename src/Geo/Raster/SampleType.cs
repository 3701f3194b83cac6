namespace Waypost.Geo.Raster;

/// <summary>What one sample of a pixel is.</summary>
public enum SampleType
{
    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8,

    /// <summary>Signed 8-bit integer.</summary>
    Int8,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16,

    /// <summary>Signed 16-bit integer.</summary>
    Int16,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32,

    /// <summary>Signed 32-bit integer.</summary>
    Int32,

    /// <summary>IEEE single.</summary>
    Float32,

    /// <summary>IEEE double: readable, but refused by validation.</summary>
    Float64,
}

/// <summary>Facts about sample types.</summary>
public static class SampleTypes
{
    /// <summary>Size of one sample in bytes.</summary>
    public static int Bytes(this SampleType type) => type switch
    {
        SampleType.UInt8 or SampleType.Int8 => 1,
        SampleType.UInt16 or SampleType.Int16 => 2,
        SampleType.Float64 => 8,
        _ => 4,
    };

    /// <summary>True for IEEE floats.</summary>
    public static bool IsFloat(this SampleType type) => type is SampleType.Float32 or SampleType.Float64;

    /// <summary>The name numpy, STAC and rasterio use, such as <c>uint16</c>.</summary>
    public static string Name(this SampleType type) => type.ToString().ToLowerInvariant();

    /// <summary>The smallest and largest value of an integer type; infinities for floats.</summary>
    public static (double Min, double Max) Range(this SampleType type) => type switch
    {
        SampleType.UInt8 => (byte.MinValue, byte.MaxValue),
        SampleType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        SampleType.UInt16 => (ushort.MinValue, ushort.MaxValue),
        SampleType.Int16 => (short.MinValue, short.MaxValue),
        SampleType.UInt32 => (uint.MinValue, uint.MaxValue),
        SampleType.Int32 => (int.MinValue, int.MaxValue),
        _ => (double.NegativeInfinity, double.PositiveInfinity),
    };
}
