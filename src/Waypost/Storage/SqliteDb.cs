using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Waypost.Storage;

/// <summary>SQLite in one file: one writer with group commit, readers apart, statements cached by text.</summary>
sealed class SqliteDb : Db
{
    const int MostReaders = 32;
    const int RowsInOneGo = 500;
    const double MicrosecondsInDay = 86_400e6;

    readonly SqliteWriter writer;
    readonly SqliteReaders readers;
    readonly ConcurrentDictionary<string, TaskCompletionSource> wakes = new(StringComparer.Ordinal);
    readonly string version = SystemSqlite.Load();

    public SqliteDb(string path, TimeSpan? longestHold = null, TimeSpan? oldestGroup = null)
    {
        try
        {
            writer = new SqliteWriter(
                path, longestHold ?? SqliteWriter.LongestHold, oldestGroup ?? SqliteWriter.OldestGroup);
            readers = new SqliteReaders(path, MostReaders);
        }
        catch (SqliteException error)
        {
            throw new StorageRefusedException(
                $"The database {path} cannot be opened: {error.Message} Check that the folder exists, is writable "
                + "for the server's user and that the file is a SQLite database.", error);
        }
    }

    public override string Name => $"SQLite {version}";

    public override Sql SkipLocked => Sql.Empty;

    public override Sql Among<T>(IReadOnlyCollection<T> values) =>
        $"in (select value from json_each({Json.Of(values)}))";

    // A cross join keeps its order.
    public override Sql OneByOne(Sql columns, Sql table, Sql condition, IReadOnlyList<string> values) => $"""
        select {columns} from (select value from json_each({Json.Of(values)})) as wanted
        cross join {table} where {condition}
        """;

    // One subselect, not one a box: conditions with "or" between them send SQLite through the whole table.
    public override Sql Near(
        Sql index, IEnumerable<(double West, double South, double East, double North)> boxes,
        (long? First, long? Last) during) => $"row_id in ({RowsNear(index, index, boxes, during)})";

    public override Sql RowsNear(
        Sql table, Sql index, IEnumerable<(double West, double South, double East, double North)> boxes,
        (long? First, long? Last) during)
    {
        Sql first = during.First is { } from ? $" and last >= {from / MicrosecondsInDay}" : Sql.Empty;
        Sql last = during.Last is { } until ? $" and first <= {until / MicrosecondsInDay}" : Sql.Empty;
        var found = boxes.Select(box => (Sql)$"""
            select row_id from {index}
            where west <= {box.East} and east >= {box.West} and south <= {box.North} and north >= {box.South}
                {first}{last}
            """);
        return Sql.Join($" union all ", found);
    }

    public override Sql RowsWithWords(Sql table, Sql index, string org, IReadOnlyList<string> phrase)
    {
        var quoted = "\"" + string.Join(' ', phrase) + "\"";
        return $"select rowid as row_id from {index} where {index} match {quoted}";
    }

    public override Sql ForUpdate => Sql.Empty;

    /// <summary>Outer commits so far; with many writers, fewer than transactions.</summary>
    public long Commits => writer.Commits;

    /// <summary>How many transactions stand in line for the writer.</summary>
    internal int Waiting => writer.Waiting;

    internal override string Dialect => "sqlite";

    internal override IReadOnlyDictionary<string, string> Types { get; } = new Dictionary<string, string>
    {
        ["id"] = "text",
        ["time"] = "text",
        ["json"] = "text",
        ["bytes"] = "blob",
        ["geometry"] = "blob",
        ["float"] = "real",
        ["key"] = "text",
        ["row"] = "integer primary key",
    };

    public override void Wake(string channel)
    {
        if (wakes.TryRemove(channel, out var waiting)) waiting.TrySetResult();
    }

    public override async Task Woken(string channel, TimeSpan atMost, CancellationToken ct)
    {
        var wake = wakes.GetOrAdd(
            channel, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await wake.Task.WaitAsync(atMost, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    public override ValueTask DisposeAsync()
    {
        writer.Dispose();
        readers.Dispose();
        return default;
    }

    internal override async Task<Session> OpenWriter(CancellationToken ct) => new WriteSession(await writer.Take(ct));

    internal override async Task<Session> OpenReader(CancellationToken ct, bool single) =>
        new ReadSession(readers, await readers.Take(ct), single);

    internal override Exception Explain(Exception exception) => SystemSqlite.Explain(exception);

    static List<T> Rows<T>(SqliteLink link, Sql sql, string text) where T : IRow<T>
    {
        using var reader = link.Bind(sql, text).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(T.Read(new Row(reader)));
        return rows;
    }

    sealed class WriteSession(SqliteWriter.Hold hold) : Session
    {
        public override Task<int> Run(Sql sql, string text, CancellationToken ct) =>
            Task.FromResult(hold.Do(link => link.Bind(sql, text).ExecuteNonQuery()));

        public override Task<List<T>> All<T>(Sql sql, string text, CancellationToken ct) =>
            Task.FromResult(hold.Do(link => Rows<T>(link, sql, text)));

        // The writer is never left in the middle of an answer: the rows are read whole.
        public override async IAsyncEnumerable<T> Each<T>(
            Sql sql, string text, [EnumeratorCancellation] CancellationToken ct)
        {
            foreach (var row in await All<T>(sql, text, ct)) yield return row;
        }

        public override Task<long> Insert(string into, IEnumerable<object?[]> rows, CancellationToken ct)
        {
            var inserted = 0L;
            foreach (var chunk in rows.Chunk(RowsInOneGo))
                inserted += hold.Do(link =>
                {
                    link.Insert(into, chunk[0].Length).Run(chunk);
                    return chunk.Length;
                });
            return Task.FromResult(inserted);
        }

        public override Task Index(string into, IEnumerable<object?[]> rows, CancellationToken ct) =>
            Insert(into, rows, ct);

        // Nobody else can insert while this transaction has the writer.
        public override Task<long[]> NewRows(string table, int count, CancellationToken ct)
        {
            var first = hold.Do(link => (long)link.Statement($"select coalesce(max(row_id), 0) + 1 from {table}")
                .ExecuteScalar()!);
            return Task.FromResult(Enumerable.Range(0, count).Select(n => first + n).ToArray());
        }

        public override Task Commit(CancellationToken ct) => hold.Commit();

        public override ValueTask DisposeAsync() => hold.Undo();
    }

    sealed class ReadSession : Session
    {
        readonly SqliteReaders readers;
        readonly SqliteLink link;
        readonly bool single;
        bool givenBack;

        public ReadSession(SqliteReaders readers, SqliteLink link, bool single)
        {
            (this.readers, this.link, this.single) = (readers, link, single);
            if (!single) link.Do("begin");
        }

        public override Task<int> Run(Sql sql, string text, CancellationToken ct) =>
            throw new InvalidOperationException("This transaction was opened to read; open it with Begin to write.");

        public override Task<List<T>> All<T>(Sql sql, string text, CancellationToken ct) =>
            Task.FromResult(Rows<T>(link, sql, text));

        public override async IAsyncEnumerable<T> Each<T>(
            Sql sql, string text, [EnumeratorCancellation] CancellationToken ct)
        {
            await using var reader = await link.Bind(sql, text).ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct)) yield return T.Read(new Row(reader));
        }

        public override Task<long> Insert(string into, IEnumerable<object?[]> rows, CancellationToken ct) =>
            throw new InvalidOperationException("This transaction was opened to read; open it with Begin to write.");

        public override Task Index(string into, IEnumerable<object?[]> rows, CancellationToken ct) =>
            Insert(into, rows, ct);

        public override Task<long[]> NewRows(string table, int count, CancellationToken ct) =>
            throw new InvalidOperationException("This transaction was opened to read; open it with Begin to write.");

        public override Task Commit(CancellationToken ct) => Task.CompletedTask;

        public override ValueTask DisposeAsync()
        {
            if (givenBack) return default;
            givenBack = true;
            if (!single && !link.IsIdle) link.Do("rollback");
            readers.GiveBack(link);
            return default;
        }
    }
}
