using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>The engine: jobs, stages, tasks, leases. Kinds of job are registered by the modules above.</summary>
public static class WorkModule
{
    static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);
    static readonly TimeSpan SweepExpected = TimeSpan.FromSeconds(60);

    /// <summary>Registers a kind of job.</summary>
    public static IServiceCollection AddJobKind(this IServiceCollection services, JobKind kind) =>
        services.AddSingleton(kind);

    /// <summary>Registers the engine, its janitor and its schedules.</summary>
    internal static void Add(IServiceCollection services) => services
        .AddSingleton<JobKinds>()
        .AddSingleton(provider => new Leases(
            provider.GetRequiredService<Databases>(), provider.GetRequiredService<JobKinds>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Leases>>()))
        .AddBackgroundLoop(provider =>
        {
            var leases = provider.GetRequiredService<Leases>();
            var clock = provider.GetRequiredService<TimeProvider>();
            return new BackgroundLoop("work.janitor", SweepExpected, async ct =>
            {
                await leases.Sweep(ct);
                await Task.Delay(SweepEvery, clock, ct);
            });
        })
        .AddBackgroundLoop(provider =>
        {
            var schedules = new FireSchedules(
                provider.GetRequiredService<Databases>(), provider.GetRequiredService<Leases>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<FireSchedules>>());
            var clock = provider.GetRequiredService<TimeProvider>();
            return new BackgroundLoop("work.schedules", SweepExpected, async ct =>
            {
                await schedules.Round(ct);
                await Task.Delay(FireSchedules.Every, clock, ct);
            });
        });

    /// <summary>The routes that are not under an organization.</summary>
    internal static void Map(IEndpointRouteBuilder root) => Jobs.Map(root);

    /// <summary>The routes of one organization.</summary>
    internal static void MapForOrg(IEndpointRouteBuilder org)
    {
        Jobs.MapForOrg(org);
        SteerRoutes.MapForOrg(org);
        WorkerRoutes.MapForOrg(org);
        ScheduleRoutes.MapForOrg(org);
    }
}
