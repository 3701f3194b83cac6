using Waypost.Events;

namespace Waypost.Catalogue;

/// <summary>The catalogue: STAC collections and items, tiles of rasters, features of vectors.</summary>
static class CatalogueModule
{
    /// <summary>What the catalogue needs.</summary>
    public static void Add(IServiceCollection services, LinkSettings links) => services
        .AddSingleton(links)
        .AddSingleton<OpenRasters>()
        .AddSingleton<TileDesk>()
        .AddSingleton<DroppedSets>()
        .AddBackgroundLoop(provider => provider.GetRequiredService<DroppedSets>().Loop());

    /// <summary>The routes at the root.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        MapStac(routes.MapGroup("/api"), "", ViewKind.Internal);
        MapStac(routes.MapGroup("/external"), "External", ViewKind.External);
        FeatureRoutes.Map(routes.MapGroup("/api/features"), "");
        TileRoutes.Map(routes, "");
    }

    /// <summary>The same under <c>/api/v1/{org_id}</c>, where every link stays.</summary>
    public static void MapForOrg(IEndpointRouteBuilder routes)
    {
        MapStac(routes.MapGroup("/stac"), "Org", ViewKind.Internal);
        MapStac(routes.MapGroup("/external"), "OrgExternal", ViewKind.External);
        MapStac(routes.MapGroup("/shared/{owner}"), "OrgShared", ViewKind.Shared);
        FeatureRoutes.Map(routes.MapGroup("/features"), "Org");
        TileRoutes.Map(routes, "Org");
    }

    static void MapStac(RouteGroupBuilder stac, string operations, ViewKind kind)
    {
        stac.WithMetadata(new Mounted(kind));
        LandingPage.Map(stac, operations);
        CollectionReads.Map(stac, operations);
        Search.Map(stac, operations);
    }
}
