using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Waypost.Access;

namespace Waypost.Hosting;

/// <summary>What the server lets in and tells browsers: sizes, times, origins, security headers.</summary>
static class Borders
{
    /// <summary>The largest body of a route that says nothing else; uploads do.</summary>
    public const long LargestBody = 16 * 1024 * 1024;

    /// <summary>How long a request may take on a route that says nothing else; streams and transfers do.</summary>
    public static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(100);

    const int LargestHeaders = 32 * 1024;
    const int MostHeaders = 100;
    const int MostConnections = 10_000;
    const string AnyOrigin = "any";

    static readonly string[] Exposed =
    [
        "Location", "ETag", "Link", "Retry-After", "RateLimit", "RateLimit-Policy", "Content-Range", "Accept-Ranges",
        "Content-Disposition",
    ];

    /// <summary>The limits and the origins.</summary>
    public static void Add(IServiceCollection services, WebSettings settings)
    {
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.MaxRequestHeadersTotalSize = LargestHeaders;
            kestrel.Limits.MaxRequestHeaderCount = MostHeaders;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
        });
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = LongestRequest,
            WriteTimeoutResponse = http => Problems.Write(http, new Refused(
                StatusCodes.Status504GatewayTimeout, "TOOK_TOO_LONG",
                $"The request was not answered within {LongestRequest.TotalSeconds} s and was given up.",
                "Ask for less at once.")),
        });
        services.AddCors(cors =>
        {
            cors.AddDefaultPolicy(policy => policy.WithOrigins([.. settings.AllowedOrigins])
                .AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(Exposed));
            cors.AddPolicy(AnyOrigin, policy => policy.AllowAnyOrigin()
                .AllowAnyHeader().WithMethods("GET", "HEAD", "POST").WithExposedHeaders(Exposed));
        });
    }

    /// <summary>Says on every answer what a browser must not do with it; what a route says itself stays.</summary>
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers.TryAdd("X-Content-Type-Options", "nosniff");
            headers.TryAdd("Referrer-Policy", "no-referrer");
            headers.TryAdd("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
            return Task.CompletedTask;
        });
        return next(http);
    });

    /// <summary>Opens the routes that only read the catalogue to pages of any origin, the others to those
    /// allowed.</summary>
    public static TBuilder WithOrigins<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder
    {
        routes.Finally(endpoint =>
        {
            var reads = endpoint.Metadata.OfType<Gate.Access>().LastOrDefault()?.Needs
                is Permission.CatalogueRead or Permission.CatalogueReadExternal;
            endpoint.Metadata.Add(reads ? new EnableCors(AnyOrigin) : new EnableCors(null));
            foreach (var methods in endpoint.Metadata.OfType<IHttpMethodMetadata>()) methods.AcceptCorsPreflight = true;
        });
        return routes;
    }

    sealed record EnableCors(string? PolicyName) : IEnableCorsAttribute
    {
        public string? PolicyName { get; set; } = PolicyName;
    }
}
