using System.Data.Common;

namespace Waypost.Storage;

/// <summary>One database. SQL is written once, as PostgreSQL speaks it; SQLite is taught to follow.</summary>
/// <remarks>What still differs between the two is a member here, and nowhere else.</remarks>
public abstract class Db : IAsyncDisposable
{
    readonly AsyncLocal<Turn?> holding = new();

    /// <summary>What an operator calls it: <c>SQLite 3.40.1</c>, <c>PostgreSQL 15.4</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Lets an endpoint simply take a <see cref="Db"/>: the one that holds its caller's
    /// organization.</summary>
    /// <remarks>Not a service: what a request's services made, the framework disposes with the request.</remarks>
    public static ValueTask<Db> BindAsync(HttpContext context) =>
        new(context.Features.Get<Db>() ?? context.RequestServices.GetRequiredService<Databases>().Shared);

    /// <summary>Appended to a select that claims rows. SQLite needs nothing: it has one writer at a time.</summary>
    public abstract Sql SkipLocked { get; }

    /// <summary>Appended to a select whose rows this transaction is about to change: others wait their turn.</summary>
    public abstract Sql ForUpdate { get; }

    /// <summary>The condition that what stands before it is one of these values, however many: <c>in (…)</c> as one
    /// statement for lists of every length.</summary>
    public abstract Sql Among<T>(IReadOnlyCollection<T> values) where T : notnull;

    /// <summary>Reads the rows that have one of many texts, which are looked up one after the other.</summary>
    /// <remarks>For when there is an index to look them up by. A database that has not yet counted what a new table
    /// holds would go through all of it instead.</remarks>
    /// <param name="columns">The columns to read.</param>
    /// <param name="table">The table.</param>
    /// <param name="condition">Which rows; the text looked up is <c>wanted.value</c> in it.</param>
    /// <param name="values">The texts.</param>
    public abstract Sql OneByOne(Sql columns, Sql table, Sql condition, IReadOnlyList<string> values);

    /// <summary>The condition that a row may touch one of these boxes, answered by the index of places: none that
    /// does is left out, a few that do not may come along.</summary>
    /// <remarks>The table has columns <c>row_id</c> and <c>geometry</c>, and for SQLite an R*Tree
    /// <paramref name="index"/> that triggers of its schema keep; PostgreSQL has a GiST index on the
    /// geometry.</remarks>
    /// <param name="index">The name of the R*Tree.</param>
    /// <param name="boxes">West, south, east and north in degrees; west is not beyond east.</param>
    /// <param name="during">Only of an index that knows times (R*Tree columns <c>first</c> and <c>last</c> in days,
    /// columns <c>starts</c> and <c>ends</c>): the first and last microsecond since 1970, null where open.</param>
    public abstract Sql Near(
        Sql index, IEnumerable<(double West, double South, double East, double North)> boxes,
        (long? First, long? Last) during = default);

    /// <summary>A select of the <c>row_id</c> of every row that may touch one of these boxes, one by one as the index
    /// of places gives them, some of them twice: a limit on it bounds the work.</summary>
    /// <param name="table">The table, of which all that <see cref="Near"/> says holds.</param>
    /// <param name="index">The name of the R*Tree.</param>
    /// <param name="boxes">West, south, east and north in degrees; west is not beyond east.</param>
    /// <param name="during">As in <see cref="Near"/>.</param>
    public abstract Sql RowsNear(
        Sql table, Sql index, IEnumerable<(double West, double South, double East, double North)> boxes,
        (long? First, long? Last) during);

    /// <summary>A select of the <c>row_id</c> of every row of <paramref name="table"/> whose words have a phrase:
    /// these words, one right after the other. Answered by the index of words.</summary>
    /// <remarks>The table has columns <c>row_id</c>, <c>org</c> and <c>words</c> (a blank between two), and for SQLite
    /// a full-text <paramref name="index"/> that triggers of its schema keep, which does not know organizations and so
    /// gives rows of all; PostgreSQL has a GIN index on the words.</remarks>
    /// <param name="table">The table that has the words.</param>
    /// <param name="index">The name of SQLite's full-text index.</param>
    /// <param name="org">Whose rows.</param>
    /// <param name="phrase">One or more words, of letters and digits alone.</param>
    public abstract Sql RowsWithWords(Sql table, Sql index, string org, IReadOnlyList<string> phrase);

    /// <summary>Wakes whoever waits for <paramref name="channel"/>, in every process on this database.</summary>
    public abstract void Wake(string channel);

    /// <summary>Waits until the channel is woken, or <paramref name="atMost"/> has passed. May wake for
    /// nothing.</summary>
    public abstract Task Woken(string channel, TimeSpan atMost, CancellationToken ct);

    /// <summary>Stands for a column type in schema files, where the two databases differ.</summary>
    internal abstract IReadOnlyDictionary<string, string> Types { get; }

    /// <summary>The name of this dialect in a schema file's <c>-- only</c> lines.</summary>
    internal abstract string Dialect { get; }

    /// <summary>Refuses statements that forget the organization; null where nobody checks.</summary>
    internal StatementRule? Rule { get; set; }

    /// <summary>Opens a unit of work that may write. It must not be opened inside another one.</summary>
    /// <exception cref="InvalidOperationException">This flow already holds one: the two would wait for each
    /// other.</exception>
    public Task<Tx> Begin(CancellationToken ct)
    {
        // Not an async method: what it sets must stay visible to the caller after it returns.
        if (holding.Value is { Held: true })
            throw new InvalidOperationException("A transaction is already open here; pass it down instead of Begin.");
        var turn = new Turn { Held = true };
        holding.Value = turn;
        return BeginHolding(turn, ct);
    }

    /// <summary>Opens a view of one moment, to read from; it never waits for a writer.</summary>
    public async Task<Tx> Read(CancellationToken ct) => new(this, await OpenReader(ct), () => { }, ct);

    /// <summary>Reads the rows of one statement, without the cost of a transaction around it.</summary>
    public async Task<List<T>> All<T>(Sql sql, CancellationToken ct) where T : IRow<T>
    {
        await using var tx = new Tx(this, await OpenReader(ct, single: true), () => { }, ct);
        return await tx.All<T>(sql);
    }

    /// <summary>Reads the one row of one statement, or null, without the cost of a transaction around it.</summary>
    public async Task<T?> One<T>(Sql sql, CancellationToken ct) where T : class, IRow<T>
    {
        await using var tx = new Tx(this, await OpenReader(ct, single: true), () => { }, ct);
        return await tx.One<T>(sql);
    }

    /// <summary>Starts what runs beside the requests, such as listening for wakes of other processes.</summary>
    public virtual Task Start(CancellationToken ct) => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Takes the writer's turn.</summary>
    internal abstract Task<Session> OpenWriter(CancellationToken ct);

    /// <summary>Takes a reader; <paramref name="single"/> when just one statement will be asked.</summary>
    internal abstract Task<Session> OpenReader(CancellationToken ct, bool single = false);

    /// <summary>Turns the driver's exception into ours where it means "not now".</summary>
    internal abstract Exception Explain(Exception exception);

    async Task<Tx> BeginHolding(Turn turn, CancellationToken ct)
    {
        try
        {
            return new Tx(this, await OpenWriter(ct), () => turn.Held = false, ct);
        }
        catch
        {
            turn.Held = false;
            throw;
        }
    }

    sealed class Turn
    {
        public volatile bool Held;
    }
}

/// <summary>What one transaction talks to: a connection taken from its database until it is given back.</summary>
abstract class Session : IAsyncDisposable
{
    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    public abstract Task<int> Run(Sql sql, string text, CancellationToken ct);

    /// <summary>Runs a statement and reads every row of its answer.</summary>
    public abstract Task<List<T>> All<T>(Sql sql, string text, CancellationToken ct) where T : IRow<T>;

    /// <summary>Reads the rows of an answer one by one as they come.</summary>
    public abstract IAsyncEnumerable<T> Each<T>(Sql sql, string text, CancellationToken ct) where T : IRow<T>;

    /// <summary>Inserts many rows the fastest way there is.</summary>
    public abstract Task<long> Insert(string into, IEnumerable<object?[]> rows, CancellationToken ct);

    /// <summary>Puts rows into an index that the database keeps only when it is told.</summary>
    public abstract Task Index(string into, IEnumerable<object?[]> rows, CancellationToken ct);

    /// <summary>Numbers for rows that are to be inserted by this transaction, rising.</summary>
    public abstract Task<long[]> NewRows(string table, int count, CancellationToken ct);

    /// <summary>Returns when everything done here is on the disk.</summary>
    public abstract Task Commit(CancellationToken ct);

    /// <summary>Gives the connection back; undoes what was not committed.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Reads all rows of an open reader.</summary>
    protected static async Task<List<T>> ReadAll<T>(DbDataReader reader, CancellationToken ct) where T : IRow<T>
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(ct)) rows.Add(T.Read(new Row(reader)));
        return rows;
    }
}
