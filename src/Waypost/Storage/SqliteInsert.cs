using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Waypost.Storage;

/// <summary>One insert statement, run for many rows: values are bound by place, texts as the UTF-8 that SQLite keeps.
/// </summary>
/// <remarks>The driver's own commands look every parameter up by its name and make a reader for every row: for rows
/// of twenty columns that is most of the work.</remarks>
sealed class SqliteInsert : IDisposable
{
    const int UsualText = 16 << 10;

    readonly sqlite3 db;
    readonly sqlite3_stmt statement;
    byte[] text = new byte[UsualText];
    (DateTimeOffset Moment, byte[] Text) last = (default, []);

    public SqliteInsert(sqlite3 db, string into, int columns)
    {
        this.db = db;
        var holes = string.Join(", ", Enumerable.Repeat("?", columns));
        Demand(raw.sqlite3_prepare_v2(db, $"insert into {into} values ({holes})", out statement));
    }

    /// <summary>Inserts these rows.</summary>
    public void Run(IEnumerable<object?[]> rows)
    {
        try
        {
            foreach (var row in rows)
            {
                for (var at = 0; at < row.Length; at++) Demand(Bind(at + 1, row[at]));
                var answer = raw.sqlite3_step(statement);
                if (answer != raw.SQLITE_DONE) Demand(answer);
                Demand(raw.sqlite3_reset(statement));
            }
        }
        finally
        {
            // Its answer repeats what was thrown already.
            _ = raw.sqlite3_reset(statement);
            _ = raw.sqlite3_clear_bindings(statement);
        }
    }

    public void Dispose() => statement.Dispose();

    int Bind(int at, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(statement, at),
        string words => Text(at, words),
        Json document => Text(at, document.Text),
        long number => raw.sqlite3_bind_int64(statement, at, number),
        int number => raw.sqlite3_bind_int64(statement, at, number),
        double number => raw.sqlite3_bind_double(statement, at, number),
        bool truth => raw.sqlite3_bind_int64(statement, at, truth ? 1 : 0),
        byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(statement, at, 0),
        byte[] bytes => raw.sqlite3_bind_blob(statement, at, bytes),
        DateTimeOffset moment => raw.sqlite3_bind_text(statement, at, Moment(moment)),
        _ => Text(at, Convert.ToString(SqliteLink.Encode(value), CultureInfo.InvariantCulture)!),
    };

    int Text(int at, string words)
    {
        // An empty span points nowhere, which SQLite takes for null.
        if (words.Length == 0) return raw.sqlite3_bind_text(statement, at, "");
        var most = Encoding.UTF8.GetMaxByteCount(words.Length);
        if (text.Length < most) text = new byte[most];
        return raw.sqlite3_bind_text(statement, at, text.AsSpan(0, Encoding.UTF8.GetBytes(words, text)));
    }

    // The rows of one statement tell of one moment, nearly always.
    byte[] Moment(DateTimeOffset moment)
    {
        if (last.Text.Length == 0 || last.Moment != moment)
            last = (moment, Encoding.UTF8.GetBytes((string)SqliteLink.Encode(moment)));
        return last.Text;
    }

    void Demand(int answer)
    {
        if (answer != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(answer, db);
    }
}
