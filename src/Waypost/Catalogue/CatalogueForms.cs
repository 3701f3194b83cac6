using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Prepares documents again that were prepared in another way: by an older version, or while outsiders might
/// see other schemes of addresses.</summary>
/// <remarks>
/// <c>catalogue_forms</c> says in which form the rows are, and how far a change of it has come; a stop in the middle
/// goes on where it was. Until it is complete the external view does not answer: a row of the old form may show what nobody
/// outside is to see. Whatever is written meanwhile is in the new form already.
/// </remarks>
sealed class CatalogueForms(Databases databases, Preparing how, TimeProvider clock)
{
    /// <summary>Items that are prepared again in one go.</summary>
    const int Piece = 500;

    static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    volatile bool isComplete;

    sealed record State(long Reached, bool IsComplete) : IRow<State>
    {
        public static State Read(Row row) => new(row.Long("reached"), row.Bool("is_complete"));
    }

    sealed record Place(long RowId, string Org, string Collection) : IRow<Place>
    {
        public static Place Read(Row row) => new(row.Long("row_id"), row.Text("org"), row.Text("collection"));
    }

    sealed record Named(string Org, string Id) : IRow<Named>
    {
        public static Named Read(Row row) => new(row.Text("org"), row.Text("id"));
    }

    public BackgroundLoop Loop() => new("catalogue.forms", TimeSpan.FromMinutes(5), async ct =>
    {
        await Complete(ct);
        await Task.Delay(Every, clock, ct);
    });

    /// <summary>Refuses while rows may still be in another form.</summary>
    /// <exception cref="Refused">503: they may; Retry-After says when to ask again.</exception>
    public async Task MustBeComplete(CancellationToken ct)
    {
        if (isComplete) return;
        foreach (var db in databases.All)
            if (!(await Begin(db, ct)).IsComplete)
                throw new Refused(StatusCodes.Status503ServiceUnavailable, "CATALOGUE_REINDEXING",
                    "What outsiders may see of the catalogue is being worked out again.", "Ask again in a moment.")
                {
                    RetryAfter = AskAgain,
                };
        isComplete = true;
    }

    /// <summary>Prepares again whatever there is to.</summary>
    public async Task Complete(CancellationToken ct)
    {
        if (isComplete) return;
        foreach (var db in databases.All) await Complete(db, ct);
        isComplete = true;
    }

    async Task Complete(Db db, CancellationToken ct)
    {
        var state = await Begin(db, ct);
        if (state.IsComplete) return;
        foreach (var collection in await Collections(db, ct))
            await FormWriting.Collection(db, collection.Org, collection.Id, how, clock.GetUtcNow(), ct);
        for (var reached = state.Reached; ;)
        {
            var piece = await Items(db, reached, ct);
            foreach (var group in piece.GroupBy(item => (item.Org, item.Collection)))
                await FormWriting.Items(
                    db, group.Key.Org, group.Key.Collection, [.. group.Select(item => item.RowId)], how,
                    clock.GetUtcNow(), ct);
            reached = piece.Count > 0 ? piece[^1].RowId : reached;
            await Note(db, reached, piece.Count < Piece, ct);
            if (piece.Count < Piece) return;
        }
    }

    // A database without documents is in any form there is.
    async Task<State> Begin(Db db, CancellationToken ct)
    {
        var form = how.Form;
        if (await Find(db, ct) is { } known) return known;
        await using var tx = (await db.Begin(ct)).AcrossOrganizations("the form of documents is one for all");
        var any = await tx.Count($"""
            select count(*) as n from (select 1 as one from catalogue_collections limit 1) as first
            """) > 0;
        await tx.Run($"delete from catalogue_forms where form <> {form}");
        await tx.Run($"""
            insert into catalogue_forms (form, reached, is_complete) values ({form}, {0L}, {!any})
            on conflict (form) do nothing
            """);
        await tx.Commit();
        return (await Find(db, ct))!;
    }

    Task<State?> Find(Db db, CancellationToken ct) => db.One<State>($"""
        select reached, is_complete from catalogue_forms where form = {how.Form}
        """, ct);

    async Task Note(Db db, long reached, bool isLast, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        await tx.Run($"""
            update catalogue_forms set reached = {reached}, is_complete = {isLast}
            where form = {how.Form} and reached <= {reached} and not is_complete
            """);
        await tx.Commit();
    }

    static async Task<List<Named>> Collections(Db db, CancellationToken ct)
    {
        await using var tx = (await db.Read(ct)).AcrossOrganizations("documents of all are prepared again");
        return await tx.All<Named>($"select org, id from catalogue_collections order by org, id");
    }

    static async Task<List<Place>> Items(Db db, long after, CancellationToken ct)
    {
        await using var tx = (await db.Read(ct)).AcrossOrganizations("documents of all are prepared again");
        return await tx.All<Place>($"""
            select row_id, org, collection from catalogue_items where row_id > {after} order by row_id limit {Piece}
            """);
    }
}
