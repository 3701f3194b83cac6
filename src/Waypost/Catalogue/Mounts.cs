using Waypost.Access;

namespace Waypost.Catalogue;

/// <summary>The view that a route serves.</summary>
sealed record Mounted(ViewKind Kind);

/// <summary>Puts routes under a view: what they show, and who may ask, follows from it.</summary>
static class Mounts
{
    /// <summary>A group of routes that show this view. A route of the external view needs no more than the permission
    /// to see that; a route that writes cannot stand in any but the internal one.</summary>
    public static RouteGroupBuilder Mount(this IEndpointRouteBuilder routes, string path, ViewKind kind)
    {
        var group = routes.MapGroup(path);
        group.WithMetadata(new Mounted(kind));
        ((IEndpointConventionBuilder)group).Finally(endpoint => Settle(endpoint, kind));
        return group;
    }

    /// <summary>Lets clients of OGC APIs name the format that there is: <c>f=json</c>.</summary>
    public static RouteGroupBuilder TakesFormat(this RouteGroupBuilder group)
    {
        group.Query("f").AddEndpointFilter((context, next) =>
        {
            if (SearchWish.Given(context.HttpContext.Request.Query, "f") is { } format && !Formats.Contains(format))
                throw SearchWish.Bad("f", $"f is '{format}'; what is here is json.");
            return next(context);
        });
        return group;
    }

    static readonly HashSet<string> Formats =
        new(["json", "geojson", Media.Json, Media.GeoJson], StringComparer.OrdinalIgnoreCase);

    static void Settle(EndpointBuilder endpoint, ViewKind kind)
    {
        if (kind is ViewKind.Internal) return;
        var stated = endpoint.Metadata.OfType<Gate.Access>().LastOrDefault();
        // The router's own answer to a method that a path does not have.
        if (stated is null) return;
        if (stated.Needs is not Permission.CatalogueRead)
            throw new InvalidOperationException(
                $"{endpoint.DisplayName} does not only read, so the {kind} view cannot have it.");
        if (kind is ViewKind.External)
            endpoint.Metadata.Add(new Gate.Access(Permission.CatalogueReadExternal, null));
    }
}
