using System.Text.Json.Nodes;
using NetTopologySuite.Geometries;
using Waypost.Catalogue;
using Waypost.Geo.Cql2;
using Waypost.Geo.Geometry;
using Waypost.Geo.Tests.Cql2;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Random records as rows of the catalogue, to hold what is said in SQL to what is said in .NET.</summary>
/// <param name="Org">Whose rows.</param>
/// <param name="Records">The records; an item's id is its place among them.</param>
/// <param name="External">What outsiders see of each.</param>
sealed record FilterRecords(
    string Org, IReadOnlyList<(JsonObject Properties, Geometry? Geometry)> Records,
    IReadOnlyList<(JsonObject Properties, Geometry? Geometry)> External)
{
    static readonly string[] NeverHidden = ["name", "count", "flag"];

    static readonly string[] Promoted = ["name", "count", "flag", "day", "start_datetime", "eo:platform"];

    sealed record Found(string Id) : IRow<Found>
    {
        public static Found Read(Row row) => new(row.Text("id"));
    }

    sealed record Kept(long RowId, string Id) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Long("row_id"), row.Text("id"));
    }

    /// <summary>Puts this many of them into a new organization.</summary>
    public static async Task<FilterRecords> Put(Db db, string org, RandomFilters random, int count, bool promoted)
    {
        var records = Enumerable.Range(0, count).Select(_ => random.Record()).ToList();
        // Of every other one outsiders see less.
        var external = records.Select((record, at) => at % 2 == 0 ? record : Without(record, at)).ToList();
        var now = TimeProvider.System.GetUtcNow();
        await using var tx = await db.Begin(Token);
        await tx.Run($"""
            insert into catalogue_collections (org, id, version, body, hash, longest, changed_at)
            values ({org}, 'c', {1L}, '', '', {0L}, {now})
            """);
        await Declare(tx, org, promoted);
        var slots = await PromotedSlots.Read(tx, org);
        await tx.Insert($"""
            catalogue_items (org, collection, id, version, hash, starts, ends, geometry, is_box, west, south, east,
                north, changed_at, n1, n2, n3, n4, n5, n6, n7, n8, t1, t2, t3, t4, t5, t6, t7, t8)
            """, records.Select((record, at) => Row(org, at, record, now, slots)));
        var rows = await tx.All<Kept>($"select row_id, id from catalogue_items where org = {org}");
        await tx.Insert($"catalogue_properties (row_id, org, properties, external)", rows.Select(row => new object?[]
        {
            row.RowId, org, Text(records[int.Parse(row.Id, null)]),
            int.Parse(row.Id, null) % 2 == 0 ? null : Text(external[int.Parse(row.Id, null)]),
        }));
        await tx.Commit();
        return new FilterRecords(org, records, external);
    }

    /// <summary>The ids of the rows that meet a condition, in their order.</summary>
    public async Task<string> Meeting(Db db, Sql condition)
    {
        var found = await db.All<Found>($"""
            select items.id from catalogue_items as items
            join catalogue_properties as props on props.row_id = items.row_id
            where items.org = {Org} and {condition}
            """, Token);
        return string.Join(' ', found.Select(row => int.Parse(row.Id, null)).Order());
    }

    /// <summary>The same, as the evaluator has it.</summary>
    public string Matching(Cql2Expression filter, bool isExternal)
    {
        var bound = Cql2Check.Bind(filter, name => RandomFilters.Declared[name], Cql2Functions.Standard);
        var records = isExternal ? External : Records;
        return string.Join(' ', Enumerable.Range(0, records.Count)
            .Where(at => Cql2Evaluation.Matches(bound, RandomFilters.Lookup(records[at]))));
    }

    static async Task Declare(Tx tx, string org, bool promoted)
    {
        var slots = new Queue<string>(promoted ? ["t1", "n1", "n2", "n3", "n4", "t2"] : []);
        foreach (var (name, type) in RandomFilters.Declared)
        {
            if (name == RandomFilters.Geometry) continue;
            await tx.Run($"""
                insert into catalogue_queryables (org, collection, name, types, shown_types, is_shown, is_hidden)
                values ({org}, 'c', {name}, 'string', 'string', true, {!NeverHidden.Contains(name)})
                """);
            if (type == Cql2Type.Any) continue;
            var types = QueryableTypes.All.First(one => QueryableTypes.Declared(one) == type);
            var slot = Promoted.Contains(name) && promoted
                ? type == Cql2Type.Text ? Take("t") : Take("n") : null;
            await tx.Run($"""
                insert into catalogue_queryables (org, collection, name, types, declared, slot, is_filled)
                values ({org}, '', {name}, {types}, {new Json($$"""{"type":"{{types}}"}""")}, {slot},
                    {slot is not null})
                """);
        }

        string Take(string kind)
        {
            while (!slots.Peek().StartsWith(kind, StringComparison.Ordinal)) slots.Enqueue(slots.Dequeue());
            return slots.Dequeue();
        }
    }

    static object?[] Row(
        string org, int at, (JsonObject Properties, Geometry? Geometry) record, DateTimeOffset now, PromotedSlots slots)
    {
        var box = record.Geometry?.EnvelopeInternal;
        return
        [
            org, "c", $"{at}", 1L, "", 0L, 0L, record.Geometry is { } shape ? Wkb.WriteWithSrid(shape) : null, false,
            box?.MinX, box?.MinY, box?.MaxX, box?.MaxY, now, .. slots.Of(record.Properties.ToJsonString()),
        ];
    }

    static (JsonObject, Geometry?) Without((JsonObject Properties, Geometry? Geometry) record, int at)
    {
        var less = (JsonObject)record.Properties.DeepClone();
        foreach (var name in less.Select(member => member.Key).Where((_, place) => (place + at) % 3 == 0)
            .Except(NeverHidden).ToList())
            less.Remove(name);
        return (less, record.Geometry);
    }

    static Json Text((JsonObject Properties, Geometry? Geometry) record) => new(record.Properties.ToJsonString());

    static CancellationToken Token => TestContext.Current.CancellationToken;
}
