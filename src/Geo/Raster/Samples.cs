using System.Runtime.InteropServices;

namespace Waypost.Geo.Raster;

/// <summary>Single samples between bytes (little-endian) and numbers.</summary>
static class Samples
{
    /// <summary>The bytes of a value, cut to the type's range.</summary>
    public static byte[] ToBytes(SampleType type, double value)
    {
        var bytes = new byte[type.Bytes()];
        Write(type, bytes, value);
        return bytes;
    }

    /// <summary>Writes a value, cut to the type's range and for integers rounded.</summary>
    public static void Write(SampleType type, Span<byte> into, double value)
    {
        var whole = type.IsFloat() ? value : Math.Round(value, MidpointRounding.AwayFromZero);
        switch (type)
        {
            case SampleType.UInt8: into[0] = byte.CreateSaturating(whole); break;
            case SampleType.Int8: into[0] = (byte)sbyte.CreateSaturating(whole); break;
            case SampleType.UInt16: MemoryMarshal.Write(into, ushort.CreateSaturating(whole)); break;
            case SampleType.Int16: MemoryMarshal.Write(into, short.CreateSaturating(whole)); break;
            case SampleType.UInt32: MemoryMarshal.Write(into, uint.CreateSaturating(whole)); break;
            case SampleType.Int32: MemoryMarshal.Write(into, int.CreateSaturating(whole)); break;
            case SampleType.Float32: MemoryMarshal.Write(into, (float)value); break;
            default: MemoryMarshal.Write(into, value); break;
        }
    }

    /// <summary>The value of the sample that starts here.</summary>
    public static double Read(SampleType type, ReadOnlySpan<byte> from) => type switch
    {
        SampleType.UInt8 => from[0],
        SampleType.Int8 => (sbyte)from[0],
        SampleType.UInt16 => MemoryMarshal.Read<ushort>(from),
        SampleType.Int16 => MemoryMarshal.Read<short>(from),
        SampleType.UInt32 => MemoryMarshal.Read<uint>(from),
        SampleType.Int32 => MemoryMarshal.Read<int>(from),
        SampleType.Float32 => MemoryMarshal.Read<float>(from),
        _ => MemoryMarshal.Read<double>(from),
    };

    /// <summary>The nodata value as a sample of this type has it, or null when no sample can equal it.</summary>
    public static double? AsStored(SampleType type, double noData)
    {
        if (type == SampleType.Float32)
            return (float)noData;
        var (min, max) = type.Range();
        var fits = type.IsFloat() || (noData >= min && noData <= max && noData == Math.Floor(noData));
        return fits ? noData : null;
    }
}
