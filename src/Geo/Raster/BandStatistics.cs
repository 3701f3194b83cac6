using System.Numerics;
using System.Runtime.InteropServices;

namespace Waypost.Geo.Raster;

/// <summary>
/// What is known about the values of one band after one pass: exact for 8 and 16 bits, where every value is counted.
/// </summary>
abstract class BandStatistics
{
    // Undeclared nodata of floats: the largest single there is, or close to it.
    protected const double Extreme = 1e38;

    public long Valid { get; protected set; }
    public double Min { get; protected set; } = double.PositiveInfinity;
    public double Max { get; protected set; } = double.NegativeInfinity;
    public long Extremes { get; protected set; }

    /// <summary>How many different values there are; null when they were not counted.</summary>
    public int? Distinct { get; protected set; }

    public abstract double Mean { get; }
    public abstract double StandardDeviation { get; }

    /// <summary>
    /// Mean difference of neighbours in a row: small against the deviation for surfaces, large for noise.
    /// </summary>
    public double Roughness => _neighbours == 0 ? 0 : _roughness / _neighbours;

    protected double _roughness;
    protected long _neighbours;

    /// <summary>
    /// Takes in samples of consecutive pixels; <paramref name="shown"/> is empty or tells by pixel whether it is seen
    /// (alpha).
    /// </summary>
    public abstract void Append(ReadOnlySpan<byte> samples, ReadOnlySpan<bool> shown);

    /// <summary>The value that this share of the valid values does not exceed.</summary>
    public abstract double Quantile(double share);

    /// <summary>Called once after the last sample.</summary>
    public virtual void Finish() { }

    public static BandStatistics For(SampleType type, double? noData, long pixels) => type switch
    {
        SampleType.UInt8 => new Counted<byte>(256, 0, noData),
        SampleType.Int8 => new Counted<sbyte>(256, 128, noData),
        SampleType.UInt16 => new Counted<ushort>(65536, 0, noData),
        SampleType.Int16 => new Counted<short>(65536, 32768, noData),
        SampleType.UInt32 => new Sampled<uint>(noData, pixels),
        SampleType.Int32 => new Sampled<int>(noData, pixels),
        SampleType.Float32 => new Sampled<float>(noData, pixels),
        _ => new Sampled<double>(noData, pixels),
    };

    sealed class Counted<T>(int size, int zero, double? noData) : BandStatistics where T : unmanaged, IBinaryInteger<T>
    {
        readonly long[] _counts = new long[size];
        double _mean;
        double _deviation;

        public override double Mean => _mean;
        public override double StandardDeviation => _deviation;

        public override void Append(ReadOnlySpan<byte> samples, ReadOnlySpan<bool> shown)
        {
            var values = MemoryMarshal.Cast<byte, T>(samples);
            var counts = _counts;
            if (shown.IsEmpty)
                foreach (var value in values)
                    counts[int.CreateTruncating(value) + zero]++;
            else
                for (var i = 0; i < values.Length; i++)
                    if (shown[i])
                        counts[int.CreateTruncating(values[i]) + zero]++;
            if (size > 256)
                Measure(values);
        }

        public override void Finish()
        {
            if (noData is { } absent && absent + zero >= 0 && absent + zero < size)
                _counts[(int)absent + zero] = 0;
            var (sum, squares, distinct) = (0d, 0d, 0);
            for (var i = 0; i < size; i++)
            {
                if (_counts[i] == 0)
                    continue;
                var (value, count) = (i - zero, _counts[i]);
                distinct++;
                Valid += count;
                sum += (double)value * count;
                squares += (double)value * value * count;
                (Min, Max) = (Math.Min(Min, value), Math.Max(Max, value));
            }
            Distinct = distinct;
            _mean = sum / Valid;
            _deviation = Math.Sqrt(Math.Max(squares / Valid - _mean * _mean, 0));
        }

        public override double Quantile(double share)
        {
            var wanted = (long)Math.Ceiling(share * Valid);
            var seen = 0L;
            for (var i = 0; i < size; i++)
                if ((seen += _counts[i]) >= wanted && seen > 0)
                    return i - zero;
            return Max;
        }

        void Measure(ReadOnlySpan<T> values)
        {
            const int every = 8;
            for (var i = every; i < values.Length; i += every)
            {
                var (a, b) = (int.CreateTruncating(values[i - 1]), int.CreateTruncating(values[i]));
                if (a == noData || b == noData)
                    continue;
                _roughness += Math.Abs(a - b);
                _neighbours++;
            }
        }
    }

    sealed class Sampled<T>(double? noData, long pixels) : BandStatistics where T : unmanaged, INumber<T>
    {
        const int Samples = 1 << 16;

        readonly bool _hasNoData = noData is not null;
        readonly T _noData = T.CreateSaturating(noData ?? 0);
        readonly List<double> _samples = [];
        readonly long _every = Math.Max(1, pixels / Samples);
        long _next;
        double _shift;
        double _sum;
        double _squares;

        public override double Mean => _shift + _sum / Valid;
        public override double StandardDeviation =>
            Math.Sqrt(Math.Max(_squares / Valid - _sum / Valid * (_sum / Valid), 0));

        public override void Append(ReadOnlySpan<byte> samples, ReadOnlySpan<bool> shown)
        {
            var values = MemoryMarshal.Cast<byte, T>(samples);
            var (min, max) = (Min, Max);
            double? last = null;
            for (var i = 0; i < values.Length; i++)
            {
                var value = values[i];
                if (T.IsNaN(value) || T.IsInfinity(value) || (_hasNoData && value == _noData)
                    || (!shown.IsEmpty && !shown[i]))
                {
                    last = null;
                    continue;
                }
                var number = double.CreateTruncating(value);
                // Sums around the first value keep their digits when all values are large.
                if (Valid++ == 0)
                    _shift = Math.Abs(number) < Extreme ? number : 0;
                if (Math.Abs(number) >= Extreme)
                    Extremes++;
                min = Math.Min(min, number);
                max = Math.Max(max, number);
                _sum += number - _shift;
                _squares += (number - _shift) * (number - _shift);
                if (last is { } before)
                {
                    _roughness += Math.Abs(number - before);
                    _neighbours++;
                }
                last = number;
                if (--_next < 0)
                {
                    _samples.Add(number);
                    _next = _every - 1;
                }
            }
            (Min, Max) = (min, max);
        }

        public override void Finish() => _samples.Sort();

        public override double Quantile(double share) =>
            _samples.Count == 0 ? Min : _samples[Math.Clamp((int)(share * _samples.Count), 0, _samples.Count - 1)];
    }
}
