using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Waypost.Storage;

namespace Waypost.Access;

/// <summary>The organizations whose external view of the catalogue anybody may read, without a key.</summary>
sealed record OpenCatalogues(IReadOnlyList<string> Orgs);

/// <summary>Turns a key into a <see cref="Caller"/>, and away any whom the endpoint's permission does not
/// cover.</summary>
public static class Gate
{
    static readonly string[] OrgHeaders = ["X-Org-ID"];
    static readonly HashSet<Permission> OnlyExternal = [Permission.CatalogueReadExternal];

    /// <summary>What an endpoint states about itself.</summary>
    /// <param name="Needs">The permission; null when anybody may ask.</param>
    /// <param name="WhyOpen">The reason, where anybody may ask.</param>
    internal sealed record Access(Permission? Needs, string? WhyOpen);

    /// <summary>The endpoint answers callers who have this permission.</summary>
    public static TBuilder Permit<TBuilder>(this TBuilder endpoint, Permission permission)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Access(permission, null));

    /// <summary>The endpoint answers anybody, for the stated reason.</summary>
    public static TBuilder Open<TBuilder>(this TBuilder endpoint, string why)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Access(null, why));

    /// <summary>Its clients have no keys: without one they are let in where the server is bound to loopback only, or
    /// the operator says so, with this endpoint's permission and no other.</summary>
    public static TBuilder WithoutKeyOnLoopback<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Keyless());

    sealed record Keyless;

    /// <summary>Puts the gate between routing and the endpoints.</summary>
    internal static IApplicationBuilder UseGate(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        var access = http.GetEndpoint()?.Metadata.GetMetadata<Access>();
        if (access?.Needs is { } needed)
        {
            var known = await http.RequestServices.GetRequiredService<Keys>().Identify(http);
            if (known is not null) http.RequestServices.GetRequiredService<RateLimits>().Take(known, http.Response);
            var caller = AnybodyIn(http, needed, known?.Caller) ?? known?.Caller ?? Anonymous(http, needed);
            Agree(http, caller);
            if (!caller.May(needed))
                throw new Refused(403, "FORBIDDEN",
                    $"This needs the permission {Roles.Name(needed)}, which this caller does not have.",
                    "Ask the organization's administrator for a key with that permission.");
            http.Features.Set(caller);
            http.Features.Set(http.RequestServices.GetRequiredService<Databases>().For(caller.Org));
        }
        await next(http);
    });

    /// <summary>Stops the start when an endpoint states neither a permission nor why it is open.</summary>
    internal static void CheckEndpoints(IEndpointRouteBuilder routes)
    {
        var forgot = routes.DataSources.SelectMany(source => source.Endpoints)
            .Where(endpoint => endpoint.Metadata.GetMetadata<Access>() is null)
            .Select(endpoint => endpoint.DisplayName).ToList();
        if (forgot.Count > 0)
            throw new InvalidOperationException(
                "Each endpoint states .Permit(permission) or .Open(why); these do not: " + string.Join(", ", forgot));
    }

    /// <summary>Who asks, where an open endpoint shows more to those who may; null when that is nobody who may.
    /// </summary>
    internal static async Task<Caller?> Look(HttpContext http, Permission wanted)
    {
        try
        {
            var caller = (await http.RequestServices.GetRequiredService<Keys>().Identify(http))?.Caller
                ?? Anonymous(http, wanted);
            return caller.May(wanted) ? caller : null;
        }
        catch (Refused)
        {
            return null;
        }
    }

    /// <summary>The caller in an organization whose external view anybody may read; null where that says nothing, or
    /// where the caller's own key says it already.</summary>
    static Caller? AnybodyIn(HttpContext http, Permission needed, Caller? known)
    {
        if (needed is not Permission.CatalogueReadExternal) return null;
        var org = http.GetRouteValue("org_id") as string ?? known?.Org ?? Caller.DefaultOrg;
        if (known is not null && known.Org == org && known.May(needed)) return null;
        return http.RequestServices.GetRequiredService<OpenCatalogues>().Orgs.Contains(org, StringComparer.Ordinal)
            ? new Caller(null, org, Role.Viewer, Caller.Anonymous.ClientId, OnlyExternal)
            : null;
    }

    static Caller Anonymous(HttpContext http, Permission needed)
    {
        var settings = http.RequestServices.GetRequiredService<AccessSettings>();
        var keyless = http.GetEndpoint()?.Metadata.GetMetadata<Keyless>() is not null;
        // What anybody may fetch, only who is here or has a key may put in another order.
        var isOrder = keyless && needed is Permission.RescueWrite && settings.OpenRescue is true;
        var said = isOrder ? null : keyless ? settings.OpenRescue
            : needed is Permission.MetricsRead ? settings.OpenMetrics : settings.OpenReads;
        var open = said
            ?? (BoundToLoopback(http.RequestServices.GetRequiredService<IServer>()) && AskedAsLoopback(http.Request));
        var caller = keyless ? Caller.Keyless(needed) : needed switch
        {
            Permission.CatalogueRead or Permission.CatalogueReadExternal or Permission.JobsRead
                or Permission.RescueRead or Permission.EventsRead => Caller.Anonymous,
            Permission.MetricsRead => Caller.Monitor,
            _ => null,
        };
        return open && caller is not null
            ? caller
            : throw new Refused(401, "KEY_NEEDED", "This needs a key and none was sent.",
                "Send it as Authorization: Bearer KEY, X-API-Key or X-Platform-API-Key.");
    }

    /// <summary>Path, key and header must name the same organization.</summary>
    static void Agree(HttpContext http, Caller caller)
    {
        var named = OrgHeaders.Select(name => http.Request.Headers[name].ToString())
            .Append(http.GetRouteValue("org_id") as string)
            .Where(org => !string.IsNullOrEmpty(org));
        foreach (var org in named)
            if (org != caller.Org)
                throw new Refused(403, "ORGANIZATION_MISMATCH",
                    "The organization named in the path or in X-Org-ID is not the one this key belongs to.",
                    "Use a key of that organization, or leave the organization out.");
    }

    // Another name means a proxy that faces the world, or a page whose name was bent to resolve to this machine.
    static bool AskedAsLoopback(HttpRequest request) =>
        Uri.TryCreate("http://" + request.Host.Value, UriKind.Absolute, out var uri) && uri.IsLoopback;

    static bool BoundToLoopback(IServer server) =>
        server.Features.Get<IServerAddressesFeature>() is { Addresses.Count: > 0 } bound
        && bound.Addresses.All(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.IsLoopback);
}
