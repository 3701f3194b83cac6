using System.Globalization;
using Waypost.Access;
using Waypost.Geo.Text;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>A page of a list, in the order of ids.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Next">Send it as <c>after</c> to read on; null on the last page.</param>
public sealed record RescuePage<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>How the lists of the rescue library are searched and paged.</summary>
static class Browsing
{
    /// <summary>How many a page has, unless asked otherwise.</summary>
    public const int UsualPage = 100;

    /// <summary>The longest page.</summary>
    public const int LongestPage = 1_000;

    /// <summary>The longest text to search for, in characters.</summary>
    public const int LongestSearch = 200;

    const int MostWords = 10;

    /// <summary>Reads a page of a list.</summary>
    /// <param name="db">The database.</param>
    /// <param name="select">Columns and tables, the one that is listed as <c>one</c>.</param>
    /// <param name="org">Whose.</param>
    /// <param name="conditions">What is wanted; <see cref="Sql.Empty"/> says nothing.</param>
    /// <param name="after">What the page before gave as its next.</param>
    /// <param name="limit">How long the page is at the most.</param>
    /// <param name="id">The id of what is listed.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<RescuePage<T>> Page<T>(
        Db db, Sql select, string org, IEnumerable<Sql> conditions, string? after, int limit, Func<T, long> id,
        CancellationToken ct) where T : IRow<T>
    {
        var from = Position(after);
        Sql here = $"one.org = {org} and one.id > {from}";
        var wanted = conditions.Where(one => !ReferenceEquals(one, Sql.Empty)).Prepend(here);
        var found = await db.All<T>($"""
            {select} where {Sql.Join($" and ", wanted)} order by one.id limit {limit + 1}
            """, ct);
        var more = found.Count > limit;
        if (more) found.RemoveAt(limit);
        return new RescuePage<T>(found, more ? id(found[^1]).ToString(CultureInfo.InvariantCulture) : null);
    }

    /// <summary>The condition that a row has all the words of a text.</summary>
    public static Sql HasWords(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return Sql.Empty;
        var words = WordsIn(text);
        return words.Count == 0 ? (Sql)$"false" : (Sql)$"({All(words)})";
    }

    /// <summary>The condition that a row has all the words of a text, or the text in its address.</summary>
    public static Sql HasWordsOrAddress(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return Sql.Empty;
        var pattern = "%" + text.Trim().ToLowerInvariant()
            .Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal)
            .Replace("_", @"\_", StringComparison.Ordinal) + "%";
        Sql address = $@"lower(one.url) like {pattern} escape '\'";
        var words = WordsIn(text);
        return words.Count == 0 ? (Sql)$"({address})" : (Sql)$"({address} or ({All(words)}))";
    }

    /// <summary>The condition, where a value was given.</summary>
    public static Sql Where<T>(T? given, Func<T, Sql> condition) where T : class =>
        given is null ? Sql.Empty : condition(given);

    /// <summary>The condition, where a value was given.</summary>
    public static Sql Where<T>(T? given, Func<T, Sql> condition) where T : struct =>
        given is { } value ? condition(value) : Sql.Empty;

    /// <summary>The value that one of these names says.</summary>
    /// <exception cref="Refused">None of them.</exception>
    public static string? OneOf(string parameter, string? given, IReadOnlyList<string> names) =>
        given is null || names.Contains(given, StringComparer.Ordinal) ? given
            : throw new Refused(
                400, "INVALID_PARAMETER", $"The parameter {parameter} should be one of: {string.Join(", ", names)}.")
            {
                Details = new Dictionary<string, object?> { ["parameter"] = parameter, ["allowed"] = names },
            };

    static List<string> WordsIn(string text) =>
        [.. Folding.Words(text).Distinct(StringComparer.Ordinal).Take(MostWords)];

    // A folded word has letters and digits only: nothing in it means anything to the pattern.
    static Sql All(List<string> words) =>
        Sql.Join($" and ", words.ConvertAll(word => (Sql)$"one.words like {"%" + word + "%"}"));

    static long Position(string? after) => after is null ? 0
        : long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
        : throw new Refused(400, "INVALID_PARAMETER", "The parameter after is not what a page gave as its next.")
        {
            Details = new Dictionary<string, object?> { ["parameter"] = "after" },
        };
}
