using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Waypost.Storage;

namespace Waypost.Hosting;

/// <summary>How the server meets the outside: problems, limits, health, metrics, its own description.</summary>
static class HostingModule
{
    /// <summary>How long requests may go on after the server was told to stop.</summary>
    static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(5);

    /// <summary>What every request needs.</summary>
    public static void Add(IServiceCollection services, WebSettings settings)
    {
        Borders.Add(services, settings);
        SelfDescription.Add(services);
        services.AddSingleton<DatabaseProbe>();
        services.AddSingleton<MetricsBook>();
        services.Configure<JsonOptions>(json => Strict(json.SerializerOptions));
        // A wrong body or parameter becomes an exception with its reason, which Problems answers.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestGoodbye);
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = ValidationProblems.Complete);
    }

    /// <summary>The server's own routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        Health.Map(routes);
        MetricsPage.Map(routes);
        SelfDescription.Map(routes);
        DocsPage.Map(routes);
        ConsoleFiles.Map(routes);
    }

    // What we write leniently for ourselves, we read strictly from others.
    static void Strict(System.Text.Json.JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = Json.Options.PropertyNamingPolicy;
        options.DictionaryKeyPolicy = Json.Options.DictionaryKeyPolicy;
        options.Encoder = Json.Options.Encoder;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        foreach (var converter in Json.Options.Converters) options.Converters.Add(converter);
    }
}
