namespace Waypost.Events;

/// <summary>The event log, the relay that puts it in order, and the readers of it; no routes.</summary>
public static class EventsModule
{
    /// <summary>Registers the module's parts and loops.</summary>
    internal static void Add(IServiceCollection services) => services.AddBackgroundLoops();
}
