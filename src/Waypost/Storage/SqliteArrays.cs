using System.Globalization;
using System.Text;
using System.Text.Json;
using SQLitePCL;

namespace Waypost.Storage;

/// <summary>The functions of <see cref="SqliteFilters"/> for arrays, which are JSON texts.</summary>
static class SqliteArrays
{
    public static void Register(sqlite3 db)
    {
        // The array that a filter writes out stays the same from row to row.
        var memory = new Remembered();
        Relation("cql_has_all", (elements, asked) => asked.IsSubsetOf(elements));
        Relation("cql_has_any", (elements, asked) => asked.Overlaps(elements));
        SqliteFilters.Function(db, "cql_json", 1, (to, values) => SqliteFilters.Give(to,
            raw.sqlite3_value_type(values[0]) == raw.SQLITE_TEXT
                ? JsonSerializer.Serialize(SqliteFilters.Text(values[0]))
                : raw.sqlite3_value_double(values[0]).ToString("R", CultureInfo.InvariantCulture)));
        SqliteFilters.Function(db, "cql_json_boolean", 1, (to, values) =>
            SqliteFilters.Give(to, raw.sqlite3_value_int64(values[0]) != 0 ? "true" : "false"));
        SqliteFilters.Define(db, "cql_list", -1, (to, values) => SqliteFilters.Give(to, "[" + string.Join(',',
            values.Select(value => raw.sqlite3_value_type(value) == raw.SQLITE_NULL
                ? "null" : SqliteFilters.Text(value))) + "]"));

        // An array with an element that equals nothing compares with nothing.
        void Relation(string name, Func<HashSet<string?>, HashSet<string?>, bool> holds) =>
            SqliteFilters.Function(db, name, 2, (to, values) =>
            {
                var (elements, asked) = (memory.Of(values[0]), memory.Of(values[1]));
                var isKnown = !elements.Contains(null) && !asked.Contains(null);
                SqliteFilters.Give(to, isKnown ? holds(elements, asked) ? 1L : 0L : null);
            });
    }

    /// <summary>Texts that are equal where the elements are; null for what equals nothing.</summary>
    static HashSet<string?> KeysOf(ReadOnlySpan<byte> array)
    {
        var reader = new Utf8JsonReader(array);
        using var document = JsonDocument.ParseValue(ref reader);
        return [.. document.RootElement.EnumerateArray().Select(KeyOf)];
    }

    static string? KeyOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => element.TryGetDouble(out var number) && double.IsFinite(number)
            ? "n" + (number == 0 ? 0 : number).ToString("R", CultureInfo.InvariantCulture)
            : null,
        JsonValueKind.String => "s" + element.GetString(),
        JsonValueKind.Array => element.EnumerateArray().Select(KeyOf).ToArray() is var keys && keys.Contains(null)
            ? null
            : "a" + JsonSerializer.Serialize(keys),
        JsonValueKind.Object => null,
        _ => element.GetRawText(),
    };

    /// <summary>The keys of the arrays seen last.</summary>
    sealed class Remembered
    {
        readonly (byte[] Text, HashSet<string?> Keys)[] seen = [([], []), ([], [])];
        int oldest;

        public HashSet<string?> Of(sqlite3_value array)
        {
            var text = raw.sqlite3_value_blob(array);
            for (var at = 0; at < seen.Length; at++)
            {
                if (!text.SequenceEqual(seen[at].Text)) continue;
                oldest = 1 - at;
                return seen[at].Keys;
            }
            var keys = KeysOf(text);
            seen[oldest] = (text.ToArray(), keys);
            oldest = 1 - oldest;
            return keys;
        }
    }
}
