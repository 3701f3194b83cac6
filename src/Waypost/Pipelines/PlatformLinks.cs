using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>Where a request's things are found.</summary>
static class PlatformLinks
{
    /// <summary>How a client reached this server, kept for links that are written without it.</summary>
    /// <param name="Site">Where routes such as <c>/platform</c> begin.</param>
    /// <param name="Stac">Where the STAC API begins.</param>
    /// <param name="Api">Where routes such as <c>/features</c> begin.</param>
    public sealed record Roots(string Site, string Stac, string Api);

    /// <summary>The path of a request's status, from the server's root as the client reached it.</summary>
    public static string Status(HttpContext http, string requestId) =>
        http.Request.PathBase + Twin(http) + "/platform/status/" + requestId;

    /// <summary>What is kept of the roots of links.</summary>
    public static Roots Kept(LinkRoots links) => new(links.SiteRoot, links.StacRoot, links.ApiRoot);

    /// <summary>The URLs of everything that a completed request made; each works.</summary>
    public static Dictionary<string, string> Endpoints(Roots roots, RequestRow request)
    {
        var item = Uri.EscapeDataString(request.ItemId);
        var data = $"{roots.Site}/platform/data/{request.RequestId}";
        var endpoints = new Dictionary<string, string>
        {
            ["status"] = $"{roots.Site}/platform/status/{request.RequestId}",
            ["stac_collection"] = $"{roots.Stac}/collections/{request.Collection}",
            ["stac_item"] = $"{roots.Stac}/collections/{request.Collection}/items/{item}",
            ["download"] = data + "/download",
            ["report"] = data + "/report",
        };
        if (request.Type == DataType.Raster)
        {
            var tiles = $"{roots.Site}/tiles/{request.Collection}/{item}";
            endpoints["receipt"] = data + "/receipt";
            endpoints["tiles"] = tiles + "/{z}/{x}/{y}.png";
            endpoints["tilejson"] = tiles + "/tilejson.json";
            endpoints["preview"] = tiles + "/preview.png";
        }
        else
        {
            endpoints["collection"] = $"{roots.Api}/features/collections/{item}";
            endpoints["features"] = $"{roots.Api}/features/collections/{item}/items";
        }
        return endpoints;
    }

    static string Twin(HttpContext http) => http.GetRouteValue("org_id") is string org ? "/api/v1/" + org : "";
}

/// <summary>Names the operations of routes that exist more than once: only one of them may have the name.</summary>
static class RouteNames
{
    /// <summary>The endpoint is this operation in the API's description; null: it has no name there.</summary>
    public static TBuilder Named<TBuilder>(this TBuilder endpoint, string? operation)
        where TBuilder : IEndpointConventionBuilder => operation is null ? endpoint : endpoint.WithName(operation);
}
