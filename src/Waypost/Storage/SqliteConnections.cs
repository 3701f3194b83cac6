using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Waypost.Storage;

/// <summary>One open connection and the statements prepared on it, cached by their text.</summary>
sealed class SqliteLink : IDisposable
{
    const int MostStatements = 400;

    readonly Dictionary<string, SqliteCommand> statements = new(StringComparer.Ordinal);
    readonly Dictionary<string, SqliteInsert> inserts = new(StringComparer.Ordinal);

    public SqliteLink(string path, bool writer)
    {
        Connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = writer ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        Connection.Open();
        SqliteFunctions.Register(Connection);
        // The writer's undo journal of a savepoint goes to a file: kept in memory it is walked from its beginning at
        // the end of each statement, and a thousand inserts took half a second.
        // A log of up to 64 MB before what is in it goes into the file: a page that was changed by many transactions
        // is written there once.
        Do(writer
            ? "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; "
              + "pragma cache_size = -65536; pragma temp_store = file; pragma wal_autocheckpoint = 16000"
            : "pragma query_only = on; pragma cache_size = -16384; pragma temp_store = memory");
    }

    public SqliteConnection Connection { get; }

    /// <summary>True when no transaction is open: after an error, that SQLite undid the whole of it.</summary>
    public bool IsIdle => SQLitePCL.raw.sqlite3_get_autocommit(Connection.Handle) != 0;

    /// <summary>Runs text of our own: begin, savepoint, commit.</summary>
    public void Do(string text) => Statement(text).ExecuteNonQuery();

    /// <summary>The prepared statement of this text, with the holes' values bound.</summary>
    public SqliteCommand Bind(Sql sql, string text)
    {
        var command = Statement(text);
        var fresh = command.Parameters.Count == 0;
        var at = 0;
        foreach (var (name, value, _) in sql.Parameters())
        {
            // By place: to look a name up is to walk through all of them, for each of them.
            if (fresh) command.Parameters.AddWithValue(name, Encode(value));
            else command.Parameters[at++].Value = Encode(value);
        }
        return command;
    }

    public SqliteCommand Statement(string text)
    {
        if (statements.TryGetValue(text, out var known)) return known;

        if (statements.Count >= MostStatements) Forget();
        var command = Connection.CreateCommand();
        command.CommandText = text;
        return statements[text] = command;
    }

    /// <summary>The prepared insert of rows of so many columns.</summary>
    /// <param name="into">The table and its columns, as a statement of ours names them.</param>
    /// <param name="columns">How many.</param>
    public SqliteInsert Insert(string into, int columns)
    {
        if (inserts.TryGetValue(into, out var known)) return known;
        if (inserts.Count >= MostStatements) Forget();
        return inserts[into] = new SqliteInsert(Connection.Handle!, into, columns);
    }

    public void Dispose()
    {
        Forget();
        Connection.Dispose();
    }

    public static object Encode(object? value) => value switch
    {
        null => DBNull.Value,
        Json document => document.Text,
        Guid id => id.ToString("D"),
        // Fixed width and always UTC, so that text order is time order; microseconds, as PostgreSQL keeps.
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture),
        Enum choice => choice.ToString(),
        _ => value,
    };

    void Forget()
    {
        foreach (var command in statements.Values) command.Dispose();
        statements.Clear();
        foreach (var insert in inserts.Values) insert.Dispose();
        inserts.Clear();
    }
}

/// <summary>Readers that wait for work; each sees the last committed state and never blocks the writer.</summary>
sealed class SqliteReaders(string path, int most) : IDisposable
{
    readonly ConcurrentStack<SqliteLink> idle = new();
    readonly SemaphoreSlim free = new(most, most);

    public async Task<SqliteLink> Take(CancellationToken ct)
    {
        await free.WaitAsync(ct);
        try
        {
            return idle.TryPop(out var link) ? link : new SqliteLink(path, writer: false);
        }
        catch
        {
            free.Release();
            throw;
        }
    }

    public void GiveBack(SqliteLink link)
    {
        if (link.IsIdle) idle.Push(link);
        else link.Dispose();
        free.Release();
    }

    public void Dispose()
    {
        while (idle.TryPop(out var link)) link.Dispose();
        free.Dispose();
    }
}
