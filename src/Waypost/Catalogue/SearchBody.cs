using System.Text.Json;
using System.Text.Json.Serialization;

namespace Waypost.Catalogue;

/// <summary>The body of <c>POST /search</c> (STAC API 1.0, Item Search and its extensions).</summary>
public sealed record SearchBody
{
    /// <summary>West, south, east, north in degrees; six numbers with heights in metres, which items that have heights
    /// must reach.</summary>
    public double[]? Bbox { get; init; }

    /// <summary>A GeoJSON geometry; not together with bbox.</summary>
    public JsonElement? Intersects { get; init; }

    /// <summary>A moment, or two with a slash between them, either of which may be <c>..</c>.</summary>
    public string? Datetime { get; init; }

    /// <summary>Only items of these ids.</summary>
    public string[]? Ids { get; init; }

    /// <summary>Only items of these collections.</summary>
    public string[]? Collections { get; init; }

    /// <summary>Items on a page, 1 or more; more than 10,000 counts as 10,000.</summary>
    public long? Limit { get; init; }

    /// <summary>Where a page goes on, from a link of the page before.</summary>
    public string? Token { get; init; }

    /// <summary>An array of objects with field and direction (asc, desc), or a text as the query parameter has it.
    /// </summary>
    public JsonElement Sortby { get; init; }

    /// <summary>An object with the arrays include and exclude of paths, or a text as the query parameter has it.
    /// </summary>
    public JsonElement Fields { get; init; }

    /// <summary>Of each property an object of operators: eq, neq, lt, lte, gt, gte, startsWith, endsWith, contains, in.
    /// </summary>
    public JsonElement Query { get; init; }

    /// <summary>CQL2: an object is its JSON encoding, a text its text encoding.</summary>
    public JsonElement Filter { get; init; }

    /// <summary><c>cql2-json</c> or <c>cql2-text</c>; must agree with the filter.</summary>
    [JsonPropertyName("filter-lang")]
    public string? FilterLang { get; init; }

    /// <summary>Only <c>http://www.opengis.net/def/crs/OGC/1.3/CRS84</c>.</summary>
    [JsonPropertyName("filter-crs")]
    public string? FilterCrs { get; init; }

    /// <summary>Free text: an array of terms of which any is enough, or an expression.</summary>
    public JsonElement Q { get; init; }
}
