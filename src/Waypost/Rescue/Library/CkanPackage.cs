using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>Who publishes a dataset.</summary>
sealed record CkanPublisher(string Id, string Name, string Title, DateTimeOffset? Created);

/// <summary>Where the catalogue itself had a dataset from.</summary>
sealed record CkanHarvest(string Id, string Title);

/// <summary>A file or page of a dataset.</summary>
sealed record CkanResource(
    string Id, string Name, string Description, string? LocatorFunction, string? LocatorProtocol, string? Mimetype,
    string State, DateTimeOffset? Created, DateTimeOffset? Modified, string Url, string Type, long? SizeBytes,
    DateTimeOffset? SourceModified, byte[]? Sha256);

/// <summary>A dataset as CKAN's <c>package_search</c> tells of it, with what is made of it.</summary>
/// <param name="Content">The package whole, without blanks between its parts.</param>
/// <param name="Hash">Of the content: the same package has the same.</param>
sealed record CkanPackage(
    string Id, string Name, string Title, string Notes, DateTimeOffset? Created, DateTimeOffset? Modified,
    long Downloads, long Accesses, CkanPublisher? Publisher, CkanHarvest? Harvest,
    IReadOnlyList<CkanResource> Resources, string Content, string Hash)
{
    /// <summary>The most resources of one package.</summary>
    public const int MostResources = 20_000;

    /// <summary>The largest file that is believed in, in bytes: 1 PiB.</summary>
    public const long MostBytes = 1L << 50;

    const int Sha256Characters = 64;

    /// <summary>Reads a package.</summary>
    /// <exception cref="FormatException">It is none; the sentence says what is missing where.</exception>
    public static CkanPackage Read(JsonElement package)
    {
        if (package.ValueKind != JsonValueKind.Object) throw new FormatException("A package is an object.");
        if (!new Json(package.GetRawText()).CanBeKept) throw new FormatException(Json.CannotBeKept);
        var id = Needed(package, "id");
        var resources = Part(package, "resources", JsonValueKind.Array) is { } list
            ? list.EnumerateArray().Select((one, index) => Resource(one, id, index)).ToList() : [];
        if (resources.Count > MostResources)
            throw new FormatException($"It has more than {MostResources} resources.");
        if (resources.GroupBy(one => one.Id, StringComparer.Ordinal)
            .FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new FormatException($"Two of its resources have the id {twice.Key}.");
        var tracking = Part(package, "tracking_summary", JsonValueKind.Object);
        var content = Compact(package);
        return new CkanPackage(
            id, Text(package, "name") ?? id, Text(package, "title") ?? "", Text(package, "notes") ?? "",
            Time(package, "metadata_created"), Time(package, "metadata_modified"),
            tracking is { } t ? Whole(t, "recent") ?? 0 : 0, tracking is { } all ? Whole(all, "total") ?? 0 : 0,
            PublisherOf(package), HarvestOf(package), resources, content,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content))));
    }

    static CkanResource Resource(JsonElement resource, string package, int index)
    {
        if (resource.ValueKind != JsonValueKind.Object)
            throw new FormatException($"resources[{index}] is not an object.");
        var url = Text(resource, "url") ?? "";
        var sum = Text(resource, "hash")?.Split(':')[^1];
        return new CkanResource(
            Text(resource, "id") is { Length: > 0 } id ? id
                : string.Create(CultureInfo.InvariantCulture, $"{package}/{index + 1}"),
            Text(resource, "name") ?? "", Text(resource, "description") ?? "",
            Text(resource, "resource_locator_function"), Text(resource, "resource_locator_protocol"),
            Text(resource, "mimetype"), Text(resource, "state") ?? "", Time(resource, "created"),
            Time(resource, "metadata_modified"), url, AssetUrl.KindOf(url),
            Whole(resource, "size") is >= 0 and <= MostBytes and var size ? size : null,
            Time(resource, "last_modified"),
            sum is { Length: Sha256Characters } && sum.All(char.IsAsciiHexDigit) ? Convert.FromHexString(sum) : null);
    }

    static CkanPublisher? PublisherOf(JsonElement package) =>
        Part(package, "organization", JsonValueKind.Object) is { } one && Text(one, "id") is { Length: > 0 } id
            ? new CkanPublisher(id, Text(one, "name") ?? id, Text(one, "title") ?? "", Time(one, "created")) : null;

    static CkanHarvest? HarvestOf(JsonElement package)
    {
        if (Part(package, "extras", JsonValueKind.Array) is not { } extras) return null;
        string? Extra(string key) => extras.EnumerateArray()
            .Where(extra => extra.ValueKind == JsonValueKind.Object && Text(extra, "key") == key)
            .Select(extra => Text(extra, "value")).FirstOrDefault();
        return Extra("harvest_source_id") is { Length: > 0 } id
            ? new CkanHarvest(id, Extra("harvest_source_title") ?? "") : null;
    }

    static string Needed(JsonElement package, string name) => Text(package, name) is { Length: > 0 } text ? text
        : throw new FormatException($"It has no {name}.");

    static JsonElement? Part(JsonElement of, string name, JsonValueKind kind) =>
        !of.TryGetProperty(name, out var part) || part.ValueKind == JsonValueKind.Null ? null
            : part.ValueKind == kind ? part
            : throw new FormatException($"{name} should be a {(kind == JsonValueKind.Array ? "list" : "object")}.");

    static string? Text(JsonElement of, string name) =>
        !of.TryGetProperty(name, out var text) || text.ValueKind == JsonValueKind.Null ? null
            : text.ValueKind switch
            {
                JsonValueKind.String => text.GetString(),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => text.GetRawText(),
                _ => throw new FormatException($"{name} should be text."),
            };

    // Catalogues write sizes as they like; what is not a whole number says nothing.
    static long? Whole(JsonElement of, string name) =>
        long.TryParse(Text(of, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    // Without an offset: UTC.
    static DateTimeOffset? Time(JsonElement of, string name) => DateTimeOffset.TryParse(
        Text(of, name), CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
        ? new DateTimeOffset(time.Ticks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero)
        : null;

    static string Compact(JsonElement package)
    {
        using var to = new MemoryStream();
        using (var json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = Json.Options.Encoder }))
            package.WriteTo(json);
        return Encoding.UTF8.GetString(to.GetBuffer(), 0, (int)to.Length);
    }
}
