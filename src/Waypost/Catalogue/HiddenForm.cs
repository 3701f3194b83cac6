using System.Text.Json;
using System.Text.Json.Nodes;

namespace Waypost.Catalogue;

/// <summary>What outsiders see of a document that today's rules would refuse, so that nobody can say what in it is not
/// for them: that it is there, and when.</summary>
static class HiddenForm
{
    /// <summary>The properties of such an item.</summary>
    public static string Properties(long starts, long ends, long? moment) =>
        Times(starts, ends, moment).ToJsonString();

    /// <summary>Such an item.</summary>
    public static string Item(string collection, string id, long starts, long ends, long? moment) => new JsonObject
    {
        ["type"] = "Feature",
        ["stac_version"] = "1.1.0",
        ["id"] = id,
        ["collection"] = collection,
        ["geometry"] = null,
        ["properties"] = Times(starts, ends, moment),
        ["links"] = new JsonArray(),
        ["assets"] = new JsonObject(),
    }.ToJsonString();

    /// <summary>Such a collection.</summary>
    public static string Collection(string id) => new JsonObject
    {
        ["type"] = "Collection",
        ["stac_version"] = "1.1.0",
        ["id"] = id,
        ["description"] = id,
        ["license"] = "other",
        ["extent"] = new JsonObject
        {
            ["spatial"] = new JsonObject { ["bbox"] = new JsonArray(new JsonArray(-180, -90, 180, 90)) },
            ["temporal"] = new JsonObject { ["interval"] = new JsonArray(new JsonArray(null, null)) },
        },
        ["links"] = new JsonArray(),
    }.ToJsonString();

    /// <summary>The properties of an item as its own document has them, for those inside.</summary>
    public static string Own(string body)
    {
        try
        {
            var own = StacChecks.PropertiesOf(body);
            return own.ValueKind == JsonValueKind.Object ? own.GetRawText() : "{}";
        }
        catch (JsonException)
        {
            // It is served as it is; there is nothing in it to be asked about.
            return "{}";
        }
    }

    static JsonObject Times(long starts, long ends, long? moment)
    {
        var times = new JsonObject { ["datetime"] = moment is { } at ? Moments.Text(at) : null };
        if (moment is not null && starts == ends) return times;
        times["start_datetime"] = Moments.Text(starts);
        times["end_datetime"] = Moments.Text(ends);
        return times;
    }
}
