using Waypost.Geo.Raster;

namespace Waypost.Geo.Tiles;

/// <summary>
/// Turns the samples of one pixel into a colour, 0xAABBGGRR (the bytes of a PNG in order); 0 is transparent.
/// </summary>
sealed class Colouring
{
    const uint Opaque = 0xFF000000;
    const int RampSteps = 256;

    readonly RenderMode _mode;
    readonly uint[] _table;
    readonly float[] _low;
    readonly float[] _scale;
    readonly float _alphaScale;

    public Colouring(RasterFile raster, RenderStyle style)
    {
        var needed = style.Mode == RenderMode.Colours ? 3 : 1;
        if (style.Bands.Count != needed || style.Low.Count != needed || style.High.Count != needed
            || style.Bands.Any(band => band < 0 || band >= raster.BandCount))
            throw new ArgumentException("The style is of another raster: its bands do not fit.", nameof(style));
        _mode = style.Mode;
        _low = [.. style.Low.Select(low => (float)low)];
        _scale = [.. style.Low.Zip(style.High, (low, high) => high > low ? (float)(255 / (high - low)) : 0)];
        _alphaScale = raster.AlphaBand is null ? 0 : raster.SampleType.IsFloat() ? 1
            : (float)(255 / raster.SampleType.Range().Max);
        Drawn = raster.AlphaBand is { } alpha ? [.. style.Bands, alpha] : [.. style.Bands];
        _table = style.Mode switch
        {
            RenderMode.Classes => Classes(raster),
            RenderMode.Ramp => Ramps.Steps(style.Ramp, RampSteps),
            _ => [],
        };
    }

    /// <summary>The bands whose values make the colour, the alpha band last when there is one.</summary>
    public int[] Drawn { get; }

    /// <summary>The value of a drawn band that is drawn darkest.</summary>
    public float Darkest(int index) => _low[index];

    /// <summary>The colour of a pixel by its values in the order of <see cref="Drawn"/>; it is not absent.</summary>
    public uint Of(ReadOnlySpan<float> values)
    {
        var alpha = _alphaScale == 0 ? Opaque : (uint)Math.Clamp(values[^1] * _alphaScale + 0.5f, 0, 255) << 24;
        return _mode switch
        {
            RenderMode.Colours => alpha | Step(values[0], 0) | Step(values[1], 1) << 8 | Step(values[2], 2) << 16,
            RenderMode.Ramp => (_table[Step(values[0], 0)] & ~Opaque) | alpha,
            _ => Class(values[0], alpha),
        };
    }

    uint Step(float value, int index) => (uint)(Math.Clamp((value - _low[index]) * _scale[index], 0, 255) + 0.5f);

    uint Class(float value, uint alpha)
    {
        var index = value >= 0 && value < _table.Length ? (int)value : (int)((long)value & 0xFF);
        var colour = _table[index];
        return (colour & Opaque) == 0 ? 0 : (colour & ~Opaque) | alpha;
    }

    static uint[] Classes(RasterFile raster)
    {
        if (raster.Palette is { } palette)
            return [.. palette.Select(argb => (argb & 0xFF00FF00) | (argb & 0xFF) << 16 | (argb >> 16 & 0xFF))];
        // The golden angle keeps the hues of any few neighbours far apart.
        return [.. Enumerable.Range(0, 256).Select(i => Hue(i * 137.50776 % 360, i % 3))];
    }

    static uint Hue(double degrees, int shade)
    {
        var value = shade switch { 0 => 0.85, 1 => 0.6, _ => 1.0 };
        uint Channel(double offset)
        {
            var k = (offset + degrees / 60) % 6;
            return (uint)(255 * (value - value * 0.65 * Math.Max(0, Math.Min(Math.Min(k, 4 - k), 1))));
        }
        return Opaque | Channel(5) | Channel(3) << 8 | Channel(1) << 16;
    }
}

/// <summary>The ramps as tables of colours.</summary>
static class Ramps
{
    static readonly uint[] Gray = [0x000000, 0xFFFFFF];
    static readonly uint[] Terrain = [0x2E6B3E, 0x8DB360, 0xE6D9A2, 0xB08A5B, 0x8A7468, 0xFFFFFF];
    static readonly uint[] Viridis =
        [0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6DCD59, 0xB4DE2C, 0xFDE725];

    /// <summary>So many steps of a ramp, opaque, 0xAABBGGRR.</summary>
    public static uint[] Steps(Ramp ramp, int count)
    {
        var stops = ramp switch { Ramp.Terrain => Terrain, Ramp.Viridis => Viridis, _ => Gray };
        var steps = new uint[count];
        for (var i = 0; i < count; i++)
        {
            var at = (double)i / (count - 1) * (stops.Length - 1);
            var first = Math.Min((int)at, stops.Length - 2);
            uint Channel(int shift)
            {
                var (a, b) = (stops[first] >> shift & 0xFF, stops[first + 1] >> shift & 0xFF);
                return (uint)Math.Round(a + ((double)b - a) * (at - first));
            }
            steps[i] = 0xFF000000 | Channel(16) | Channel(8) << 8 | Channel(0) << 16;
        }
        return steps;
    }
}
