using Waypost.Storage;

namespace Waypost.Events;

/// <summary>The event log, the relay that puts it in order, and the readers of it; no routes.</summary>
public static class EventsModule
{
    /// <summary>Registers the module's parts and loops.</summary>
    internal static void Add(IServiceCollection services, EventsSettings settings) => services
        .AddBackgroundLoops()
        .AddSingleton(provider => new EventFeed(Log(provider)))
        .AddBackgroundLoop(provider => new Relay(Log(provider), Clock(provider)).Loop())
        .AddBackgroundLoop(provider => provider.GetRequiredService<EventFeed>().Loop())
        .AddBackgroundLoop(provider => new Retention(Log(provider), Clock(provider), settings).Loop());

    static Db Log(IServiceProvider provider) => provider.GetRequiredService<Databases>().Shared;

    static TimeProvider Clock(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();
}
