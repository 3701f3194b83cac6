using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Events;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>The jobs this server does itself, the worker that does them, and the platform through which clients hand in
/// their data.</summary>
public static class PipelinesModule
{
    /// <summary>Registers kinds of job, their executors, the worker, and what follows requests.</summary>
    internal static void Add(IServiceCollection services, PipelinesSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(new OpenedFolders(settings.ImportFolders));
        services.AddSingleton<Sources>();
        services.AddSingleton<Callbacks>();
        services.AddSingleton(provider => new RequestCourse(
            provider.GetRequiredService<JobKinds>, Chains, provider.GetRequiredService<Callbacks>(),
            provider.GetRequiredService<Blobs>(), provider.GetRequiredService<TimeProvider>()));
        AddJobs(services);
        services.AddBackgroundLoop(provider => UploadJanitor.Loop(
            provider.GetRequiredService<Databases>(), provider.GetRequiredService<Blobs>(), settings,
            provider.GetRequiredService<TimeProvider>()));
        services.AddEventReader("pipelines.requests", RequestReader.Read, RequestReader.Types);
        services.AddSingleton<LocalWorker>();
        services.AddBackgroundLoop(provider => provider.GetRequiredService<LocalWorker>().Loop());
        services.AddHostedService(provider => provider.GetRequiredService<LocalWorker>());
    }

    /// <summary>The routes of the platform, under both of its names.</summary>
    internal static void Map(IEndpointRouteBuilder root)
    {
        MapRoutes(root.Mount("/platform", ViewKind.Internal), operation => operation);
        MapRoutes(root.Mount("/api/platform", ViewKind.Internal), _ => null);
        RequestData.Map(root.Mount("/external/platform", ViewKind.External).WithTags("Platform"), _ => null);
    }

    /// <summary>The routes of one organization.</summary>
    internal static void MapForOrg(IEndpointRouteBuilder org)
    {
        MapRoutes(org.Mount("/platform", ViewKind.Internal), _ => null);
        RequestData.Map(org.Mount("/external/platform", ViewKind.External).WithTags("Platform"), _ => null);
        RequestData.Map(org.Mount("/shared/{owner}/platform", ViewKind.Shared).WithTags("Platform"), _ => null);
    }

    /// <summary>What each type of data goes through.</summary>
    static IReadOnlyDictionary<DataType, Chain> Chains { get; } = new Dictionary<DataType, Chain>
    {
        [DataType.Raster] = new(RasterJobs.Steps, RasterItem.Publish),
        [DataType.Vector] = new(VectorJobs.Steps, VectorItem.Publish),
    };

    static void AddJobs(IServiceCollection services)
    {
        services.AddJobKind(HelloWorld.Kind);
        services.AddJobKind(CatalogueIngest.Kind);
        services.AddSingleton(provider => RasterJobs.Validation(Ended(provider)));
        services.AddSingleton(provider => RasterJobs.Conversion(Ended(provider)));
        services.AddSingleton(provider => VectorJobs.Ingestion(Ended(provider)));
        services.AddSingleton(provider => VectorJobs.Cataloguing(Ended(provider)));
        foreach (var executor in HelloWorld.Executors) services.AddSingleton(executor);
        foreach (var executor in CatalogueIngest.TaskExecutors) services.AddSingleton(executor);
        foreach (var executor in RasterJobs.TaskExecutors) services.AddSingleton(executor);
        foreach (var executor in VectorJobs.TaskExecutors) services.AddSingleton(executor);
    }

    // The course is asked for when a job ends, not before: it needs the kinds that are being made.
    static Func<Tx, JobOutcome, Task> Ended(IServiceProvider provider) =>
        (tx, outcome) => provider.GetRequiredService<RequestCourse>().JobEnded(tx, outcome);

    static void MapRoutes(RouteGroupBuilder platform, Func<string, string?> operation)
    {
        platform.WithTags("Platform");
        SubmitRequest.Map(platform, operation("submitRequest"));
        ShowRequest.Map(platform, operation("getRequestStatus"));
        ListRequests.Map(platform, operation);
        ResubmitRequest.Map(platform, operation("resubmitRequest"));
        Uploads.Map(platform, operation);
        RequestData.Map(platform, operation);
        ShowPlatformHealth.Map(platform, operation("getPlatformHealth"));
        SearchStac.Map(platform, operation("searchPlatformItems"));
    }
}
