using System.Globalization;
using System.Text.Json;
using NetTopologySuite.Geometries;
using Waypost.Access;
using Waypost.Geo;
using Waypost.Geo.Geometry;

namespace Waypost.Catalogue;

/// <summary>The body of <c>POST /search</c> (STAC API 1.0, Item Search).</summary>
/// <param name="Bbox">West, south, east, north in degrees; six numbers with heights, which are not compared.</param>
/// <param name="Intersects">A GeoJSON geometry; not together with bbox.</param>
/// <param name="Datetime">A moment, or two with a slash between them, either of which may be <c>..</c>.</param>
/// <param name="Ids">Only items of these ids.</param>
/// <param name="Collections">Only items of these collections.</param>
/// <param name="Limit">Items on a page, 1 or more; more than 10,000 counts as 10,000.</param>
/// <param name="Token">Where a page goes on, from a link of the page before.</param>
public sealed record SearchBody(
    double[]? Bbox = null, JsonElement? Intersects = null, string? Datetime = null, string[]? Ids = null,
    string[]? Collections = null, long? Limit = null, string? Token = null);

/// <summary>Where a search looks.</summary>
/// <param name="Shape">What must be touched.</param>
/// <param name="Boxes">The box of it; two across the antimeridian.</param>
/// <param name="IsBox">The shape is nothing but the boxes.</param>
/// <param name="ShareOfWorld">How much of the world the boxes cover, 0 to 1.</param>
sealed record SearchArea(Geometry Shape, IReadOnlyList<Envelope> Boxes, bool IsBox, double ShareOfWorld)
{
    public static SearchArea Of(GeoBox box) => new(box.ToGeometry(), box.ToEnvelopes(), true, box.ShareOfWorld);

    public static SearchArea Of(Geometry shape)
    {
        var box = shape.EnvelopeInternal;
        return new(shape, [box], false, box.Width / 360 * (box.Height / 180));
    }

    /// <summary>Nothing that is anywhere lies outside of it.</summary>
    public bool IsWorld => IsBox && ShareOfWorld >= 1;
}

/// <summary>What a search asks for, checked.</summary>
sealed record SearchWish
{
    public const int DefaultLimit = 10;
    public const int MostOnPage = 10_000;
    public const int MostNames = 1_000;

    /// <summary>Positions of an intersects: each item that its box touches is compared with all of them.</summary>
    public const int MostPositions = 10_000;

    /// <summary>Mending a shape costs up to the square of its positions, for any line may cross any other.</summary>
    public const int MostMended = 500;

    public SearchArea? Area { get; init; }

    /// <summary>Earliest moment in microseconds since 1970; null: open.</summary>
    public long? From { get; init; }

    /// <summary>Latest moment, itself included.</summary>
    public long? Until { get; init; }

    public IReadOnlyList<string>? Ids { get; init; }

    public IReadOnlyList<string>? Collections { get; init; }

    public int Limit { get; init; } = DefaultLimit;

    public PagePosition? Position { get; init; }

    /// <summary>Reads what a query string asks.</summary>
    public static SearchWish Of(IQueryCollection query)
    {
        var text = Given(query, "intersects");
        GeoBox? box = null;
        if (Given(query, "bbox") is { } bbox)
            box = GeoBox.TryParse(bbox, out var parsed, out var problem) ? parsed : throw Bad("bbox", problem);
        return new SearchWish
        {
            Area = AreaOf(box, text is null ? null : Parse(text)),
            Ids = Names("ids", Given(query, "ids")?.Split(',')),
            Collections = Names("collections", Given(query, "collections")?.Split(',')),
            Limit = LimitOf(Given(query, "limit")),
            Position = PagePosition.Read(Given(query, "token")),
        }.At(Given(query, "datetime"));
    }

    /// <summary>Reads what a body asks.</summary>
    public static SearchWish Of(SearchBody body)
    {
        GeoBox? box = null;
        if (body.Bbox is { } numbers)
            box = GeoBox.TryMake(numbers, out var made, out var problem) ? made : throw Bad("bbox", problem);
        var shape = body.Intersects is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given
            ? given
            : (JsonElement?)null;
        return new SearchWish
        {
            Area = AreaOf(box, shape),
            Ids = Names("ids", body.Ids),
            Collections = Names("collections", body.Collections),
            Limit = LimitOf(body.Limit),
            Position = PagePosition.Read(body.Token),
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

    static int LimitOf(long? limit) => limit switch
    {
        null => DefaultLimit,
        < 1 => throw Bad("limit", $"limit is {limit}; a whole number from 1 to {MostOnPage} was expected."),
        _ => (int)Math.Min(limit.Value, MostOnPage),
    };

    static SearchArea? AreaOf(GeoBox? box, JsonElement? shape)
    {
        if (box is not null && shape is not null)
            throw Bad("intersects", "bbox and intersects cannot be asked together; use one of them.");
        if (box is { } area) return SearchArea.Of(area);
        if (shape is not { } given) return null;
        try
        {
            var geometry = GeoJsonGeometry.Read(given);
            if (geometry is null or { IsEmpty: true }) throw Bad("intersects", "intersects is an empty geometry.");
            if (geometry.NumPoints > MostPositions)
                throw Bad("intersects",
                    $"intersects has {geometry.NumPoints} positions; at most {MostPositions} can be asked for.");
            return SearchArea.Of(geometry.IsValid ? geometry : Mended(geometry));
        }
        catch (BadGeodataException bad)
        {
            throw Bad("intersects", $"intersects is not a GeoJSON geometry: {bad.Message}");
        }
    }

    static Geometry Mended(Geometry geometry) => geometry.NumPoints <= MostMended
        ? NetTopologySuite.Geometries.Utilities.GeometryFixer.Fix(geometry)
        : throw Bad("intersects",
            $"intersects is not valid (its lines cross), and only what has up to {MostMended} positions is mended.");

    static JsonElement Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            throw Bad("intersects", "intersects is not JSON; a GeoJSON geometry was expected.");
        }
    }

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

    static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
