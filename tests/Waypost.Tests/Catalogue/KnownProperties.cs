using System.Text.Json;
using Waypost.Storage;

namespace Waypost.Tests.Catalogue;

/// <summary>Properties of an item that a test knows, and questions about them with what they mean.</summary>
/// <param name="Cloud">A number; missing in some.</param>
/// <param name="Platform">A text; missing in some.</param>
/// <param name="Title">Words; missing in some.</param>
sealed record KnownProperties(int? Cloud, string? Platform, string? Title)
{
    static readonly string[] Words = ["alpha", "beta", "gamma", "delta", "epsilon"];

    /// <summary>As they stand in an item, after a comma.</summary>
    public string Text => (Cloud is null ? "" : $",\"cloud\":{Cloud}")
        + (Platform is null ? "" : $",\"platform\":\"{Platform}\"")
        + (Title is null ? "" : $",\"title\":\"{Title}\"");

    public static KnownProperties Make(Random random) => new(
        random.Next(4) == 0 ? null : random.Next(100), random.Next(5) == 0 ? null : $"p{random.Next(3)}",
        random.Next(5) == 0 ? null : $"{Word(random)} {Word(random)} {Word(random)}");

    /// <summary>Has the organization's numbers and platforms kept in columns from now on.</summary>
    public static Task Promote(TestOrg org) => org.Do(async tx =>
    {
        foreach (var (name, type, slot) in new[] { ("cloud", "number", "n1"), ("platform", "string", "t1") })
            await tx.Run($"""
                insert into catalogue_queryables (org, collection, name, types, declared, slot, is_filled)
                values ({org.Id}, {""}, {name}, {type}, {new Json($$"""{"type":"{{type}}"}""")}, {slot}, {true})
                """);
    });

    /// <summary>Filters of which an index answers a part, and what they mean.</summary>
    public static readonly (string Filter, Func<KnownProperties, bool> Matches)[] Narrowed =
    [
        ("cloud > 40 AND cloud > 70", item => item.Cloud > 70),
        ("cloud > 70 AND cloud > 40", item => item.Cloud > 70),
        ("cloud BETWEEN 0 AND 60 AND cloud < 20", item => item.Cloud < 20),
        ("platform = 'p1' AND platform > 'p1'", _ => false),
        ("platform = 'p1' AND cloud > 50", item => item.Platform == "p1" && item.Cloud > 50),
        ("(platform = 'p0' AND cloud > 50) OR (platform = 'p1' AND cloud < 30)",
            item => (item.Platform == "p0" && item.Cloud > 50) || (item.Platform == "p1" && item.Cloud < 30)),
        ("cloud > 60", item => item.Cloud > 60),
        ("platform = 'p1' OR cloud > 90", item => item.Platform == "p1" || item.Cloud > 90),
    ];

    /// <summary>A question as query parameters, and which it means.</summary>
    public static (string Query, Func<KnownProperties, bool> Matches) Ask(Random random)
    {
        var (low, platform, word, other) = (random.Next(100), $"p{random.Next(3)}", Word(random), Word(random));
        return random.Next(14) switch
        {
            0 => (Filter($"cloud < {low}"), item => item.Cloud < low),
            1 => (Filter($"platform = '{platform}' OR cloud >= {low}"),
                item => item.Platform == platform || item.Cloud >= low),
            2 => (Filter($"cloud BETWEEN {low} AND {low + 5} AND platform IS NOT NULL"),
                item => item.Cloud >= low && item.Cloud <= low + 5 && item.Platform is not null),
            3 => (Filter("""{"op":"isNull","args":[{"property":"cloud"}]}""") + "&filter-lang=cql2-json",
                item => item.Cloud is null),
            4 => (Filter($"NOT (platform LIKE '{platform}%')"), item => item.Platform is { } its && its != platform),
            5 => ("&query=" + Uri.EscapeDataString(
                    $$"""{"cloud":{"gte":{{low}},"lte":{{low + 30}} },"platform":{"in":["p0","p2"]} }"""),
                item => item.Cloud >= low && item.Cloud <= low + 30 && (item.Platform is "p0" or "p2")),
            6 => ($"&q={word}", item => item.Has(word)),
            7 => ($"&q={word} AND {other}", item => item.Has(word) && item.Has(other)),
            8 => ($"&q={word} -{other}", item => item.Has(word) && !item.Has(other)),
            9 => ($"&q=%22{word} {other}%22",
                item => item.Title is { } title
                    && $" {title} ".Contains($" {word} {other} ", StringComparison.Ordinal)),
            // What an index can be entered by is less than what is asked.
            10 => (Filter($"cloud > 5 AND cloud > {low}"), item => item.Cloud > 5 && item.Cloud > low),
            11 => (Filter($"cloud BETWEEN 0 AND 95 AND cloud < {low}"), item => item.Cloud <= 95 && item.Cloud < low),
            12 => (Filter($"(platform = 'p0' AND cloud > {low}) OR (platform = '{platform}' AND cloud < {low})"),
                item => (item.Platform == "p0" && item.Cloud > low)
                    || (item.Platform == platform && item.Cloud < low)),
            _ => ($"&q={word}" + Filter($"cloud = {low}"), item => item.Has(word) && item.Cloud == low),
        };
    }

    bool Has(string word) => Title?.Split(' ').Contains(word) ?? false;

    static string Filter(string filter) => "&filter=" + Uri.EscapeDataString(filter);

    static string Word(Random random) => Words[random.Next(Words.Length)];
}
