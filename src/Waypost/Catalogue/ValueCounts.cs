using System.Globalization;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Counts the values of one property: each text, ranges of numbers, stretches of time.</summary>
sealed class ValueCounts(Db db, AggregateWish wish, Matches hits, PropertyColumn column)
{
    /// <summary>Buckets of one aggregation; what is in no bucket is its overflow.</summary>
    public const int MostBuckets = 1_000;

    /// <summary>Different days, hours or seconds that one aggregation goes through.</summary>
    const int MostStretches = 50_000;

    const int LongestText = 256;
    const int UsualRanges = 10;

    sealed record Spread(long N, double? Least, double? Greatest, double? Sum) : IRow<Spread>
    {
        public static Spread Read(Row row) => new(
            row.Long("n"), row.DoubleOrNull("least"), row.DoubleOrNull("greatest"), row.DoubleOrNull("total"));
    }

    sealed record Step(double Key, long N) : IRow<Step>
    {
        public static Step Read(Row row) => new(row.Double("key"), row.Long("n"));
    }

    // So much of a text counts; a number, a moment and a truth value are all a number to the database.
    Sql Value => column.Kind is not PropertyKind.Text ? $"({column.Expression} + 0e0)"
        : column.NeedsProperties ? $"(substr({column.Expression}, 1, {LongestText}) collate \"C\")"
        : column.Expression;

    Sql Values => $"(select {Value} as v from {hits.From} where {hits.Where}) as hits";

    /// <summary>One number or moment: the least, the greatest, the mean or the sum.</summary>
    public async Task<Aggregations.Aggregation> Single(string name, string which, CancellationToken ct)
    {
        if (column.Kind is PropertyKind.Text or PropertyKind.Boolean
            || column.Kind is PropertyKind.Moment && which is "avg" or "sum")
            throw SearchWish.Bad("aggregations", $"aggregations names {name}, but the values are no numbers.");
        var spread = await SpreadOf(ct);
        var value = which switch
        {
            "min" => spread.Least,
            "max" => spread.Greatest,
            "sum" => spread.Sum,
            _ => spread.N == 0 ? null : spread.Sum / spread.N,
        };
        return column.Kind is PropertyKind.Moment
            ? new(name, "datetime", value is null ? null : Moments.Text((long)value))
            : new(name, "numeric", value);
    }

    /// <summary>How often which values are there.</summary>
    public Task<Aggregations.Aggregation> Frequencies(string name, CancellationToken ct) => column.Kind switch
    {
        PropertyKind.Number => Ranges(name, ct),
        PropertyKind.Moment => Times(name, ct),
        PropertyKind.Boolean => Truths(name, ct),
        _ => Texts(name, ct),
    };

    async Task<Spread> SpreadOf(CancellationToken ct) => (await db.One<Spread>($"""
        select count(v) as n, min(v) as least, max(v) as greatest, sum(v) as total from {Values}
        """, ct))!;

    async Task<Aggregations.Aggregation> Texts(string name, CancellationToken ct)
    {
        var terms = await db.All<Term>($"""
            select v as key, count(*) as n from {Values} where v is not null
            group by v order by n desc, key limit {MostBuckets}
            """, ct);
        var overflow = terms.Count < MostBuckets ? 0
            : (await SpreadlessCount(ct)) - terms.Sum(term => term.N);
        return new(name, "string", Buckets:
            [.. terms.Select(term => new Aggregations.Bucket(term.Key, "string", term.N))], Overflow: overflow);
    }

    async Task<long> SpreadlessCount(CancellationToken ct) =>
        (await db.One<Number>($"select count(v) as n from {Values}", ct))!.N;

    async Task<Aggregations.Aggregation> Truths(string name, CancellationToken ct)
    {
        var steps = await Steps($"v", ct);
        return new(name, "boolean", Buckets:
            [.. steps.Select(step => new Aggregations.Bucket(step.Key == 0 ? "false" : "true", "boolean", step.N))]);
    }

    async Task<Aggregations.Aggregation> Ranges(string name, CancellationToken ct)
    {
        var (edges, open) = (wish.Ranges, true);
        if (edges.Count == 0)
        {
            var spread = await SpreadOf(ct);
            if (spread.N == 0) return new(name, "numeric", Buckets: [], Overflow: 0);
            (edges, open) = (Even(spread.Least!.Value, spread.Greatest!.Value), false);
        }
        var cases = Sql.Join($" ", edges.Select((edge, i) => (Sql)$"when v < {edge} then {(double)i}"));
        var counts = (await Steps($"case {cases} else {(double)edges.Count} end", ct))
            .ToDictionary(step => (int)step.Key, step => step.N);
        var buckets = new List<Aggregations.Bucket>();
        for (var i = open ? 0 : 1; i <= (open ? edges.Count : edges.Count - 1); i++)
        {
            double? from = i == 0 ? null : edges[i - 1], to = i == edges.Count ? null : edges[i];
            buckets.Add(new($"{Text(from)}-{Text(to)}", "numeric", counts.GetValueOrDefault(i), from, to));
        }
        return new(name, "numeric", Buckets: buckets, Overflow: 0);
    }

    static string Text(double? edge) => edge?.ToString("R", CultureInfo.InvariantCulture) ?? "*";

    async Task<Aggregations.Aggregation> Times(string name, CancellationToken ct)
    {
        var spread = await SpreadOf(ct);
        var by = wish.Interval;
        if (by is CountedBy.Auto)
            by = TimeCounts.For((long)(spread.Least ?? 0), (long)(spread.Greatest ?? 0));
        var unit = TimeCounts.Unit(by);
        var steps = await Steps($"cql_floor(v / {(double)unit})", ct);
        if (steps.Count >= MostStretches)
            throw SearchWish.Bad("datetime_frequency_interval",
                $"There are more than {MostStretches} different stretches of time to count; count by longer ones, or "
                + "narrow the search.");
        var buckets = steps.GroupBy(step => TimeCounts.Begin((long)step.Key * unit, by))
            .OrderBy(group => group.Key)
            .Select(group => new Aggregations.Bucket(
                Moments.Text(group.Key), "datetime", group.Sum(step => step.N))).ToList();
        return new(name, "interval_" + by.ToString().ToLowerInvariant(),
            Buckets: [.. buckets.Take(MostBuckets)], Overflow: buckets.Skip(MostBuckets).Sum(one => one.Frequency));
    }

    Task<List<Step>> Steps(Sql key, CancellationToken ct) => db.All<Step>($"""
        select key, count(*) as n from (select {key} as key from {Values} where v is not null) as steps
        group by key order by key limit {MostStretches}
        """, ct);

    // Edges at round numbers, about ten ranges, the greatest value below the last.
    static List<double> Even(double least, double greatest)
    {
        var rough = (greatest - least) / UsualRanges;
        var scale = rough > 0 ? Math.Pow(10, Math.Floor(Math.Log10(rough))) : 1;
        var step = rough <= 0 ? 1 : scale * (rough / scale) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        var first = Math.Floor(least / step);
        var edges = new List<double> { Round(first) };
        for (var i = 1; edges[^1] <= greatest && i <= 2 * UsualRanges + 2; i++) edges.Add(Round(first + i));
        return edges;

        double Round(double steps) => double.Parse((steps * step).ToString("G12", CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture);
    }
}
