using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Waypost.Hosting;

/// <summary>Keeps what the process measures (requests, connections, the runtime, our own meters) and writes it in
/// Prometheus' text format, version 0.0.4.</summary>
/// <remarks>Only known labels are kept, and a bounded number of series per instrument: no caller can make it grow.
/// </remarks>
sealed class MetricsBook : IDisposable
{
    const int MostSeries = 2000;

    static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Waypost.Storage",
    ];

    static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal)
    {
        ["http.request.method"] = "method",
        ["http.route"] = "route",
        ["http.response.status_code"] = "status",
        ["gc.heap.generation"] = "generation",
        ["cpu.mode"] = "mode",
    };

    /// <summary>Seconds, as the conventions for HTTP servers have them.</summary>
    static readonly double[] Buckets =
        [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60];

    readonly MeterListener listener = new();
    readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, Series>> book = new();

    public MetricsBook()
    {
        listener.InstrumentPublished = (instrument, on) =>
        {
            if (Meters.Contains(instrument.Meter.Name)) on.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
    }

    /// <summary>Everything measured so far, and these figures of the moment.</summary>
    public string Write(IEnumerable<(string Name, string Help, string Labels, double Value)> figures)
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var (instrument, series) in book.OrderBy(entry => entry.Key.Name, StringComparer.Ordinal))
            WriteInstrument(text, instrument, series);
        foreach (var figure in figures.GroupBy(figure => (figure.Name, figure.Help)))
        {
            Head(text, figure.Key.Name, "gauge", figure.Key.Help);
            foreach (var (name, _, labels, value) in figure) Line(text, name, labels, value);
        }
        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    /// <summary>A label as it is written: <c>state="ready"</c>.</summary>
    public static string Label(string name, string value) => $"{name}=\"{Escaped(value)}\"";

    void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<string>(3);
        foreach (var (key, said) in tags)
            if (Labels.TryGetValue(key, out var name) && said is not null)
                labels.Add(Label(name, Convert.ToString(said, CultureInfo.InvariantCulture)!));
        var series = book.GetOrAdd(instrument, _ => new(StringComparer.Ordinal));
        labels.Sort(StringComparer.Ordinal);
        var at = string.Join(',', labels);
        if (series.Count >= MostSeries && !series.ContainsKey(at)) at = Label("route", "(others)");
        var one = series.GetOrAdd(at, _ => new Series());
        // What observes tells the whole each time; the others tell each step.
        if (instrument.IsObservable) one.Set(value);
        else one.Add(value, KindOf(instrument));
    }

    static void WriteInstrument(
        StringBuilder text, Instrument instrument, ConcurrentDictionary<string, Series> series)
    {
        var kind = KindOf(instrument);
        var name = Name(instrument, kind);
        Head(text, name, kind.ToString().ToLowerInvariant(), instrument.Description ?? instrument.Name);
        foreach (var (labels, one) in series.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            one.Write(text, name, labels, kind);
    }

    static string Name(Instrument instrument, Kind kind)
    {
        var name = instrument.Name.Replace('.', '_').Replace('-', '_');
        if (instrument.Unit == "s" && !name.EndsWith("_seconds", StringComparison.Ordinal)) name += "_seconds";
        if (instrument.Unit == "By" && !name.EndsWith("_bytes", StringComparison.Ordinal)) name += "_bytes";
        return kind == Kind.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    static Kind KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Histogram" => Kind.Histogram,
        "Counter" or "ObservableCounter" => Kind.Counter,
        _ => Kind.Gauge,
    };

    static void Head(StringBuilder text, string name, string kind, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help.ReplaceLineEndings(" ")}\n")
            .Append(CultureInfo.InvariantCulture, $"# TYPE {name} {kind}\n");

    static void Line(StringBuilder text, string name, string labels, double value) => text.Append(name)
        .Append(labels.Length > 0 ? "{" + labels + "}" : "")
        .Append(CultureInfo.InvariantCulture, $" {value}\n");

    static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    enum Kind
    {
        Counter,
        Gauge,
        Histogram,
    }

    /// <summary>The values of one instrument under one set of labels.</summary>
    sealed class Series
    {
        readonly Lock gate = new();
        readonly long[] counts = new long[Buckets.Length + 1];
        double sum;
        long count;

        public void Add(double value, Kind kind)
        {
            lock (gate)
            {
                sum += value;
                if (kind != Kind.Histogram) return;
                count++;
                var bucket = Array.FindIndex(Buckets, limit => value <= limit);
                counts[bucket < 0 ? Buckets.Length : bucket]++;
            }
        }

        public void Set(double value)
        {
            lock (gate) sum = value;
        }

        public void Write(StringBuilder text, string name, string labels, Kind kind)
        {
            lock (gate)
            {
                if (kind != Kind.Histogram)
                {
                    Line(text, name, labels, sum);
                    return;
                }
                var comma = labels.Length > 0 ? "," : "";
                var below = 0L;
                for (var i = 0; i < Buckets.Length; i++)
                {
                    below += counts[i];
                    var limit = Buckets[i].ToString(CultureInfo.InvariantCulture);
                    Line(text, name + "_bucket", $"{labels}{comma}le=\"{limit}\"", below);
                }
                Line(text, name + "_bucket", $"{labels}{comma}le=\"+Inf\"", count);
                Line(text, name + "_sum", labels, sum);
                Line(text, name + "_count", labels, count);
            }
        }
    }
}
