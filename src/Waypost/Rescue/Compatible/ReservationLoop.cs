using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>Lets go of what was reserved and not heard of for too long.</summary>
static class ReservationLoop
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>The loop.</summary>
    public static BackgroundLoop Make(IServiceProvider services)
    {
        var databases = services.GetRequiredService<Databases>();
        var clock = services.GetRequiredService<TimeProvider>();
        return new BackgroundLoop("rescue.reservations", 3 * Every, async ct =>
        {
            var more = true;
            while (more)
                more = await Attempts.InOne(databases.Shared, tx => tx
                    .AcrossOrganizations("Reservations of every organization run out.")
                    .ExpireReservations(clock.GetUtcNow()), ct) > 0;
            await Task.Delay(Every, clock, ct);
        });
    }
}
