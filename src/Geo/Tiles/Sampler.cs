using System.Numerics;
using System.Runtime.InteropServices;
using Waypost.Geo.Raster;

namespace Waypost.Geo.Tiles;

/// <summary>
/// The colour of a place within a window of pixels: of the nearest one, or between the four around it.
/// </summary>
/// <remarks>
/// The bands that are drawn are first picked out as floats, an absent pixel as NaN: the rest is plain arithmetic.
/// </remarks>
sealed class Sampler
{
    const int MostDrawn = 4;

    readonly TileRenderer.Window _window;
    readonly Colouring _colouring;
    readonly bool _smooth;
    readonly int _drawn;
    readonly float[] _values;

    public Sampler(RasterFile raster, TileRenderer.Window window, Colouring colouring, bool smooth)
    {
        (_window, _colouring, _smooth) = (window, colouring, smooth);
        _drawn = colouring.Drawn.Length;
        _values = GC.AllocateUninitializedArray<float>(window.Width * window.Height * _drawn);
        for (var i = 0; i < _drawn; i++)
            Pick(raster, i);
        MarkAbsent(raster);
    }

    /// <summary>The colour at a column and row of the full resolution, which lie in the window.</summary>
    public uint At(double column, double row)
    {
        var (x, y) = ((float)(column * _window.FactorX - _window.X), (float)(row * _window.FactorY - _window.Y));
        var near = Place((int)x, (int)y);
        // Edges are as sharp as the data: what is absent stays so, however close its neighbours.
        if (float.IsNaN(_values[near]))
            return 0;
        return _smooth ? Between(x - 0.5f, y - 0.5f) : _colouring.Of(_values.AsSpan(near, _drawn));
    }

    int Place(int x, int y) =>
        (Math.Clamp(y, 0, _window.Height - 1) * _window.Width + Math.Clamp(x, 0, _window.Width - 1)) * _drawn;

    uint Between(float x, float y)
    {
        var (left, top) = ((int)MathF.Floor(x), (int)MathF.Floor(y));
        var (tx, ty) = (x - left, y - top);
        var (a, b, c, d) = (Place(left, top), Place(left + 1, top), Place(left, top + 1), Place(left + 1, top + 1));
        var (wa, wb, wc, wd) = ((1 - tx) * (1 - ty), tx * (1 - ty), (1 - tx) * ty, tx * ty);
        var values = _values;
        if (float.IsNaN(values[a] + values[b] + values[c] + values[d]))
        {
            // Absent corners take no part; at least the nearest one is there.
            Drop(ref a, ref wa, values);
            Drop(ref b, ref wb, values);
            Drop(ref c, ref wc, values);
            Drop(ref d, ref wd, values);
            var total = wa + wb + wc + wd;
            var there = wa > 0 ? a : wb > 0 ? b : wc > 0 ? c : d;
            (a, b, c, d) = (wa > 0 ? a : there, wb > 0 ? b : there, wc > 0 ? c : there, wd > 0 ? d : there);
            (wa, wb, wc, wd) = (wa / total, wb / total, wc / total, wd / total);
        }
        Span<float> mixed = stackalloc float[MostDrawn];
        for (var i = 0; i < _drawn; i++)
            mixed[i] = values[a + i] * wa + values[b + i] * wb + values[c + i] * wc + values[d + i] * wd;
        return _colouring.Of(mixed[.._drawn]);
    }

    static void Drop(ref int corner, ref float weight, float[] values)
    {
        if (float.IsNaN(values[corner]))
            weight = 0;
    }

    void Pick(RasterFile raster, int index)
    {
        var band = _colouring.Drawn[index];
        switch (raster.SampleType)
        {
            case SampleType.UInt8: Pick<byte>(raster, band, index); break;
            case SampleType.Int8: Pick<sbyte>(raster, band, index); break;
            case SampleType.UInt16: Pick<ushort>(raster, band, index); break;
            case SampleType.Int16: Pick<short>(raster, band, index); break;
            case SampleType.UInt32: Pick<uint>(raster, band, index); break;
            case SampleType.Int32: Pick<int>(raster, band, index); break;
            case SampleType.Float32: Pick<float>(raster, band, index); break;
            default: Pick<double>(raster, band, index); break;
        }
    }

    void Pick<T>(RasterFile raster, int band, int index) where T : unmanaged, INumber<T>
    {
        var samples = MemoryMarshal.Cast<byte, T>(_window.Pixels.AsSpan());
        var isAlpha = band == raster.AlphaBand;
        var (hasNoData, noData) = (raster.NoData is not null && !isAlpha, T.CreateSaturating(raster.NoData ?? 0));
        var (values, drawn, bands) = (_values, _drawn, raster.BandCount);
        for (int from = band, to = index; from < samples.Length; from += bands, to += drawn)
        {
            var sample = samples[from];
            values[to] = hasNoData && sample == noData ? float.NaN : float.CreateTruncating(sample);
        }
    }

    // The first value of a pixel is NaN just when there is nothing to show: transparent, or no band has a value. A band
    // that is absent beside others that are there counts as its darkest.
    void MarkAbsent(RasterFile raster)
    {
        var hasAlpha = raster.AlphaBand is not null;
        var bands = hasAlpha ? _drawn - 1 : _drawn;
        for (var at = 0; at < _values.Length; at += _drawn)
        {
            var pixel = _values.AsSpan(at, _drawn);
            var absent = 0;
            for (var i = 0; i < bands; i++)
                if (float.IsNaN(pixel[i]))
                    absent++;
            if (absent == bands || (hasAlpha && !(pixel[^1] > 0)))
                pixel[0] = float.NaN;
            else if (absent > 0)
                for (var i = 0; i < bands; i++)
                    if (float.IsNaN(pixel[i]))
                        pixel[i] = _colouring.Darkest(i);
        }
    }
}
