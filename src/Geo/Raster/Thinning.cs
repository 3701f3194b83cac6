using System.Numerics;
using System.Runtime.InteropServices;

namespace Waypost.Geo.Raster;

/// <summary>How four pixels become one of the next overview.</summary>
public enum Resampling
{
    /// <summary>Mean of the valid ones: for amounts and pictures.</summary>
    Average,

    /// <summary>The value that most of them have: for classes.</summary>
    Mode,

    /// <summary>The upper left one.</summary>
    Nearest,
}

/// <summary>
/// Halves rows of pixels in both directions. Nodata, NaN and transparent pixels do not take part in a mean.
/// </summary>
sealed class Thinning(SampleFormat format, Resampling how, int? alphaBand)
{
    /// <summary>Halves so many rows of a width; odd edges are halved as if their last pixel were there twice.</summary>
    public void Halve(byte[] from, int width, int rows, byte[] into, int intoOffset)
    {
        var newWidth = (width + 1) / 2;
        Parallel.For(0, (rows + 1) / 2, row =>
        {
            var rowBytes = width * format.PixelBytes;
            var top = from.AsSpan(2 * row * rowBytes, rowBytes);
            var bottom = 2 * row + 1 < rows ? from.AsSpan((2 * row + 1) * rowBytes, rowBytes) : top;
            var target = into.AsSpan(intoOffset + row * newWidth * format.PixelBytes, newWidth * format.PixelBytes);
            if (how == Resampling.Average)
                Average(top, bottom, target);
            else
                Pick(top, bottom, target);
        });
    }

    void Average(Span<byte> top, Span<byte> bottom, Span<byte> into)
    {
        switch (format.Type)
        {
            case SampleType.UInt8: Whole<byte>(top, bottom, into); break;
            case SampleType.Int8: Whole<sbyte>(top, bottom, into); break;
            case SampleType.UInt16: Whole<ushort>(top, bottom, into); break;
            case SampleType.Int16: Whole<short>(top, bottom, into); break;
            case SampleType.UInt32: Whole<uint>(top, bottom, into); break;
            case SampleType.Int32: Whole<int>(top, bottom, into); break;
            case SampleType.Float32: Real<float>(top, bottom, into); break;
            default: Real<double>(top, bottom, into); break;
        }
    }

    void Whole<T>(Span<byte> topBytes, Span<byte> bottomBytes, Span<byte> intoBytes)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var top = MemoryMarshal.Cast<byte, T>(topBytes);
        var bottom = MemoryMarshal.Cast<byte, T>(bottomBytes);
        var into = MemoryMarshal.Cast<byte, T>(intoBytes);
        var bands = format.Bands;
        if (format.NoData is null && alphaBand is null)
        {
            WholePlain(top, bottom, into, bands);
            return;
        }
        var hasNoData = format.NoData is not null;
        var noData = T.CreateSaturating(format.NoData ?? 0);
        for (int to = 0, left = 0; to < into.Length; to += bands, left += 2 * bands)
        {
            var right = left + bands < top.Length ? left + bands : left;
            for (var band = 0; band < bands; band++)
            {
                long sum = 0, count = 0;
                Take(top, left, band, hasNoData, noData, ref sum, ref count);
                Take(top, right, band, hasNoData, noData, ref sum, ref count);
                Take(bottom, left, band, hasNoData, noData, ref sum, ref count);
                Take(bottom, right, band, hasNoData, noData, ref sum, ref count);
                into[to + band] = count switch
                {
                    0 => hasNoData ? noData : T.Zero,
                    4 => T.CreateTruncating((sum + 2) >> 2),
                    2 => T.CreateTruncating((sum + 1) >> 1),
                    _ => T.CreateTruncating((sum + (count >> 1)) / count),
                };
                // A mean of valid values must not turn into nodata by chance.
                if (hasNoData && count > 0 && into[to + band] == noData && band != alphaBand)
                    into[to + band] = noData == T.MaxValue ? noData - T.One : noData + T.One;
            }
        }
    }

    void Take<T>(Span<T> row, int pixel, int band, bool hasNoData, T noData, ref long sum, ref long count)
        where T : unmanaged, IBinaryInteger<T>
    {
        var sample = row[pixel + band];
        var isSeen = alphaBand is not { } alpha ? sample != noData
            : band == alpha || (row[pixel + alpha] != T.Zero && (!hasNoData || sample != noData));
        if (!isSeen)
            return;
        sum += long.CreateTruncating(sample);
        count++;
    }

    static void WholePlain<T>(Span<T> top, Span<T> bottom, Span<T> into, int bands)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (int to = 0, left = 0; to < into.Length; to += bands, left += 2 * bands)
        {
            var right = left + bands < top.Length ? left + bands : left;
            for (var band = 0; band < bands; band++)
            {
                var sum = long.CreateTruncating(top[left + band]) + long.CreateTruncating(top[right + band])
                    + long.CreateTruncating(bottom[left + band]) + long.CreateTruncating(bottom[right + band]);
                into[to + band] = T.CreateTruncating((sum + 2) >> 2);
            }
        }
    }

    void Real<T>(Span<byte> topBytes, Span<byte> bottomBytes, Span<byte> intoBytes)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var top = MemoryMarshal.Cast<byte, T>(topBytes);
        var bottom = MemoryMarshal.Cast<byte, T>(bottomBytes);
        var into = MemoryMarshal.Cast<byte, T>(intoBytes);
        var bands = format.Bands;
        var noData = format.NoData is { } value ? T.CreateTruncating(value) : T.NaN;
        Span<T> four = stackalloc T[4];
        for (int to = 0, left = 0; to < into.Length; to += bands, left += 2 * bands)
        {
            var right = left + bands < top.Length ? left + bands : left;
            for (var band = 0; band < bands; band++)
            {
                (four[0], four[1]) = (top[left + band], top[right + band]);
                (four[2], four[3]) = (bottom[left + band], bottom[right + band]);
                var (sum, count) = (0d, 0);
                foreach (var sample in four)
                    if (!T.IsNaN(sample) && sample != noData)
                    {
                        sum += double.CreateTruncating(sample);
                        count++;
                    }
                into[to + band] = count == 0 ? noData : T.CreateTruncating(sum / count);
            }
        }
    }

    void Pick(Span<byte> top, Span<byte> bottom, Span<byte> into)
    {
        var size = format.PixelBytes;
        for (int to = 0, left = 0; to < into.Length; to += size, left += 2 * size)
        {
            var a = top.Slice(left, size);
            if (how == Resampling.Nearest)
            {
                a.CopyTo(into[to..]);
                continue;
            }
            var right = left + size < top.Length ? left + size : left;
            var b = top.Slice(right, size);
            var c = bottom.Slice(left, size);
            var d = bottom.Slice(right, size);
            // Of four, the most frequent is the first that is there twice; of four different ones the upper left
            // stands.
            var most = a.SequenceEqual(b) || a.SequenceEqual(c) || a.SequenceEqual(d) ? a
                : b.SequenceEqual(c) || b.SequenceEqual(d) ? b
                : c.SequenceEqual(d) ? c : a;
            most.CopyTo(into[to..]);
        }
    }
}
