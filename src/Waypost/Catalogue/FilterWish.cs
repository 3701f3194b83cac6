using System.Text.Json;
using Waypost.Geo.Cql2;

namespace Waypost.Catalogue;

/// <summary>Reads what a search asks of properties: the parameters <c>filter</c> (CQL2) and <c>query</c> become one
/// expression.</summary>
static class FilterWish
{
    /// <summary>Conditions of one <c>query</c>.</summary>
    public const int MostConditions = 200;

    /// <summary>The one coordinate system of filters: longitude and latitude.</summary>
    public const string Crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

    const string TextLang = "cql2-text";
    const string JsonLang = "cql2-json";
    const string Prefix = "properties.";

    /// <summary>Reads a query string: a filter is text unless <c>filter-lang</c> says otherwise.</summary>
    public static Cql2Expression? Of(IQueryCollection given)
    {
        CheckCrs(SearchWish.Given(given, "filter-crs"));
        var lang = Lang(SearchWish.Given(given, "filter-lang"));
        var filter = SearchWish.Given(given, "filter");
        return Both(
            filter is null ? null : lang == JsonLang ? OfJson(filter) : OfText(filter),
            SearchWish.Given(given, "query") is { } query
                ? Query(SearchWish.Parse("query", query, "an object of properties")) : null);
    }

    /// <summary>Reads a body: a filter that is a text is CQL2 text, one that is an object is CQL2 JSON.</summary>
    public static Cql2Expression? Of(SearchBody body)
    {
        CheckCrs(body.FilterCrs);
        return Both(OfBody(body.Filter, Lang(body.FilterLang)), Query(body.Query));
    }

    /// <summary>Reads <c>filter-lang</c>.</summary>
    /// <exception cref="Access.Refused">400: it is none that is known.</exception>
    public static string? Lang(string? lang) => lang is null or TextLang or JsonLang ? lang
        : throw SearchWish.Bad(
            "filter-lang", $"filter-lang is '{SearchWish.Shorten(lang)}'; {TextLang} or {JsonLang} was expected.");

    /// <summary>Refuses a <c>filter-crs</c> that is not <see cref="Crs84"/>.</summary>
    public static void CheckCrs(string? crs)
    {
        if (crs is not (null or Crs84))
            throw SearchWish.Bad("filter-crs", $"filter-crs is '{SearchWish.Shorten(crs)}'; {Crs84} was expected.");
    }

    /// <summary>Reads the <c>filter</c> of a body.</summary>
    public static Cql2Expression? OfBody(JsonElement filter, string? lang) => (filter.ValueKind, lang) switch
    {
        (JsonValueKind.Undefined or JsonValueKind.Null, _) => null,
        (JsonValueKind.String, null or TextLang) => OfText(filter.GetString()!),
        (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False, null or JsonLang) => Read(
            () => Cql2Json.Read(filter)),
        (JsonValueKind.String or JsonValueKind.Object, _) => throw SearchWish.Bad(
            "filter-lang", $"filter-lang is {lang}, but filter is {(lang == TextLang ? "an object" : "a text")}."),
        _ => throw SearchWish.Bad("filter", "filter is neither a text (CQL2 text) nor an object (CQL2 JSON)."),
    };

    /// <summary>Both, where there are two.</summary>
    public static Cql2Expression? Both(Cql2Expression? one, Cql2Expression? other) =>
        one is null ? other : other is null ? one : new And([one, other]);

    /// <summary>Reads <c>query</c> (STAC API 1.0, Query): all conditions on all properties.</summary>
    public static Cql2Expression? Query(JsonElement query)
    {
        if (query.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return null;
        if (query.ValueKind != JsonValueKind.Object) throw Odd("it is not an object of properties");
        var conditions = new List<Cql2Expression>();
        foreach (var property in query.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Object)
                throw Odd($"{SearchWish.Shorten(property.Name)} has no object of operators");
            var name = property.Name.StartsWith(Prefix, StringComparison.Ordinal)
                ? property.Name[Prefix.Length..] : property.Name;
            foreach (var condition in property.Value.EnumerateObject())
                conditions.Add(Condition(new PropertyReference(name), condition.Name, condition.Value));
            if (conditions.Count > MostConditions) throw Odd($"it has more than {MostConditions} conditions");
        }
        return conditions.Count switch { 0 => null, 1 => conditions[0], _ => new And([.. conditions]) };
    }

    static Cql2Expression Condition(PropertyReference property, string name, JsonElement value)
    {
        return name switch
        {
            "eq" when value.ValueKind == JsonValueKind.Null => new IsNull(property),
            "neq" when value.ValueKind == JsonValueKind.Null => new Not(new IsNull(property)),
            "eq" => Compare(ComparisonOperator.Equal),
            "neq" => Compare(ComparisonOperator.NotEqual),
            "lt" => Compare(ComparisonOperator.Less),
            "lte" => Compare(ComparisonOperator.LessOrEqual),
            "gt" => Compare(ComparisonOperator.Greater),
            "gte" => Compare(ComparisonOperator.GreaterOrEqual),
            "startsWith" => Like("", "%"),
            "endsWith" => Like("%", ""),
            "contains" => Like("%", "%"),
            "in" => Within(property, value),
            _ => throw Odd($"it has the operator {SearchWish.Shorten(name)}; eq, neq, lt, lte, gt, gte, startsWith, "
                + "endsWith, contains and in are known"),
        };

        Comparison Compare(ComparisonOperator how) => new(how, property, Literal(name, value));

        Like Like(string before, string after) => value.ValueKind == JsonValueKind.String
            ? new Like(property, new TextLiteral(before + Escaped(value.GetString()!) + after))
            : throw Odd($"{name} has no text");
    }

    static In Within(PropertyReference property, JsonElement values) =>
        values.ValueKind == JsonValueKind.Array && values.GetArrayLength() <= Cql2Limits.Items
            ? new In(property, [.. values.EnumerateArray().Select(one => Literal("in", one))])
            : throw Odd($"in has no array of at most {Cql2Limits.Items} values");

    static Cql2Expression Literal(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var number) && double.IsFinite(number) =>
            new NumberLiteral(number),
        JsonValueKind.True or JsonValueKind.False => new BooleanLiteral(value.GetBoolean()),
        JsonValueKind.String when Moments.TryParse(value.GetString(), out var moment) =>
            new TimestampLiteral(Moments.Time(moment)),
        JsonValueKind.String when !value.GetString()!.Contains('\0', StringComparison.Ordinal) =>
            new TextLiteral(value.GetString()!),
        _ => throw Odd($"{name} has neither a text, a number nor a boolean"),
    };

    static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    static Cql2Expression OfText(string filter) => Read(() => Cql2Text.Read(filter));

    static Cql2Expression OfJson(string filter) => Read(() => Cql2Json.Read(filter));

    static Cql2Expression Read(Func<Cql2Expression> read)
    {
        try
        {
            return read();
        }
        catch (BadCql2Exception bad)
        {
            throw SearchWish.Bad("filter", bad.Message);
        }
    }

    static Access.Refused Odd(string what) => SearchWish.Bad("query", $"query cannot be read: {what}.");
}
