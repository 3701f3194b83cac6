using System.Text.Json;
using Waypost.Access;

namespace Waypost.Catalogue;

/// <summary>What must hold of a document before it is kept, whoever wrote it.</summary>
static class StacChecks
{
    /// <summary>The id of a collection that may be kept.</summary>
    /// <exception cref="Refused">It may not; the sentence says why.</exception>
    public static string Collection(JsonElement collection)
    {
        var id = Id(collection, "collection");
        if (Text(collection, "type") != "Collection")
            throw Invalid("collection", id, "its type must be Collection");
        if (Text(collection, "stac_version") is null)
            throw Invalid("collection", id, "stac_version is missing");
        if (Text(collection, "description") is null)
            throw Invalid("collection", id, "description is missing");
        if (Text(collection, "license") is null)
            throw Invalid("collection", id, "license is missing (SPDX, or 'other')");
        if (!collection.TryGetProperty("extent", out var extent) || extent.ValueKind != JsonValueKind.Object)
            throw Invalid("collection", id, "extent is missing");
        return id;
    }

    /// <summary>The id and the collection of an item that may be kept.</summary>
    /// <exception cref="Refused">It may not; the sentence says why.</exception>
    public static (string Id, string Collection) Item(JsonElement item)
    {
        var id = Id(item, "item");
        if (Text(item, "type") != "Feature")
            throw Invalid("item", id, "its type must be Feature");
        if (Text(item, "stac_version") is null)
            throw Invalid("item", id, "stac_version is missing");
        if (!item.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
            throw Invalid("item", id, "properties is missing");
        if (!item.TryGetProperty("geometry", out _))
            throw Invalid("item", id, "geometry is missing (it may be null)");
        if (Text(item, "collection") is not { Length: > 0 } collection)
            throw Invalid("item", id, "collection is missing");
        return (id, collection);
    }

    public static Refused Invalid(string what, string id, string why) => Refused.Bad(
        "STAC_INVALID", $"The {what} {id} is not valid STAC: {why}.", "Correct it and send it again.");

    public static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    static string Id(JsonElement document, string what)
    {
        if (Text(document, "id") is not { Length: > 0 } id)
            throw Refused.Bad("STAC_INVALID", $"The {what} has no id.", "Give it one: letters, digits, '-', '_', '.'.");
        // A slash would be another path, and what cannot be seen cannot be asked for.
        if (id.Length > Collections.LongestId || id is "." or ".." || id.Any(c => c is '/' or '\\' || char.IsControl(c)))
            throw Refused.Bad("STAC_INVALID",
                $"The {what}'s id is longer than {Collections.LongestId} characters, or has a slash or a control "
                + "character in it.", "Give it another.");
        return id;
    }
}
