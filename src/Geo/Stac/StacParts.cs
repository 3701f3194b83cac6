using System.Globalization;
using System.Text.RegularExpressions;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Stac;

/// <summary>Which submission an item shows: the three names a data hub knows it by.</summary>
/// <param name="DatasetId">The dataset.</param>
/// <param name="ResourceId">The resource of the dataset.</param>
/// <param name="VersionId">The version of the resource.</param>
public sealed record StacIdentity(string DatasetId, string ResourceId, string VersionId)
{
    /// <summary>The item's id: the three names joined by underscores, as the platform contract has it.</summary>
    public string ItemId => $"{DatasetId}_{ResourceId}_{VersionId}";
}

/// <summary>
/// When the data is of: an instant, or a span whose ends are both known. There is no "unknown": a caller without
/// better knowledge says so by choosing, for instance, the time the data was received.
/// </summary>
public sealed record StacTime
{
    StacTime(DateTimeOffset? instant, DateTimeOffset? start, DateTimeOffset? end) =>
        (Instant, Start, End) = (instant, start, end);

    /// <summary>The instant; null for a span.</summary>
    public DateTimeOffset? Instant { get; }

    /// <summary>The span's beginning.</summary>
    public DateTimeOffset? Start { get; }

    /// <summary>The span's end, inclusive.</summary>
    public DateTimeOffset? End { get; }

    /// <summary>Data of one instant.</summary>
    public static StacTime At(DateTimeOffset instant) => new(instant, null, null);

    /// <summary>Data of a span: <c>datetime</c> is null and both ends are given.</summary>
    public static StacTime Between(DateTimeOffset start, DateTimeOffset end) => end >= start
        ? new(null, start, end)
        : throw new ArgumentException($"The span ends ({Text(end)}) before it starts ({Text(start)}).", nameof(end));

    /// <summary>A time as STAC writes it: RFC 3339 in UTC with a Z, fractions only when there are any.</summary>
    public static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A file or address of an item.</summary>
/// <param name="Href">Where it is: absolute, or relative to a base that the server fills in when it answers.</param>
/// <param name="Type">Its media type.</param>
/// <param name="Roles">What it is for: data, thumbnail, metadata, tiles…</param>
/// <param name="Title">What a person reads.</param>
/// <param name="Size">Its length in bytes, when known.</param>
/// <param name="Sha256">SHA-256 of its bytes in hex, when known; written as a multihash.</param>
/// <param name="Bands">Its bands, when it is a raster.</param>
public sealed record StacAsset(string Href, string? Type, IReadOnlyList<string> Roles, string? Title = null,
    long? Size = null, string? Sha256 = null, IReadOnlyList<StacBand>? Bands = null);

/// <summary>A link of an item or a collection.</summary>
/// <param name="Rel">What is at its other end: self, root, parent, collection, items, license…</param>
/// <param name="Href">Where that is: absolute, or relative to a base that the server fills in when it answers.</param>
/// <param name="Type">The media type there.</param>
/// <param name="Title">What a person reads.</param>
public sealed record StacLink(string Rel, string Href, string? Type = null, string? Title = null);

/// <summary>One band of a raster, in the words of STAC 1.1's <c>bands</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DataType">uint8, int16, float32 and so on, as STAC names them.</param>
/// <param name="NoData">The value that stands for nothing; may be NaN or infinite.</param>
/// <param name="Description">What it measures.</param>
/// <param name="Statistics">What its valid pixels hold.</param>
/// <param name="Unit">Of its values.</param>
/// <param name="Scale">What a pixel is multiplied by, with <paramref name="Offset"/>, to give the value.</param>
/// <param name="Offset">What is added after that.</param>
public sealed record StacBand(string Name, string DataType, double? NoData = null, string? Description = null,
    StacStatistics? Statistics = null, string? Unit = null, double? Scale = null, double? Offset = null);

/// <summary>What the valid pixels of a band hold; numbers that are not finite are left out.</summary>
/// <param name="Minimum">The least value.</param>
/// <param name="Maximum">The greatest value.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="StandardDeviation">Their standard deviation.</param>
/// <param name="ValidPercent">Share of pixels that are valid, 0 to 100.</param>
public sealed record StacStatistics(
    double? Minimum, double? Maximum, double? Mean = null, double? StandardDeviation = null,
        double? ValidPercent = null);

/// <summary>What an item says whatever it shows.</summary>
/// <param name="Identity">Which submission it is.</param>
/// <param name="Box">Around the data.</param>
/// <param name="Footprint">The data's outline; the box itself when null.</param>
/// <param name="Time">When the data is of.</param>
/// <param name="Created">When the item came to be.</param>
/// <param name="Updated">When it last changed.</param>
/// <param name="Assets">Its files and addresses, by key.</param>
public sealed record StacItemSource(StacIdentity Identity, GeoBox Box, NtsGeometry? Footprint, StacTime Time,
    DateTimeOffset Created, DateTimeOffset Updated, IReadOnlyDictionary<string, StacAsset> Assets)
{
    /// <summary>What a person reads first; the identity when null.</summary>
    public string? Title { get; init; }

    /// <summary>What a person reads next.</summary>
    public string? Description { get; init; }

    /// <summary>Words to find it by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>An SPDX identifier; anything else becomes "other".</summary>
    public string? License { get; init; }

    /// <summary>Its links; a link to the collection is added when there is none.</summary>
    public IReadOnlyList<StacLink> Links { get; init; } = [];
}

/// <summary>Licences as STAC writes them.</summary>
public static partial class StacLicense
{
    /// <summary>The identifier itself when it has the shape of one, "other" when it is prose or an address.</summary>
    public static string Of(string? license) =>
        license is not null && Identifier().IsMatch(license) ? license : "other";

    [GeneratedRegex(@"^[\w\-\.\+]+\z", RegexOptions.ECMAScript)]
    private static partial Regex Identifier();
}
