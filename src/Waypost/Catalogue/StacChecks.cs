using System.Buffers;
using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Stac;
using Waypost.Geo.Text;

namespace Waypost.Catalogue;

/// <summary>What must hold of a document before it is kept, whoever wrote it.</summary>
static class StacChecks
{
    static readonly SearchValues<char> NotInIds = SearchValues.Create(
        [.. @"/\", .. Enumerable.Range(0, 160).Select(code => (char)code).Where(char.IsControl)]);

    /// <summary>The id of a collection; the rest is checked by <see cref="Sound"/>.</summary>
    public static string Collection(JsonElement collection)
    {
        var id = Id(collection, "collection");
        return Text(collection, "type") == "Collection"
            ? id
            : throw Invalid("collection", id, "its type must be Collection");
    }

    /// <summary>The id and the collection of an item; the rest is checked by <see cref="Sound"/>.</summary>
    public static (string Id, string Collection) Item(JsonElement item)
    {
        var id = Id(item, "item");
        if (Text(item, "type") != "Feature") throw Invalid("item", id, "its type must be Feature");
        return Text(item, "collection") is { Length: > 0 } collection
            ? (id, collection)
            : throw Invalid("item", id, "collection is missing");
    }

    /// <summary>The document, repaired when that is asked for; refuses what would not be valid STAC 1.1 when it is
    /// served with the links that we write.</summary>
    /// <exception cref="Refused">It would not; the details list every fault.</exception>
    public static StacRepaired Sound(string what, string id, JsonElement document, Preparing how)
    {
        var repaired = how.Validation == Validation.Repair
            ? StacRepair.Apply(document) : new StacRepaired(document, []);
        var faults = StacRules.Check(repaired.Document, framed: true);
        if (faults.Count == 0) return repaired;
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

    /// <summary>The properties of a stored document; nothing where it has none. What is kept from before may break the
    /// rules of today.</summary>
    public static JsonElement PropertiesOf(string? body) =>
        body is not null && JsonElement.Parse(body) is { ValueKind: JsonValueKind.Object } document
            && document.TryGetProperty("properties", out var properties) ? properties : default;

    public static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>The words that free text is looked for in: of title, description and keywords as the external view has
    /// them, a blank between words and a line's end between the three.</summary>
    public static string Words(JsonElement visible)
    {
        var title = Text(visible, "title");
        var description = Text(visible, "description");
        var keywords = visible.TryGetProperty("keywords", out var found) && found.ValueKind == JsonValueKind.Array
            ? string.Join('\n', found.EnumerateArray().Where(word => word.ValueKind == JsonValueKind.String)
                .Select(word => word.GetString()))
            : null;
        return title is null && description is null && string.IsNullOrEmpty(keywords)
            ? ""
            : $"{Folded(title)}\n{Folded(description)}\n{Folded(keywords)}";
    }

    static string Folded(string? text) => text is null ? "" : string.Join(' ', Folding.Words(text));

    static string Id(JsonElement document, string what)
    {
        if (Text(document, "id") is not { Length: > 0 } id)
            throw Refused.Bad("STAC_INVALID", $"The {what} has no id.", "Give it one: letters, digits, '-', '_', '.'.");
        // A slash would be another path, and what cannot be seen cannot be asked for.
        if (id.Length > Collections.LongestId || id is "." or ".." || id.AsSpan().ContainsAny(NotInIds))
            throw Refused.Bad("STAC_INVALID",
                $"The {what}'s id is longer than {Collections.LongestId} characters, or has a slash or a control "
                + "character in it.", "Give it another.");
        // An id is seen from outside whatever else is hidden.
        return StacRedaction.IsHidden(id, StacSchemes.Web)
            ? throw Refused.Bad("STAC_INVALID", $"The {what}'s id reads like an address or a path.", "Give it another.")
            : id;
    }
}
