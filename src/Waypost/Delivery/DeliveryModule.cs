namespace Waypost.Delivery;

/// <summary>How what happened leaves the server: streams, webhooks, and the rules for every call outwards.</summary>
public static class DeliveryModule
{
    /// <summary>Registers the module's parts and loops.</summary>
    internal static void Add(IServiceCollection services, OutboundSettings outbound) => services
        .AddSingleton(provider => new Outbound(outbound, provider.GetRequiredService<TimeProvider>()));

    /// <summary>Maps the routes of one organization: <paramref name="routes"/> begins with its id.</summary>
    internal static void MapForOrg(IEndpointRouteBuilder routes) => ReadEvents.Map(routes);
}
