using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Finds the changes behind a position, a bounded number of rows at a time.</summary>
/// <remarks>
/// A change says when it is noted how many documents it held. So a page first finds how far it has to go for as many as
/// are wanted, and only looks at those; where they have changed again since, it goes on, further each time, up to a
/// bound. What was passed by then is never looked at again: <see cref="Page.Reached"/> is behind it.
/// </remarks>
/// <param name="tx">The moment that is read.</param>
/// <param name="view">Who reads.</param>
/// <param name="only">The collections that are wanted; null for all.</param>
/// <param name="documents">Whether the documents are wanted too.</param>
sealed class ChangePages(Tx tx, View view, IReadOnlyList<string>? only, bool documents)
{
    /// <summary>Documents that one request goes by at the most, where they have changed again since.</summary>
    internal const int MostGoneBy = 50_000;

    /// <summary>Changes that one step goes by.</summary>
    const int MostPositions = 2_000;

    const int SmallestStep = 1_000;

    /// <summary>A document that changed.</summary>
    internal sealed record Found(CatalogueChange Change, ChangePosition Position, string? Body) : IRow<Found>
    {
        public static Found Read(Row row)
        {
            var kind = row.Int("kind");
            var isItem = row.Text("id").Length > 0 && kind > 0;
            var at = row.Time("changed_at");
            var change = new CatalogueChange(
                row.Long("position"),
                kind == 2 ? ChangeType.Deleted
                    : row.TimeOrNull("created_at") == at ? ChangeType.Created : ChangeType.Updated,
                isItem ? ChangeKind.Item : ChangeKind.Collection, row.Text("collection"),
                isItem ? row.Text("id") : row.Text("collection"), row.LongOrNull("version"), at);
            return new Found(change, new ChangePosition(change.Position, kind, row.Long("row_id")),
                row.TextOrNull("body"));
        }
    }

    /// <summary>What one request finds.</summary>
    /// <param name="Changes">The changes, in order.</param>
    /// <param name="Reached">How far it got.</param>
    internal readonly record struct Page(List<Found> Changes, ChangePosition Reached);

    sealed record Reach(long Upto, long Items) : IRow<Reach>
    {
        public static Reach Read(Row row) => new(row.Long("upto"), row.Long("items"));
    }

    /// <summary>The changes behind a position, no more than <paramref name="limit"/>.</summary>
    public async Task<Page> After(ChangePosition since, int limit)
    {
        var (found, reached) = (new List<Found>(), since);
        for (long step = Math.Max(limit, SmallestStep), goneBy = 0; goneBy < MostGoneBy; step *= 4)
        {
            var reach = (await tx.One<Reach>(Ahead(reached, Math.Min(step, MostGoneBy - goneBy))))!;
            if (reach.Items == 0) break;
            found.AddRange(await tx.All<Found>(Between(reached, reach.Upto, limit - found.Count)));
            if (found.Count == limit) return new Page(found, found[^1].Position);
            reached = new ChangePosition(reach.Upto);
            goneBy += reach.Items;
        }
        return new Page(found, reached);
    }

    // How far so many documents reach, or one change if that alone holds more.
    Sql Ahead(ChangePosition since, long items) => $"""
        select coalesce(max(position), 0) as upto, coalesce(sum(items), 0) as items from (
            select position, items, sum(items) over (order by position) - items as before from (
                select position, items from catalogue_changes where org = {view.Org} and position >= {First(since)}
                order by position limit {Math.Min(items, MostPositions)}) as ahead) as counted
        where before < {items}
        """;

    static long First(ChangePosition since) => since.Kind is null ? since.Position + 1 : since.Position;

    Sql Between(ChangePosition since, long upto, int limit)
    {
        Sql body = documents ? view.Body($"bodies") : $"cast(null as text)";
        Sql ofItem = documents ? $"join catalogue_bodies as bodies on bodies.row_id = things.row_id" : Sql.Empty;
        Sql ofCollection = documents ? view.Body($"things") : $"cast(null as text)";
        // Who reads a collection as shared with him does so whether or not everybody else may.
        Sql told = view is { IsExternal: true, Only: null } ? $"not things.is_hidden" : (Sql)$"true";
        var collections = new Things(
            0, $"catalogue_collections", $"cast(0 as bigint)", $"things.id", $"''", $"things.created_at", ofCollection,
            Sql.Empty, $"true");
        var items = new Things(
            1, $"catalogue_items", $"things.row_id", $"things.collection", $"things.id", $"things.created_at", body,
            ofItem, $"true");
        var gone = new Things(
            2, $"catalogue_history", $"things.row_id", $"things.collection", $"things.id", $"things.changed_at",
            $"cast(null as text)", Sql.Empty, $"things.body is null and {told}");
        List<Sql> parts =
            [Of(collections, quiet: false), Of(items, quiet: false), Of(gone, quiet: false)];
        if (view.IsExternal) parts.AddRange([Of(collections, quiet: true), Of(items, quiet: true)]);
        var all = Sql.Join($" union all ", parts.Select(part => (Sql)$"select * from ({part}) as part"));
        return $"""
            select * from ({all}) as found
            order by position, kind, row_id limit {limit}
            """;

        Sql Of(Things of, bool quiet)
        {
            Sql after = since.Kind switch
            {
                { } last when last > of.Kind => $"changes.position > {since.Position}",
                { } last when last == of.Kind => $"(changes.position > {since.Position} or {of.Row} > {since.RowId})",
                _ => $"true",
            };
            Sql wanted = only is null ? $"true" : (Sql)$"{of.Collection} in {PaddedLists.Of(only).First()}";
            Sql version = view.IsExternal ? $"cast(null as bigint)" : (Sql)$"things.version";
            return $"""
                select changes.position as position, {KindSql(of.Kind)} as kind, {of.Row} as row_id,
                    {of.Collection} as collection, {of.Id} as id, {version} as version,
                    {(quiet ? (Sql)$"quiet.changed_at" : $"things.changed_at")} as changed_at,
                    {of.Created} as created_at, {of.Document} as body
                from catalogue_changes as changes
                {(quiet ? Quiet(of) : (Sql)$"""
                    join {of.Table} as things on things.org = changes.org and things.change_id = changes.change_id
                    """)}
                {of.Join}
                where changes.org = {view.Org} and changes.position >= {First(since)} and changes.position <= {upto}
                    and {view.Visible(of.Collection)} and {wanted} and {of.Also} and {after}
                    and {(quiet || of.Kind == 2 || !view.IsExternal ? (Sql)$"true" : Seen(of))}
                order by position, row_id limit {limit}
                """;
        }
    }

    // What outsiders last saw change, of what has changed since where they do not see it.
    static Sql Quiet(Things of) => $"""
        join catalogue_quiet as quiet on quiet.org = changes.org and quiet.change_id = changes.change_id
        join {of.Table} as things
            on things.org = quiet.org and {of.Collection} = quiet.collection and {of.Id} = quiet.id
        """;

    static Sql Seen(Things of) => $"""
        not exists (
            select 1 from catalogue_quiet as quiet
            where quiet.org = things.org and quiet.collection = {of.Collection} and quiet.id = {of.Id})
        """;

    /// <summary>What can change, and where it is kept.</summary>
    sealed record Things(
        int Kind, Sql Table, Sql Row, Sql Collection, Sql Id, Sql Created, Sql Document, Sql Join, Sql Also);

    static Sql KindSql(int kind) => kind switch { 0 => $"0", 1 => $"1", _ => $"2" };
}
