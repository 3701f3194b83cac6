using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Delivery;
using Waypost.Events;
using Waypost.Hosting;
using Waypost.Pipelines;
using Waypost.Rescue;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost;

/// <summary>The composition root: everything the server is made of, in the order a request meets it.</summary>
public static class WaypostApp
{
    /// <summary>Bottom up: a module may use only those before it, and schemas are applied in this order.</summary>
    internal static readonly string[] Modules =
        ["Storage", "Events", "Access", "Delivery", "Work", "Catalogue", "Pipelines", "Rescue", "Hosting"];

    /// <summary>Builds the server, its database open and up to date; the caller starts it.</summary>
    internal static async Task<WebApplication> Build(Settings settings, CancellationToken ct)
    {
        // Several servers share one PostgreSQL and a folder of blobs; a SQLite file has one.
        var folder = settings.Storage.Database is null ? FolderLock.Take(settings.Storage.DataFolder) : FolderLock.None;
        Databases? databases = null;
        try
        {
            databases = await StorageModule.Open(settings.Storage, Modules, settings.Clock, ct);
            var first = await FirstStart.Run(
                databases, settings.Access, settings.Storage.DataFolder, settings.Clock, ct);
            var app = Compose(settings, folder, databases, first);
            await app.Services.GetRequiredService<CatalogueForms>().Claim(ct);
            return app;
        }
        catch
        {
            if (databases is not null) await databases.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }

    static WebApplication Compose(
        Settings settings, FolderLock folder, Databases databases, FirstStart.Outcome first)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(settings.Urls);
        builder.Logging.SetMinimumLevel(settings.LogLevel);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // A start that fails is told by Start, in one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(settings.Clock);
        // Made by the container, so that it disposes of them, in the opposite order.
        builder.Services.AddSingleton(_ => folder);
        builder.Services.AddSingleton(_ => databases);
        builder.Services.AddSingleton(first);
        AddModules(builder.Services, settings);

        var app = builder.Build();
        app.Services.GetRequiredService<FolderLock>();
        app.Services.GetRequiredService<Databases>();
        app.Services.GetRequiredService<MetricsBook>();
        UseTheWayIn(app);
        MapModules(app.MapGroup("").WithOrigins());
        Gate.CheckEndpoints(app);
        return app;
    }

    static void AddModules(IServiceCollection services, Settings settings)
    {
        services.AddSingleton(new Blobs(settings.Storage.DataFolder));
        services.AddHttpContextAccessor();
        // Here and not in a module: the framework's generator looks for this call to know what to check.
        services.AddValidation();
        EventsModule.Add(services, settings.Events);
        AccessModule.Add(services, settings.Access, settings.Storage.DataFolder);
        DeliveryModule.Add(services, settings.Outbound, settings.Delivery);
        WorkModule.Add(services);
        CatalogueModule.Add(services, settings.Links, settings.Catalogue);
        PipelinesModule.Add(services, settings.Pipelines);
        RescueModule.Add(services, settings.Rescue);
        HostingModule.Add(services, settings.Web);
    }

    // The way of a request: what may refuse it stands before what it asks for.
    static void UseTheWayIn(WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseProblems();
        app.UseHeadOfReads();
        app.UseRouting();
        app.UseCors();
        app.UseRequestTimeouts();
        app.UseGate();
        app.UseQueryRule();
    }

    static void MapModules(IEndpointRouteBuilder routes)
    {
        var org = routes.MapGroup("/api/v1/{org_id}");
        AccessModule.Map(routes);
        AccessModule.MapForOrg(org);
        DeliveryModule.MapForOrg(org);
        WorkModule.Map(routes);
        WorkModule.MapForOrg(org);
        CatalogueModule.Map(routes);
        CatalogueModule.MapForOrg(org);
        PipelinesModule.Map(routes);
        PipelinesModule.MapForOrg(org);
        RescueModule.Map(routes);
        RescueModule.MapForOrg(org);
        HostingModule.Map(routes);
    }
}
