using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Stac;

namespace Waypost.Catalogue;

/// <summary>What must hold of a document before it is kept, whoever wrote it.</summary>
static class StacChecks
{
    /// <summary>Stands for this server's address while a document is checked as it will be served.</summary>
    static readonly LinkRoots Somewhere = new("https://waypost.invalid", null);

    /// <summary>The id of a collection; the rest is checked by <see cref="Served"/>.</summary>
    public static string Collection(JsonElement collection)
    {
        var id = Id(collection, "collection");
        return Text(collection, "type") == "Collection"
            ? id
            : throw Invalid("collection", id, "its type must be Collection");
    }

    /// <summary>The id and the collection of an item; the rest is checked by <see cref="Served"/>.</summary>
    public static (string Id, string Collection) Item(JsonElement item)
    {
        var id = Id(item, "item");
        if (Text(item, "type") != "Feature") throw Invalid("item", id, "its type must be Feature");
        return Text(item, "collection") is { Length: > 0 } collection
            ? (id, collection)
            : throw Invalid("item", id, "collection is missing");
    }

    /// <summary>Refuses a document that would not be valid STAC 1.1 in the form in which it is served.</summary>
    /// <exception cref="Refused">It would not; the details list every fault.</exception>
    public static void Served(string what, string id, StoredDocument document)
    {
        var faults = StacRules.Check(JsonElement.Parse(Somewhere.Expand(document.Body)));
        if (faults.Count == 0) return;
        var (path, found, expected) = faults[0];
        throw new Refused(400, "STAC_INVALID",
            $"The {what} {id} is not valid STAC 1.1: at {path} there is {found}; expected was {expected}.",
            "Correct the faults and send it again.")
        {
            Details = new Dictionary<string, object?> { ["faults"] = faults },
        };
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
        if (id.Length > Collections.LongestId || id is "." or ".."
            || id.Any(c => c is '/' or '\\' || char.IsControl(c)))
            throw Refused.Bad("STAC_INVALID",
                $"The {what}'s id is longer than {Collections.LongestId} characters, or has a slash or a control "
                + "character in it.", "Give it another.");
        return id;
    }
}
