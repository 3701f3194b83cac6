using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Delivery;

/// <summary>How what happened leaves the server: streams, webhooks, and the rules for every call outwards.</summary>
public static class DeliveryModule
{
    /// <summary>Registers the module's parts and loops.</summary>
    internal static void Add(IServiceCollection services, OutboundSettings outbound, DeliverySettings delivery) =>
        services
        .AddSingleton(provider => new Outbound(outbound, Clock(provider)))
        .AddEventReader(Deliveries.Reader, (provider, events, ct) => Deliveries.QueueEvents(
            provider.GetRequiredService<Databases>(), Clock(provider), events, ct))
        .AddBackgroundLoop(provider => new Sender(
            Shared(provider), provider.GetRequiredService<Outbound>(), provider.GetRequiredService<Secrets>(), delivery,
            Clock(provider)).Loop())
        .AddBackgroundLoop(provider => new DeliveryRetention(Shared(provider), Clock(provider)).Loop());

    /// <summary>Maps the routes of one organization: <paramref name="routes"/> begins with its id.</summary>
    internal static void MapForOrg(IEndpointRouteBuilder routes)
    {
        ReadEvents.Map(routes);
        Webhooks.Map(routes);
    }

    static Db Shared(IServiceProvider provider) => provider.GetRequiredService<Databases>().Shared;

    static TimeProvider Clock(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();
}
