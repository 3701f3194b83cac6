using Waypost.Catalogue;

namespace Waypost.Hosting;

/// <summary>A place of the server that a program may go on to.</summary>
/// <param name="Rel">What it is, in one word.</param>
/// <param name="Href">Where it is.</param>
/// <param name="Title">What it is, for a person.</param>
public sealed record ServerLink(string Rel, string Href, string Title);

/// <summary>What the server answers at <c>/</c> to a program: where everything begins.</summary>
/// <param name="Title">The product.</param>
/// <param name="Version">Its version.</param>
/// <param name="Links">Where to go on.</param>
public sealed record ServerIndex(string Title, string Version, IReadOnlyList<ServerLink> Links)
{
    static readonly (string Rel, string Path, string Title)[] Places =
    [
        ("catalogue", "/api", "The STAC catalogue"),
        ("search", "/api/search", "Search the catalogue"),
        ("platform", "/platform", "Submit data and follow it"),
        ("service-desc", "/openapi/v1.json", "The description of every route (OpenAPI)"),
        ("service-doc", "/docs", "The same for reading"),
        ("health", "/health", "How the server is"),
    ];

    /// <summary>The index with addresses as this request sees the server.</summary>
    internal static ServerIndex Of(HttpContext http)
    {
        var root = PublicAddress.Of(http);
        var version = typeof(ServerIndex).Assembly.GetName().Version!.ToString(fieldCount: 3);
        return new(
            "Waypost", version, [.. Places.Select(place => new ServerLink(place.Rel, root + place.Path, place.Title))]);
    }
}
