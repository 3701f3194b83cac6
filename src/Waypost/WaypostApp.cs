using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Delivery;
using Waypost.Events;
using Waypost.Hosting;
using Waypost.Pipelines;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost;

/// <summary>The composition root: everything the server is made of, in the order a request meets it.</summary>
public static class WaypostApp
{
    /// <summary>Bottom up: a module may use only those before it, and schemas are applied in this order.</summary>
    internal static readonly string[] Modules =
        ["Storage", "Events", "Access", "Delivery", "Work", "Catalogue", "Pipelines", "Hosting"];

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
            return Compose(settings, folder, databases, first);
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
        builder.Services.AddSingleton(new Blobs(settings.Storage.DataFolder));
        builder.Services.AddHttpContextAccessor();
        // Here and not in a module: the framework's generator looks for this call to know what to check.
        builder.Services.AddValidation();
        EventsModule.Add(builder.Services, settings.Events);
        AccessModule.Add(builder.Services, settings.Access, settings.Storage.DataFolder);
        DeliveryModule.Add(builder.Services, settings.Outbound, settings.Delivery);
        WorkModule.Add(builder.Services);
        CatalogueModule.Add(builder.Services, settings.Links);
        PipelinesModule.Add(builder.Services, settings.Pipelines);
        HostingModule.Add(builder.Services);

        var app = builder.Build();
        app.Services.GetRequiredService<FolderLock>();
        app.Services.GetRequiredService<Databases>();
        app.UseProblems();
        app.UseRouting();
        app.UseGate();
        app.UseQueryRule();

        var org = app.MapGroup("/api/v1/{org_id}");
        AccessModule.Map(app);
        AccessModule.MapForOrg(org);
        DeliveryModule.MapForOrg(org);
        CatalogueModule.Map(app);
        CatalogueModule.MapForOrg(org);
        ConsoleFiles.Map(app);
        WorkModule.Map(app);
        WorkModule.MapForOrg(org);
        PipelinesModule.Map(app);
        PipelinesModule.MapForOrg(org);

        Gate.CheckEndpoints(app);
        return app;
    }
}
