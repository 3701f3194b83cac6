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
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(settings.Urls);
        builder.Logging.SetMinimumLevel(settings.LogLevel);
        var databases = await StorageModule.Open(settings.Storage, Modules, settings.Clock, ct);
        builder.Services.AddSingleton(settings.Clock);
        builder.Services.AddSingleton(await FirstStart.Run(
            databases, settings.Access, settings.Storage.DataFolder, settings.Clock, ct));
        builder.Services.AddSingleton(databases);
        builder.Services.AddSingleton(new Blobs(settings.Storage.DataFolder));
        builder.Services.AddHttpContextAccessor();
        // Here and not in a module: the framework's generator looks for this call to know what to check.
        builder.Services.AddValidation();
        EventsModule.Add(builder.Services, settings.Events);
        AccessModule.Add(builder.Services, settings.Access, settings.Storage.DataFolder);
        DeliveryModule.Add(builder.Services, settings.Outbound);
        WorkModule.Add(builder.Services);
        CatalogueModule.Add(builder.Services, settings.Links);
        PipelinesModule.Add(builder.Services);
        HostingModule.Add(builder.Services);

        var app = builder.Build();
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

        Gate.CheckEndpoints(app);
        return app;
    }
}
