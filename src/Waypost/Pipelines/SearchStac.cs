using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>The platform's own STAC search: by key only, and only among what requests made.</summary>
static class SearchStac
{
    static readonly string[] Offered =
        [RequestRow.CollectionOf(DataType.Vector), RequestRow.CollectionOf(DataType.Raster)];

    public static void Map(IEndpointRouteBuilder platform, string? operation) => platform
        .MapPost("/stac/search", Handle).Permit(Permission.CatalogueRead).Named(operation)
        .WithSummary("Search what requests made; needs a key").Produces(200, contentType: "application/geo+json");

    static Task Handle(HttpContext http, SearchBody body, Caller caller, Db db, CancellationToken ct)
    {
        if (caller.KeyId is null)
            throw new Refused(StatusCodes.Status401Unauthorized, "KEY_NEEDED", "This needs a key and none was sent.",
                "Send it as X-Platform-API-Key, X-API-Key or Authorization: Bearer KEY.");
        var others = body.Collections?.Except(Offered, StringComparer.Ordinal).ToArray() ?? [];
        if (others.Length > 0)
            throw new Refused(StatusCodes.Status403Forbidden, "COLLECTION_NOT_OFFERED",
                $"This search does not look into {string.Join(", ", others)}.",
                $"It looks into {string.Join(" and ", Offered)}; POST /api/search looks into all collections.")
                .With(("field", "collections"), ("allowed", Offered));
        return Search.ByBodyAt(
            http, body with { Collections = body.Collections is { Length: > 0 } named ? named : Offered },
            LinkRoots.Of(http).SiteRoot + "/platform/stac/search", View.Internal(http, caller), db, ct);
    }
}
