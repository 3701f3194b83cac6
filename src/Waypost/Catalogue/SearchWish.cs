using System.Globalization;
using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Cql2;
using Waypost.Geo.Geometry;
using Waypost.Geo.Stac;
using Waypost.Geo.Text;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>What a search asks for, checked.</summary>
sealed record SearchWish
{
    public const int DefaultLimit = 10;
    public const int MostOnPage = 10_000;
    public const int MostNames = 1_000;

    /// <summary>Parameters of every search of items by query string.</summary>
    public static readonly string[] Parameters =
        ["limit", "bbox", "datetime", "token", "sortby", "fields", "query", "filter", "filter-lang", "filter-crs", "q"];

    public SearchArea? Area { get; init; }

    /// <summary>Earliest moment in microseconds since 1970; null: open.</summary>
    public long? From { get; init; }

    /// <summary>Latest moment, itself included.</summary>
    public long? Until { get; init; }

    public IReadOnlyList<string>? Ids { get; init; }

    public IReadOnlyList<string>? Collections { get; init; }

    public int Limit { get; init; } = DefaultLimit;

    /// <summary>Where a page goes on, as a link of ours had it; which order it belongs to is checked later.</summary>
    public string? Token { get; init; }

    /// <summary>In which order; none: latest first.</summary>
    public IReadOnlyList<SortWish> Sort { get; init; } = [];

    /// <summary>Which members are answered; null: all.</summary>
    public StacFields? Fields { get; init; }

    /// <summary>What filter and query ask of properties; null: nothing.</summary>
    public Cql2Expression? Filter { get; init; }

    /// <summary>Words that are looked for.</summary>
    public FreeText? Text { get; init; }

    /// <summary>Reads what a query string asks.</summary>
    public static SearchWish Of(IQueryCollection query)
    {
        var text = Given(query, "intersects");
        GeoBox? box = null;
        if (Given(query, "bbox") is { } bbox)
            box = GeoBox.TryParse(bbox, out var parsed, out var problem) ? parsed : throw Bad("bbox", problem);
        return new SearchWish
        {
            Area = SearchArea.Read(box, text is null ? null : Parse("intersects", text, "a GeoJSON geometry")),
            Ids = Names("ids", Given(query, "ids")?.Split(',')),
            Collections = Names("collections", Given(query, "collections")?.Split(',')),
            Limit = LimitOf(Given(query, "limit")),
            Token = Given(query, "token"),
            Sort = SortWish.Parse(Given(query, "sortby")),
            Fields = Given(query, "fields") is { } fields ? FieldsOf(() => StacFields.Parse(fields)) : null,
            Filter = FilterWish.Of(query),
            Text = Given(query, "q") is { } words ? TextOf(() => FreeText.Parse(words)) : null,
        }.At(Given(query, "datetime"));
    }

    /// <summary>Reads what a body asks.</summary>
    public static SearchWish Of(SearchBody body)
    {
        CheckTexts("sortby", body.Sortby);
        CheckTexts("fields", body.Fields);
        CheckTexts("query", body.Query);
        CheckTexts("filter", body.Filter);
        CheckTexts("q", body.Q);
        GeoBox? box = null;
        if (body.Bbox is { } numbers)
            box = GeoBox.TryMake(numbers, out var made, out var problem) ? made : throw Bad("bbox", problem);
        var shape = body.Intersects is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given
            ? given
            : (JsonElement?)null;
        return new SearchWish
        {
            Area = SearchArea.Read(box, shape),
            Ids = Names("ids", body.Ids),
            Collections = Names("collections", body.Collections),
            Limit = LimitOf(body.Limit),
            Token = body.Token,
            Sort = SortWish.Read(body.Sortby),
            Fields = FieldsOf(body.Fields),
            Filter = FilterWish.Of(body),
            Text = TextOf(body.Q),
        }.At(body.Datetime);
    }

    /// <summary>Reads <c>limit</c>: 1 or more; what is more than allowed counts as the most.</summary>
    public static int LimitOf(string? text, int otherwise = DefaultLimit)
    {
        if (text is null) return otherwise;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)
            ? LimitOf(limit)
            : throw Bad("limit", $"limit is '{Shorten(text)}'; a whole number from 1 to {MostOnPage} was expected.");
    }

    public static Refused Bad(string parameter, string sentence) =>
        new(400, "INVALID_PARAMETER", sentence, "Correct the parameter and ask again.")
        {
            Details = new Dictionary<string, object?> { ["parameter"] = parameter },
        };

    /// <summary>The value of a parameter; null where it was not given.</summary>
    public static string? Given(IQueryCollection query, string name) =>
        query.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>Reads a parameter that is JSON.</summary>
    public static JsonElement Parse(string parameter, string text, string expected)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            throw Bad(parameter, $"{parameter} is not JSON; {expected} was expected.");
        }
    }

    /// <summary>So much of a text that a sentence can quote it.</summary>
    public static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";

    // What is no text cannot be looked for: half a character, and U+0000.
    static void CheckTexts(string parameter, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Undefined && !new Json(value.GetRawText()).CanBeKept)
            throw Bad(parameter, $"{parameter} cannot be read: a text in it has U+0000 or half of a surrogate pair.");
    }

    static int LimitOf(long? limit) => limit switch
    {
        null => DefaultLimit,
        < 1 => throw Bad("limit", $"limit is {limit}; a whole number from 1 to {MostOnPage} was expected."),
        _ => (int)Math.Min(limit.Value, MostOnPage),
    };

    static string[]? Names(string parameter, string[]? names)
    {
        // An empty parameter asks for nothing in particular; an empty array in a body does as well.
        if (names is null or [] or [""]) return null;
        if (names.Any(name => name is null || name.Contains('\0', StringComparison.Ordinal)))
            throw Bad(parameter, $"{parameter} has an entry that is null or has the character U+0000, as no id has.");
        if (names.Length > MostNames)
            throw Bad(parameter, $"{parameter} has {names.Length} entries; at most {MostNames} can be asked at once.");
        return names;
    }

    static StacFields? FieldsOf(JsonElement fields) => fields.ValueKind switch
    {
        JsonValueKind.Undefined => null,
        JsonValueKind.String => FieldsOf(() => StacFields.Parse(fields.GetString()!)),
        _ => FieldsOf(() => StacFields.Read(fields)),
    };

    static StacFields FieldsOf(Func<StacFields> read)
    {
        try
        {
            return read();
        }
        catch (FormatException odd)
        {
            throw Bad("fields", $"fields cannot be read: {odd.Message}.");
        }
    }

    static FreeText? TextOf(JsonElement q) => q.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.String => TextOf(() => FreeText.Parse(q.GetString()!)),
        JsonValueKind.Array when q.EnumerateArray().All(term => term.ValueKind == JsonValueKind.String) =>
            TextOf(() => FreeText.OfTerms([.. q.EnumerateArray().Select(term => term.GetString()!)])),
        _ => throw Bad("q", "q is neither a text nor an array of texts."),
    };

    static FreeText TextOf(Func<FreeText> read)
    {
        try
        {
            return read();
        }
        catch (FormatException odd)
        {
            throw Bad("q", $"q cannot be read: {odd.Message}.");
        }
    }

    /// <summary>The same within a time.</summary>
    public SearchWish Within(long? from, long? until) => this with
    {
        From = From is { } first && from is { } later ? Math.Max(first, later) : From ?? from,
        Until = Until is { } last && until is { } earlier ? Math.Min(last, earlier) : Until ?? until,
    };

    // OGC API Features 1.0, section 7.15.4: a moment, or an interval that may be open at one end.
    SearchWish At(string? datetime)
    {
        if (datetime is null) return this;
        var parts = datetime.Split('/');
        if (parts.Length == 1) return Moment(parts[0]) is { } at ? this with { From = at, Until = at } : throw Odd();
        if (parts.Length > 2) throw Odd();
        var (open, openEnd) = (parts[0] is "" or "..", parts[1] is "" or "..");
        if (open && openEnd)
            throw Bad("datetime", "datetime is open at both ends; leave it out, or give one of them.");
        long? from = open ? null : Moment(parts[0]) ?? throw Odd();
        long? until = openEnd ? null : Moment(parts[1]) ?? throw Odd();
        if (from > until) throw Bad("datetime", "datetime ends before it starts.");
        return this with { From = from, Until = until };

        Refused Odd() => Bad("datetime",
            $"datetime is '{Shorten(datetime)}'; a moment (2024-02-29T12:00:00Z) or two with a slash between them, "
            + "either of which may be '..', was expected.");
    }

    static long? Moment(string text) => Moments.TryParse(text, out var microseconds) ? microseconds : null;
}
