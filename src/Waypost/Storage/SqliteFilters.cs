using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Waypost.Geo.Cql2;
using Waypost.Geo.Text;

namespace Waypost.Storage;

/// <summary>The functions <c>cql_…</c> that filters are made of; in PostgreSQL a migration of the catalogue makes the
/// same.</summary>
/// <remarks>They are called for every row that a search goes through, so they read the text where SQLite has it.
/// </remarks>
static class SqliteFilters
{
    delegate void Answer(sqlite3_context to, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name);

    public static void Register(SqliteConnection connection)
    {
        var db = connection.Handle!;
        // Byte by byte is code point by code point: the order of PostgreSQL's collation of this name.
        Expect(raw.sqlite3__create_collation_utf8(db, "C", null, (_, a, b) => a.SequenceCompareTo(b)));
        RegisterProperties(db);
        RegisterTexts(db);
        RegisterNumbers(db);
        SqliteArrays.Register(db);
        SqlitePlaces.Register(db);
    }

    static void RegisterProperties(sqlite3 db)
    {
        Property(db, "cql_number", (to, properties, name) => Give(to, PropertyReading.Number(properties, name)));
        Property(db, "cql_boolean", (to, properties, name) =>
            Give(to, PropertyReading.Boolean(properties, name) is { } truth ? truth ? 1L : 0L : null));
        Property(db, "cql_text", (to, properties, name) =>
        {
            if (!PropertyReading.TryFind(properties, name, out var value) || value.TokenType != JsonTokenType.String)
                raw.sqlite3_result_null(to);
            else if (value.ValueIsEscaped) Give(to, value.GetString());
            else GiveText(to, value.ValueSpan);
        });
        Property(db, "cql_member", (to, properties, name) => GivePart(to, properties, name, null));
        Property(db, "cql_array", (to, properties, name) =>
            GivePart(to, properties, name, JsonTokenType.StartArray));
        Property(db, "cql_geometry", (to, properties, name) =>
        {
            if (SqlitePlaces.Property(properties, name) is { } ewkb) raw.sqlite3_result_blob(to, ewkb);
            else raw.sqlite3_result_null(to);
        });
        Property(db, "cql_first", (to, properties, name) => Give(to, Instant(properties, name)?.First));
        Property(db, "cql_last", (to, properties, name) => Give(to, Instant(properties, name)?.Last));
    }

    static void RegisterTexts(sqlite3 db)
    {
        Function(db, "cql_casei", 1, (to, values) => Give(to, Folding.Case(Text(values[0]))));
        Function(db, "cql_accenti", 1, (to, values) => Give(to, Folding.Accents(Text(values[0]))));
        // A connection is used by one thread at a time, so its functions may remember.
        var (asked, read) = ("", new Cql2Pattern(""));
        Function(db, "cql_like", 2, (to, values) =>
        {
            var pattern = Text(values[1]);
            if (pattern != asked) (asked, read) = (pattern, new Cql2Pattern(pattern));
            Give(to, read.Matches(Text(values[0])) ? 1L : 0L);
        });
        Function(db, "cql_compare", 2, (to, values) =>
            Give(to, Compare(raw.sqlite3_value_blob(values[0]), raw.sqlite3_value_blob(values[1]))));
    }

    static void RegisterNumbers(sqlite3 db)
    {
        Numbers("cql_add", (a, b) => a + b);
        Numbers("cql_subtract", (a, b) => a - b);
        Numbers("cql_multiply", (a, b) => a * b);
        Numbers("cql_divide", (a, b) => a / b);
        Numbers("cql_div", (a, b) => Math.Truncate(a / b));
        Numbers("cql_modulo", (a, b) => a - b * Math.Truncate(a / b));
        Numbers("cql_power", Math.Pow);
        Numbers("cql_least", Math.Min);
        Numbers("cql_greatest", Math.Max);
        Function(db, "cql_floor", 1, (to, values) => Give(to, Math.Floor(raw.sqlite3_value_double(values[0]))));
        Function(db, "cql_ceil", 1, (to, values) => Give(to, Math.Ceiling(raw.sqlite3_value_double(values[0]))));
        // How far below the map's upper edge a latitude is, 0 to 1 (web Mercator).
        Function(db, "cql_mercator", 1, (to, values) => Give(to, 0.5 - Math.Log(Math.Tan(
            Math.PI / 4 + raw.sqlite3_value_double(values[0]) * Math.PI / 360)) / (2 * Math.PI)));
        Function(db, "cql_length", 1, (to, values) =>
            Give(to, (double)Text(values[0]).EnumerateRunes().Count()));
        Function(db, "cql_calendar", 2, (to, values) =>
        {
            var moment = DateTimeOffset.UnixEpoch.AddMicroseconds(raw.sqlite3_value_int64(values[1]));
            Give(to, (double)(Text(values[0]) switch
            {
                "year" => moment.Year,
                "month" => moment.Month,
                "day" => moment.Day,
                _ => moment.Hour,
            }));
        });

        void Numbers(string name, Func<double, double, double> make) => Function(db, name, 2, (to, values) =>
        {
            var made = make(raw.sqlite3_value_double(values[0]), raw.sqlite3_value_double(values[1]));
            Give(to, double.IsFinite(made) ? made : null);
        });
    }

    /// <summary>A function of which nothing comes where it is given nothing.</summary>
    internal static void Function(
        sqlite3 db, string name, int arguments, Action<sqlite3_context, sqlite3_value[]> answer) =>
        Define(db, name, arguments, (to, values) =>
        {
            foreach (var value in values)
            {
                if (raw.sqlite3_value_type(value) != raw.SQLITE_NULL) continue;
                raw.sqlite3_result_null(to);
                return;
            }
            answer(to, values);
        });

    /// <summary>A function, which must deal with nulls itself.</summary>
    internal static void Define(
        sqlite3 db, string name, int arguments, Action<sqlite3_context, sqlite3_value[]> answer) =>
        Expect(raw.sqlite3_create_function(
            db, name, arguments, raw.SQLITE_UTF8 | raw.SQLITE_DETERMINISTIC, null, (to, _, values) =>
            {
                try
                {
                    answer(to, values);
                }
                catch (Exception error)
                {
                    // Beyond here is native code, through which no exception finds its way.
                    raw.sqlite3_result_error(to, utf8z.FromString(name + ": " + error.Message));
                }
            }));

    /// <summary>Answers with a number or null.</summary>
    internal static void Give(sqlite3_context to, double? number)
    {
        if (number is { } value) raw.sqlite3_result_double(to, value);
        else raw.sqlite3_result_null(to);
    }

    /// <summary>Answers with a whole number or null.</summary>
    internal static void Give(sqlite3_context to, long? number)
    {
        if (number is { } value) raw.sqlite3_result_int64(to, value);
        else raw.sqlite3_result_null(to);
    }

    /// <summary>Answers with a text or null.</summary>
    internal static void Give(sqlite3_context to, string? text)
    {
        if (text is null) raw.sqlite3_result_null(to);
        else GiveText(to, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The text of a value that is not null.</summary>
    internal static string Text(sqlite3_value value) => Encoding.UTF8.GetString(raw.sqlite3_value_blob(value));

    static void Property(sqlite3 db, string name, Answer answer) => Function(db, name, 2, (to, values) =>
        answer(to, raw.sqlite3_value_blob(values[0]), raw.sqlite3_value_blob(values[1])));

    static void GiveText(sqlite3_context to, ReadOnlySpan<byte> text)
    {
        // An empty span points nowhere, which would be null.
        if (text.IsEmpty) raw.sqlite3_result_text(to, "");
        else raw.sqlite3_result_text(to, text);
    }

    static void GivePart(
        sqlite3_context to, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name, JsonTokenType? only)
    {
        if (!PropertyReading.TryFind(properties, name, out var value) || (only ?? value.TokenType) != value.TokenType)
        {
            raw.sqlite3_result_null(to);
            return;
        }
        var start = (int)value.TokenStartIndex;
        value.Skip();
        raw.sqlite3_result_text(to, properties[start..(int)value.BytesConsumed]);
    }

    static Cql2Instant? Instant(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name) =>
        PropertyReading.Text(properties, name) is { } text ? Cql2Instant.Of(text) : null;

    static long? Compare(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var a = new Utf8JsonReader(one);
        var b = new Utf8JsonReader(other);
        a.Read();
        b.Read();
        return (a.TokenType, b.TokenType) switch
        {
            (JsonTokenType.Number, JsonTokenType.Number) =>
                PropertyReading.Number(ref a) is { } first && PropertyReading.Number(ref b) is { } second
                    ? first.CompareTo(second)
                    : null,
            (JsonTokenType.String, JsonTokenType.String) => Math.Sign(
                Encoding.UTF8.GetBytes(a.GetString()!).AsSpan().SequenceCompareTo(
                    Encoding.UTF8.GetBytes(b.GetString()!))),
            (JsonTokenType.True or JsonTokenType.False, JsonTokenType.True or JsonTokenType.False) =>
                (a.TokenType == JsonTokenType.True ? 1L : 0L) - (b.TokenType == JsonTokenType.True ? 1L : 0L),
            _ => null,
        };
    }

    static void Expect(int result)
    {
        if (result != raw.SQLITE_OK)
            throw new StorageRefusedException($"SQLite refused a function of ours (code {result}).");
    }
}
