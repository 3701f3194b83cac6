using Waypost.Access;
using Waypost.Events;
using Waypost.Geo.Stac;

namespace Waypost.Catalogue;

/// <summary>The catalogue: STAC collections and items, tiles of rasters, features of vectors.</summary>
static class CatalogueModule
{
    /// <summary>What the catalogue needs.</summary>
    public static void Add(IServiceCollection services, LinkSettings links, CatalogueSettings settings)
    {
        AddAll(services, links, settings);
        Changes.AddReader(services);
    }

    static void AddAll(IServiceCollection services, LinkSettings links, CatalogueSettings settings) => services
        .AddSingleton(links)
        .AddSingleton(settings)
        .AddSingleton(settings.Search)
        .AddSingleton(new Preparing(new StacSchemes(settings.ExternalSchemes), Validation.Repair))
        .AddSingleton(new OpenCatalogues(settings.OpenExternal))
        .AddSingleton<BulkWriting>()
        .AddSingleton<CatalogueForms>()
        .AddBackgroundLoop(provider => provider.GetRequiredService<CatalogueForms>().Loop())
        .AddSingleton<OpenRasters>()
        .AddSingleton<CatalogueSizes>()
        .AddSingleton<TileDesk>()
        .AddSingleton<ServedFiles>()
        .AddSingleton<DroppedSets>()
        .AddBackgroundLoop(provider => provider.GetRequiredService<DroppedSets>().Loop())
        .AddSingleton<DeleteCollections>()
        .AddBackgroundLoop(provider => provider.GetRequiredService<DeleteCollections>().Loop())
        .AddSingleton<FillSlots>()
        .AddBackgroundLoop(provider => provider.GetRequiredService<FillSlots>().Loop());

    /// <summary>The routes at the root.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        MapInside(routes.Mount("/api", ViewKind.Internal), "");
        WritingRules.Map(routes.Mount("/api/catalogue", ViewKind.Internal), "");
        FeatureRoutes.Map(routes.Mount("/api/features", ViewKind.Internal).TakesFormat(), "");
        TileRoutes.Map(routes.Mount("", ViewKind.Internal), "");
        MapOutside(routes.Mount("/external", ViewKind.External), "External");
        ServedFiles.Map(routes.Mount("/catalogue", ViewKind.External), "");
        ShowCatalogueHealth.Map(routes);
    }

    /// <summary>The same under <c>/api/v1/{org_id}</c>, where every link stays.</summary>
    public static void MapForOrg(IEndpointRouteBuilder routes)
    {
        MapInside(routes.Mount("/stac", ViewKind.Internal), "Org");
        WritingRules.Map(routes.Mount("/catalogue", ViewKind.Internal), "Org");
        FeatureRoutes.Map(routes.Mount("/features", ViewKind.Internal).TakesFormat(), "Org");
        TileRoutes.Map(routes.Mount("", ViewKind.Internal), "Org");
        MapOutside(routes.Mount("/external", ViewKind.External), "OrgExternal");
        MapOutside(routes.Mount("/shared/{owner}", ViewKind.Shared), "OrgShared");
        Shares.MapForOrg(routes);
        ServedFiles.Map(routes.Mount("/catalogue", ViewKind.External), "Org");
        ShowCatalogueHealth.MapForOrg(routes);
    }

    // What only the catalogue's own organization has: everything that changes it is among this.
    static void MapInside(RouteGroupBuilder view, string operations)
    {
        MapStac(view, operations);
        CollectionTransactions.Map(view, operations);
        ItemTransactions.Map(view, operations);
        BulkRoutes.Map(view, operations);
        Versions.Map(view, operations);
        Visibility.Map(view, operations);
        DeclareQueryables.Map(view, operations);
        Shares.Map(view, operations);
        Analyses.Map(view, operations);
    }

    // Whatever the documents of the view link to is under the same address: its reader may not be let in elsewhere.
    static void MapOutside(RouteGroupBuilder view, string operations)
    {
        MapStac(view, operations);
        FeatureRoutes.Map(view.MapGroup("/features"), operations);
        TileRoutes.Map(view, operations);
    }

    static void MapStac(RouteGroupBuilder stac, string operations)
    {
        stac.TakesFormat();
        LandingPage.Map(stac, operations);
        CollectionSearch.Map(stac, operations);
        CollectionQueryables.Map(stac, operations);
        CollectionReads.Map(stac, operations);
        Children.Map(stac, operations);
        Browse.Map(stac, operations);
        QueryableReads.Map(stac, operations);
        Search.Map(stac, operations);
        Changes.Map(stac, operations);
        Aggregations.Map(stac, operations);
    }
}
