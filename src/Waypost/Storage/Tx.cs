namespace Waypost.Storage;

/// <summary>One unit of work: everything written through it, events included, commits together or not at all.</summary>
/// <remarks>Disposing without <see cref="Commit"/> undoes it.</remarks>
public sealed class Tx : IAsyncDisposable
{
    readonly Db db;
    readonly Session session;
    readonly Action released;
    readonly CancellationToken ct;
    List<Action>? afterCommit;
    bool acrossOrganizations;
    bool ended;

    internal Tx(Db db, Session session, Action released, CancellationToken ct)
    {
        this.db = db;
        this.session = session;
        this.released = released;
        this.ct = ct;
    }

    /// <summary>Appended to a select that claims rows, so that two claimers never wait for each other.</summary>
    public Sql SkipLocked => db.SkipLocked;

    /// <summary>Appended to a select whose rows this transaction is about to change: others wait their turn.</summary>
    public Sql ForUpdate => db.ForUpdate;

    /// <summary>After a column: that it is one of these values. <c>$"… where id {tx.Among(ids)}"</c>.</summary>
    public Sql Among<T>(IReadOnlyCollection<T> values) where T : notnull => db.Among(values);

    /// <summary>Reads the rows that have one of many texts: <see cref="Db.OneByOne"/>.</summary>
    public async Task<List<T>> AllOf<T>(Sql columns, Sql table, Sql condition, IReadOnlyList<string> values)
        where T : IRow<T> => values.Count == 0 ? [] : await All<T>(db.OneByOne(columns, table, condition, values));

    /// <summary>Lets this transaction's statements speak of every organization, for the stated reason.</summary>
    /// <remarks>The one door through the rule that each statement names its organization: relay, janitor, poller.
    /// Every use is counted in <see cref="StatementRule.Doors"/>.</remarks>
    public Tx AcrossOrganizations(string reason)
    {
        acrossOrganizations = true;
        StatementRule.CountDoor(reason);
        return this;
    }

    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    public Task<int> Run(Sql sql) => Explained(() => session.Run(sql, Checked(sql), ct));

    /// <summary>Reads every row of an answer.</summary>
    public Task<List<T>> All<T>(Sql sql) where T : IRow<T> =>
        Explained(() => session.All<T>(sql, Checked(sql), ct));

    /// <summary>Reads the one row of an answer, or null; more than one row is a bug and throws.</summary>
    public async Task<T?> One<T>(Sql sql) where T : class, IRow<T> => (await All<T>(sql)).SingleOrDefault();

    /// <summary>Reads the number of <c>select … as n</c>; 0 without a row.</summary>
    public async Task<long> Count(Sql sql) => (await One<Number>(sql))?.N ?? 0;

    /// <summary>Reads rows one by one as they come; nothing else may be asked of this transaction meanwhile.</summary>
    public IAsyncEnumerable<T> Each<T>(Sql sql) where T : IRow<T> => session.Each<T>(sql, Checked(sql), ct);

    /// <summary>Inserts many rows the fastest way there is (COPY, or one prepared statement).</summary>
    /// <param name="into">The table and its columns: <c>$"features (org, id, body)"</c>.</param>
    /// <param name="rows">The values of each row, in the order of the columns.</param>
    /// <returns>How many rows were inserted.</returns>
    public Task<long> Insert(Sql into, IEnumerable<object?[]> rows) =>
        Explained(() => session.Insert(Checked(into), rows, ct));

    /// <summary>Puts rows that were just inserted into SQLite's index of places or of words, which are tables by
    /// themselves; PostgreSQL's indexes have them already, and the rows are not even looked at.</summary>
    /// <remarks>Instead of a trigger: for each row that fires one, SQLite keeps a journal of its own.</remarks>
    /// <param name="into">The index and its columns.</param>
    /// <param name="rows">The values of each row, in the order of the columns.</param>
    public Task Index(Sql into, IEnumerable<object?[]> rows) => Explained(async () =>
    {
        await session.Index(Checked(into), rows, ct);
        return 0;
    });

    /// <summary>Numbers for rows that this transaction is about to insert, so that rows of other tables can refer to
    /// them: rising, and nobody else's.</summary>
    /// <param name="table">The table, whose key is <c>row_id</c>.</param>
    /// <param name="count">How many.</param>
    public Task<long[]> NewRows(Sql table, int count) => Explained(() => session.NewRows(table.Text(), count, ct));

    /// <summary>Runs when this transaction is on the disk: waking somebody, dropping a cache entry.</summary>
    public void AfterCommit(Action act) => (afterCommit ??= []).Add(act);

    /// <summary>Wakes whoever waits for the channel, once this transaction is on the disk.</summary>
    public void WakeAfterCommit(string channel) => AfterCommit(() => db.Wake(channel));

    /// <summary>Returns when everything done here is on the disk. Once, last.</summary>
    public async Task Commit()
    {
        if (ended) throw new InvalidOperationException("This transaction has already ended.");
        ended = true;
        try
        {
            await Explained(async () =>
            {
                // Not cancellable: who hangs up now must not keep others from hearing of what is on the disk.
                await session.Commit(CancellationToken.None);
                return 0;
            });
        }
        finally
        {
            released();
        }
        foreach (var act in afterCommit ?? []) act();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await session.DisposeAsync();
        }
        finally
        {
            released();
        }
    }

    string Checked(Sql sql)
    {
        var text = sql.Text();
        if (!acrossOrganizations) db.Rule?.Check(text);
        return text;
    }

    async Task<T> Explained<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (db.Explain(exception) is var ours && !ReferenceEquals(ours, exception))
        {
            throw ours;
        }
    }
}
