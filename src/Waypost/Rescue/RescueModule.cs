using Waypost.Events;
using Waypost.Rescue.Compatible;
using Waypost.Rescue.Library;
using Waypost.Rescue.Priorities;

namespace Waypost.Rescue;

/// <summary>The rescue of data: what there is to save, who fetches it, and what became of it.</summary>
static class RescueModule
{
    /// <summary>What the rescue needs.</summary>
    public static void Add(IServiceCollection services, RescueSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<MockDispatch>()
        .AddBackgroundLoop(ReservationLoop.Make)
        .AddSingleton<ExternalPriorizer>()
        .AddBackgroundLoop(provider => provider.GetRequiredService<ExternalPriorizer>().Loop());

    /// <summary>The routes at the root; three of them stand there alone, as the seed has them.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        MapRoutes(routes.MapGroup("/rescue"), "Rescue");
        Dispatch.MapRoot(routes);
        MockDispatch.MapRoot(routes);
        AssetsDownloaded.Map(routes, "");
    }

    /// <summary>The same under <c>/api/v1/{org_id}</c>.</summary>
    public static void MapForOrg(IEndpointRouteBuilder routes) => MapRoutes(routes.MapGroup("/rescue"), "OrgRescue");

    static void MapRoutes(IEndpointRouteBuilder rescue, string operations)
    {
        MapLibrary(rescue, operations);
        Dispatch.Map(rescue, operations);
        MockDispatch.Map(rescue, operations);
        AssetsDownloaded.Map(rescue, operations);
        FirstVersion.Map(rescue, operations);
        Ranking.Map(rescue, operations);
        RescueDatabase.Map(rescue, operations);
        DesktopApp.Map(rescue, operations);
    }

    static void MapLibrary(IEndpointRouteBuilder rescue, string operations)
    {
        ImportCkan.Map(rescue, operations);
        ImportCsv.Map(rescue, operations);
        ImportReads.Map(rescue, operations);
        Publishers.Map(rescue, operations);
        Datasets.Map(rescue, operations);
        Resources.Map(rescue, operations);
        Assets.Map(rescue, operations);
        Rankings.Map(rescue, operations);
        Rescuers.Map(rescue, operations);
        Rescues.Map(rescue, operations);
        WeighAssets.Map(rescue, operations);
        ExternalPriorizer.Map(rescue, operations);
    }
}
