using Waypost.Rescue.Library;

namespace Waypost.Rescue;

/// <summary>The rescue of data: what there is to save, who fetches it, and what became of it.</summary>
static class RescueModule
{
    /// <summary>The routes at the root.</summary>
    public static void Map(IEndpointRouteBuilder routes) => MapRoutes(routes.MapGroup("/rescue"), "Rescue");

    /// <summary>The same under <c>/api/v1/{org_id}</c>.</summary>
    public static void MapForOrg(IEndpointRouteBuilder routes) => MapRoutes(routes.MapGroup("/rescue"), "OrgRescue");

    static void MapRoutes(IEndpointRouteBuilder rescue, string operations)
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
    }
}
