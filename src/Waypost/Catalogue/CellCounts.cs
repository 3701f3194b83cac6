using System.Globalization;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Counts items by the cell of a grid that the middle of their box is in.</summary>
/// <param name="db">Where they are.</param>
/// <param name="precision">How fine the grid is: the letters of geohashes, or the zoom of map tiles.</param>
sealed class CellCounts(Db db, int precision)
{
    /// <summary>Where the square of the map tiles ends, in degrees north and south: beyond are the poles, which are
    /// counted to the last tiles.</summary>
    const double LastLatitude = 85.0511287798066;

    sealed record Cell(double Column, double Line, long N) : IRow<Cell>
    {
        public static Cell Read(Row row) => new(row.Double("x"), row.Double("y"), row.Long("n"));
    }

    /// <summary>The cells of the geohash grid with the most items.</summary>
    public Task<Aggregations.Aggregation> Hashes(string name, Matches hits, CancellationToken ct)
    {
        var (columns, rows) = Geohashes.Size(precision);
        return Answer(
            name, hits, $"(latitude + 90) / 180", columns, rows,
            (column, row) => Geohashes.Name(column, row, precision), ct);
    }

    /// <summary>The map tiles (zoom/x/y, y from the north) with the most items.</summary>
    public Task<Aggregations.Aggregation> Tiles(string name, Matches hits, CancellationToken ct)
    {
        var side = 1L << precision;
        return Answer(
            name, hits, $"cql_mercator(cql_least(cql_greatest(latitude, {-LastLatitude}), {LastLatitude}))", side, side,
            (column, row) => string.Create(CultureInfo.InvariantCulture, $"{precision}/{column}/{row}"), ct);
    }

    // The share of the grid's height is 0 where its rows begin and 1 where they end.
    async Task<Aggregations.Aggregation> Answer(
        string name, Matches hits, Sql shareOfHeight, long columns, long rows, Func<long, long, string> nameOf,
        CancellationToken ct)
    {
        var cells = await db.All<Cell>($"""
            select x, y, count(*) as n from (
                select cql_floor((longitude + 180) / 360 * {(double)columns}) as x,
                    cql_floor({shareOfHeight} * {(double)rows}) as y
                from (
                    select (west + east) / 2 as longitude, (south + north) / 2 as latitude
                    from {hits.From} where {hits.Where} and west is not null
                ) as middles
            ) as cells
            group by x, y order by n desc, x, y limit {ValueCounts.MostBuckets + 1}
            """, ct);
        // What lies on the last edge belongs to the last cell.
        var buckets = cells.Take(ValueCounts.MostBuckets).GroupBy(cell => nameOf(
                Math.Clamp((long)cell.Column, 0, columns - 1), Math.Clamp((long)cell.Line, 0, rows - 1)))
            .Select(group => new Aggregations.Bucket(group.Key, "string", group.Sum(cell => cell.N))).ToList();
        long? overflow = 0;
        if (cells.Count > ValueCounts.MostBuckets)
            overflow = (await db.One<Number>($"""
                select count(*) as n from {hits.From} where {hits.Where} and west is not null
                """, ct))!.N - buckets.Sum(bucket => bucket.Frequency);
        return new(name, "string", Buckets: buckets, Overflow: overflow);
    }
}
