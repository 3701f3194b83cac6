using System.Numerics;
using System.Runtime.InteropServices;

namespace Waypost.Geo.Raster;

/// <summary>
/// TIFF's predictors: 2 is the difference to the pixel on the left, 3 the same on the sorted bytes of floats.
/// </summary>
/// <remarks>
/// TIFF 6.0 section 14 and Adobe's Technical Note 3. Rows are in the byte order of this machine (little-endian).
/// </remarks>
static class Predictor
{
    public const int None = 1;
    public const int Horizontal = 2;
    public const int Float = 3;

    /// <summary>Turns differences into samples, row by row, in place.</summary>
    public static void Undo(int predictor, Span<byte> block, int rowBytes, int samples, int sampleBytes)
    {
        if (predictor == None)
            return;
        var scratch = predictor == Float ? new byte[rowBytes] : [];
        for (var at = 0; at + rowBytes <= block.Length; at += rowBytes)
        {
            var row = block.Slice(at, rowBytes);
            if (predictor == Float)
                UndoFloat(row, scratch, samples, sampleBytes);
            else if (sampleBytes == 1)
                Sum(row, samples);
            else if (sampleBytes == 2)
                Sum(MemoryMarshal.Cast<byte, ushort>(row), samples);
            else if (sampleBytes == 4)
                Sum(MemoryMarshal.Cast<byte, uint>(row), samples);
            else
                Sum(MemoryMarshal.Cast<byte, ulong>(row), samples);
        }
    }

    /// <summary>Writes the differences of one row.</summary>
    public static void Apply(int predictor, ReadOnlySpan<byte> row, Span<byte> into, int samples, int sampleBytes)
    {
        if (predictor == None)
            row.CopyTo(into);
        else if (predictor == Float)
            ApplyFloat(row, into, samples, sampleBytes);
        else if (sampleBytes == 1)
            Difference(row, into, samples);
        else if (sampleBytes == 2)
            Difference(MemoryMarshal.Cast<byte, ushort>(row), MemoryMarshal.Cast<byte, ushort>(into), samples);
        else if (sampleBytes == 4)
            Difference(MemoryMarshal.Cast<byte, uint>(row), MemoryMarshal.Cast<byte, uint>(into), samples);
        else
            Difference(MemoryMarshal.Cast<byte, ulong>(row), MemoryMarshal.Cast<byte, ulong>(into), samples);
    }

    static void Sum<T>(Span<T> row, int stride) where T : unmanaged, IBinaryInteger<T>
    {
        if (stride == 1)
        {
            var sum = T.Zero;
            for (var i = 0; i < row.Length; i++)
                row[i] = sum = unchecked(sum + row[i]);
            return;
        }
        if (stride == 3)
        {
            var (a, b, c) = (T.Zero, T.Zero, T.Zero);
            for (var i = 0; i + 2 < row.Length; i += 3)
            {
                row[i] = a = unchecked(a + row[i]);
                row[i + 1] = b = unchecked(b + row[i + 1]);
                row[i + 2] = c = unchecked(c + row[i + 2]);
            }
            return;
        }
        for (var i = stride; i < row.Length; i++)
            row[i] = unchecked(row[i] + row[i - stride]);
    }

    static void Difference<T>(ReadOnlySpan<T> row, Span<T> into, int stride) where T : unmanaged, IBinaryInteger<T>
    {
        var i = Math.Min(stride, row.Length);
        row[..i].CopyTo(into);
        for (; i <= row.Length - Vector<T>.Count; i += Vector<T>.Count)
            (new Vector<T>(row[i..]) - new Vector<T>(row[(i - stride)..])).CopyTo(into[i..]);
        for (; i < row.Length; i++)
            into[i] = unchecked(row[i] - row[i - stride]);
    }

    // The bytes of a row are sorted by significance, most significant first, then differenced.
    static void UndoFloat(Span<byte> row, Span<byte> scratch, int samples, int sampleBytes)
    {
        for (var i = samples; i < row.Length; i++)
            row[i] = unchecked((byte)(row[i] + row[i - samples]));
        row.CopyTo(scratch);
        var values = row.Length / sampleBytes;
        for (var plane = 0; plane < sampleBytes; plane++)
        {
            var to = sampleBytes - 1 - plane;
            for (var i = 0; i < values; i++, to += sampleBytes)
                row[to] = scratch[plane * values + i];
        }
    }

    static void ApplyFloat(ReadOnlySpan<byte> row, Span<byte> into, int samples, int sampleBytes)
    {
        var values = row.Length / sampleBytes;
        for (var plane = 0; plane < sampleBytes; plane++)
        {
            var from = sampleBytes - 1 - plane;
            for (var i = 0; i < values; i++, from += sampleBytes)
                into[plane * values + i] = row[from];
        }
        for (var i = row.Length - 1; i >= samples; i--)
            into[i] = unchecked((byte)(into[i] - into[i - samples]));
    }
}
