using Waypost.Events;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>The jobs this server does itself, and the worker that does them.</summary>
public static class PipelinesModule
{
    /// <summary>Registers kinds of job, their executors and the worker.</summary>
    internal static void Add(IServiceCollection services)
    {
        services.AddJobKind(HelloWorld.Kind);
        foreach (var executor in HelloWorld.Executors) services.AddSingleton(executor);
        services.AddSingleton<LocalWorker>();
        services.AddBackgroundLoop(provider => provider.GetRequiredService<LocalWorker>().Loop());
        services.AddHostedService(provider => provider.GetRequiredService<LocalWorker>());
    }
}
