using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Prepares documents again that were prepared in another way: by an older version, or while outsiders might
/// see other schemes of addresses.</summary>
/// <remarks>
/// <c>catalogue_forms</c> says in which form the rows are, and how far a change of it has come; a stop in the middle
/// goes on where it was. Until it is complete the external view does not answer: a row of the old form may show what
/// nobody outside is to see. Whatever is written meanwhile is in the new form already. The server started last decides:
/// one that prepares otherwise shows outsiders nothing any more, and writes only what hides at least as much
/// (<see cref="FittingForms"/>). Every collection is locked before the first item is read, so that whoever wrote in the
/// form before has finished.
/// </remarks>
sealed partial class CatalogueForms(
    Databases databases, Preparing how, TimeProvider clock, ILogger<CatalogueForms>? logger = null)
{
    /// <summary>Woken when a server has claimed a form.</summary>
    const string Channel = "catalogue.forms";

    /// <summary>Items that are prepared again in one go.</summary>
    const int Piece = 500;

    static readonly TimeSpan Every = TimeSpan.FromSeconds(20);
    static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    volatile bool isClaimed;
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

    public BackgroundLoop Loop()
    {
        BackgroundLoop? loop = null;
        return loop = new("catalogue.forms", TimeSpan.FromMinutes(5), async ct =>
        {
            await Complete(ct, () => loop!.Beat(clock));
            await databases.Shared.Woken(Channel, Every, ct);
        });
    }

    /// <summary>Makes our form that of the databases, before the first request; one without documents has it at once.
    /// </summary>
    public async Task Claim(CancellationToken ct)
    {
        foreach (var db in databases.All) await Claim(db, ct);
        isClaimed = true;
    }

    /// <summary>Refuses while rows may still be in another form.</summary>
    /// <exception cref="Refused">503: they may; Retry-After says when to ask again.</exception>
    public async Task MustBeComplete(CancellationToken ct)
    {
        if (isComplete) return;
        if (!isClaimed) await Claim(ct);
        foreach (var db in databases.All)
        {
            var state = await Find(db, ct);
            if (state is not { IsComplete: true })
                throw new Refused(StatusCodes.Status503ServiceUnavailable, "CATALOGUE_REINDEXING",
                    state is null
                        ? "A server started later prepares documents for outsiders in another way; this one shows them "
                            + "nothing until it is started again like that one."
                        : "What outsiders may see of the catalogue is being worked out again: "
                            + $"{await Percent(db, state, ct)} % is done.", "Ask again in a moment.")
                {
                    RetryAfter = AskAgain,
                };
        }
        isComplete = true;
    }

    /// <summary>Prepares again whatever there is to.</summary>
    /// <param name="ct">Stops it; it goes on there the next time.</param>
    /// <param name="beat">Called after each piece.</param>
    public async Task Complete(CancellationToken ct, Action? beat = null)
    {
        if (!isClaimed) await Claim(ct);
        var all = true;
        foreach (var db in databases.All) all &= await Complete(db, beat, ct);
        isComplete = all;
    }

    // False where another server has another form by now.
    async Task<bool> Complete(Db db, Action? beat, CancellationToken ct)
    {
        if (await Find(db, ct) is not { } state)
        {
            if (isComplete && logger is not null) Replaced(logger, how.Form);
            return false;
        }
        if (state.IsComplete) return true;
        foreach (var collection in await Collections(db, ct))
            if (!await FormWriting.Collection(db, collection.Org, collection.Id, how, clock.GetUtcNow(), ct)
                && logger is not null)
                CollectionHidden(logger, collection.Id, collection.Org);
        for (var reached = state.Reached; ;)
        {
            var piece = await Items(db, reached, ct);
            foreach (var group in piece.GroupBy(item => (item.Org, item.Collection)))
            {
                var hidden = await FormWriting.Items(
                    db, group.Key.Org, group.Key.Collection, [.. group.Select(item => item.RowId)], how,
                    clock.GetUtcNow(), ct);
                if (hidden > 0 && logger is not null)
                    ItemsHidden(logger, hidden, group.Key.Collection, group.Key.Org);
            }
            reached = piece.Count > 0 ? piece[^1].RowId : reached;
            beat?.Invoke();
            if (await Note(db, reached, piece.Count < Piece, ct))
            {
                if (piece.Count < Piece) return true;
                continue;
            }
            // Another server is further, or has another form.
            if (await Find(db, ct) is not { } now) return false;
            if (now.IsComplete) return true;
            reached = now.Reached;
        }
    }

    async Task Claim(Db db, CancellationToken ct)
    {
        var form = how.Form;
        if (await Find(db, ct) is not null) return;
        await using var tx = (await db.Begin(ct)).AcrossOrganizations("the form of documents is one for all");
        // Whoever writes in the form before has finished with this, and who comes after sees ours.
        var any = (await tx.All<Named>($"""
            select org, id from catalogue_collections order by org, id {tx.ForUpdate}
            """)).Count > 0;
        await tx.Run($"delete from catalogue_forms where form <> {form}");
        var isNew = await tx.Run($"""
            insert into catalogue_forms (form, reached, is_complete) values ({form}, {0L}, {!any})
            on conflict (form) do nothing
            """) > 0;
        if (isNew && any) await ForgetNames(tx);
        tx.WakeAfterCommit(Channel);
        await tx.Commit();
    }

    Task<State?> Find(Db db, CancellationToken ct) => db.One<State>($"""
        select reached, is_complete from catalogue_forms where form = {how.Form}
        """, ct);

    // Which names outsiders may hear of is found anew: one that no item shows any more must not stay.
    static Task ForgetNames(Tx tx) => tx.Run($"""
        update catalogue_queryables set is_shown = false, is_hidden = false, shown_types = ''
        where collection <> '' and (is_shown or is_hidden)
        """);

    // False where another server was further, or has another form.
    async Task<bool> Note(Db db, long reached, bool isLast, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        var noted = await tx.Run($"""
            update catalogue_forms set reached = {reached}, is_complete = {isLast}
            where form = {how.Form} and reached <= {reached} and not is_complete
            """);
        await tx.Commit();
        return noted > 0;
    }

    static async Task<long> Percent(Db db, State state, CancellationToken ct)
    {
        await using var tx = (await db.Read(ct)).AcrossOrganizations("documents of all are prepared again");
        var last = await tx.Count($"select coalesce(max(row_id), 0) as n from catalogue_items");
        return 99 * Math.Min(state.Reached, last) / Math.Max(last, 1);
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

    [LoggerMessage(Level = LogLevel.Error, Message =
        "A server started later prepares documents to another form than {Form}; this one shows outsiders nothing until "
        + "it is started again like that one.")]
    static partial void Replaced(ILogger logger, string form);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Count} items of the collection {Collection} of {Org} are not valid by the rules of today; outsiders see no "
        + "more than that they are there. Correct them and write them again.")]
    static partial void ItemsHidden(ILogger logger, int count, string collection, string org);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The collection {Collection} of {Org} is not valid by the rules of today; outsiders see no more than that it "
        + "is there. Correct it and write it again.")]
    static partial void CollectionHidden(ILogger logger, string collection, string org);
}
