using System.Text.Json.Nodes;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary>
/// How far a local catalogue follows a server: the position in its feed of changes that the last query reached. It is
/// only good for the same question to the same server; a file beside <c>catalog.json</c> keeps it.
/// </summary>
static class QueryMark
{
    const string FileName = ".waypost-query.json";

    /// <summary>Where the same query ended; null: it was never made here.</summary>
    public static string? Read(string root, Uri api, StacWish wish)
    {
        if (CatalogueFolder.Read(Path.Combine(root, FileName)) is not { } content) return null;
        try
        {
            return JsonNode.Parse(content) is JsonObject mark && mark.Text("api_url") == api.AbsoluteUri
                && mark.Text("query") == wish.Fingerprint ? mark.Text("position") : null;
        }
        catch (System.Text.Json.JsonException)
        {
            // A file that somebody damaged costs a full query, nothing more.
            return null;
        }
    }

    /// <summary>Notes where a query ended; null: the server has no such feed.</summary>
    public static void Write(string root, Uri api, StacWish wish, string? position)
    {
        var path = Path.Combine(root, FileName);
        if (position is null) File.Delete(path);
        else
            CatalogueFolder.Write(path, new JsonObject
            {
                ["api_url"] = api.AbsoluteUri,
                ["query"] = wish.Fingerprint,
                ["position"] = position,
            });
    }
}
