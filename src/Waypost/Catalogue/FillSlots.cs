using Waypost.Events;
using Waypost.Geo.Cql2;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Fills the columns of properties that were promoted, piece by piece, beside the requests.</summary>
/// <remarks>Whoever writes items fills the columns of what he writes from the promotion on, so that only the items that
/// were there before are left. A piece holds their collections, so that nobody changes an item in the middle of it.
/// Where it stopped it goes on, in whatever process.</remarks>
sealed class FillSlots(Databases databases)
{
    /// <summary>Woken when something was promoted.</summary>
    public const string Channel = "catalogue.promotions";

    static readonly TimeSpan Every = TimeSpan.FromSeconds(20);

    /// <summary>Items of a piece: writers of their collections wait for so many.</summary>
    const int Piece = 2_000;

    sealed record Waiting(string Org, string Name, string Types, string Slot, long FilledTo) : IRow<Waiting>
    {
        public static Waiting Read(Row row) => new(
            row.Text("org"), row.Text("name"), row.Text("types"), row.Text("slot"), row.Long("filled_to"));
    }

    sealed record Item(long RowId, string Collection) : IRow<Item>
    {
        public static Item Read(Row row) => new(row.Long("row_id"), row.Text("collection"));
    }

    public BackgroundLoop Loop() => new("catalogue.promotions", TimeSpan.FromMinutes(2), async ct =>
    {
        await Fill(ct);
        await databases.Shared.Woken(Channel, Every, ct);
    });

    /// <summary>Fills all that there is to fill at this moment. One that fails does not keep the others.</summary>
    public async Task Fill(CancellationToken ct)
    {
        var failures = new List<Exception>();
        foreach (var db in databases.All)
            foreach (var waiting in await Find(db, ct))
                try
                {
                    while (await FillPiece(db, waiting.Org, waiting.Name, ct))
                    {
                    }
                }
                catch (Exception failure)
                    when (failure is not (OperationCanceledException or StorageUnavailableException))
                {
                    failures.Add(new InvalidOperationException(
                        $"The column of {waiting.Name} of {waiting.Org} could not be filled.", failure));
                }
        if (failures.Count > 0) throw new AggregateException(failures);
    }

    static async Task<List<Waiting>> Find(Db db, CancellationToken ct)
    {
        await using var tx = (await db.Read(ct)).AcrossOrganizations("the promotion loop fills the columns of all");
        return await tx.All<Waiting>($"""
            select org, name, types, slot, filled_to from catalogue_queryables
            where collection = '' and slot is not null and not is_filled order by org, name
            """);
    }

    // True while there is more to do for this one.
    static async Task<bool> FillPiece(Db db, string org, string name, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        if (await Reread(tx, org, name, Sql.Empty) is not { } before) return false;
        var items = await tx.All<Item>($"""
            select row_id, collection from catalogue_items where org = {org} and row_id > {before.FilledTo}
            order by row_id limit {Piece}
            """);
        // Collections first, as everybody does who writes: none waits for another in a circle.
        foreach (var collection in items.Select(item => item.Collection).Distinct().Order(StringComparer.Ordinal))
            await tx.All<Words>($"""
                select id as t from catalogue_collections where org = {org} and id = {collection} {tx.ForUpdate}
                """);
        var now = await Reread(tx, org, name, tx.ForUpdate);
        if (now != before) return now is not null;

        var hides = false;
        if (items.Count > 0)
        {
            var (first, last) = (items[0].RowId, items[^1].RowId);
            await Copy(tx, org, now, first, last);
            hides = await HidesSome(tx, org, name, first, last);
        }
        await tx.Run($"""
            update catalogue_queryables
            set filled_to = {(items.Count > 0 ? items[^1].RowId : now.FilledTo)}, is_filled = {items.Count < Piece},
                is_hidden = is_hidden or {hides}
            where org = {org} and collection = '' and name = {name}
            """);
        await tx.Commit();
        return items.Count == Piece;
    }

    static Task<Waiting?> Reread(Tx tx, string org, string name, Sql forUpdate) => tx.One<Waiting>($"""
        select org, name, types, slot, filled_to from catalogue_queryables
        where org = {org} and collection = '' and name = {name} and slot is not null and not is_filled {forUpdate}
        """);

    static async Task Copy(Tx tx, string org, Waiting of, long first, long last)
    {
        var column = Slot.Of(of.Slot).Column;
        var value = Value(QueryableTypes.Declared(of.Types), of.Name);
        await tx.Run($"""
            update catalogue_items set {column} = (
                select {value} from catalogue_properties as props
                where props.org = {org} and props.row_id = catalogue_items.row_id)
            where org = {org} and row_id between {first} and {last} and ({column} is not null or exists (
                select 1 from catalogue_properties as props
                where props.org = {org} and props.row_id = catalogue_items.row_id and {value} is not null))
            """);
    }

    // An item may have been written when its collection already had more names than are noted.
    static async Task<bool> HidesSome(Tx tx, string org, string name, long first, long last) => await tx.Count($"""
        select count(*) as n from catalogue_properties as props
        where org = {org} and row_id between {first} and {last} and external is not null
            and cql_member(properties, {name}) is not null and (cql_member(external, {name}) is null
                or cql_member(external, {name}) <> cql_member(properties, {name}))
        """) > 0;

    // The same values as PromotedSlots gives.
    static Sql Value(Cql2Type type, string name) => type switch
    {
        Cql2Type.Number => $"cql_number(props.properties, {name})",
        Cql2Type.Boolean => $"""
            case when cql_boolean(props.properties, {name}) then 1.0
                when not cql_boolean(props.properties, {name}) then 0.0 end
            """,
        Cql2Type.Date or Cql2Type.Timestamp => $"cql_first(props.properties, {name})",
        _ => $"substr(cql_text(props.properties, {name}), 1, {PromotedSlots.LongestText})",
    };
}
