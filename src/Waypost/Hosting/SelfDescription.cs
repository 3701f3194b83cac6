using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Waypost.Access;

namespace Waypost.Hosting;

/// <summary>The server's description of itself: every route with its permission, its parameters and its problems, the
/// same
/// text whenever it is asked.</summary>
static partial class SelfDescription
{
    const string Name = "v1";
    const string Problem = "Problem";

    /// <summary>The description of the catalogue alone, in the version of OpenAPI that OGC API Features 1.0
    /// names.</summary>
    const string Stac = "stac";
    const string StacType = "application/vnd.oai.openapi+json;version=3.0";
    static readonly string[] Schemes = ["bearer", "api_key", "platform_api_key"];

    /// <summary>What makes the document.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddOpenApi(Name, options => Describe(options, OpenApiSpecVersion.OpenApi3_1));
        services.AddOpenApi(Stac, options =>
        {
            Describe(options, OpenApiSpecVersion.OpenApi3_0);
            options.ShouldInclude = route =>
                route.ActionDescriptor.EndpointMetadata.OfType<Catalogue.Mounted>().Any();
        });
    }

    static void Describe(OpenApiOptions options, OpenApiSpecVersion version)
    {
        options.OpenApiVersion = version;
        options.AddOperationTransformer((operation, context, _) => Operation(operation, context));
        options.AddDocumentTransformer((document, _, _) => Document(document));
    }

    /// <summary>Where it is read.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        const string why = "The description of the routes is public; the data behind them is not.";
        routes.MapOpenApi("/openapi/{documentName}.json").Open(why).ExcludeFromDescription();
        routes.MapGet($"/openapi/{Stac}.json", OfCatalogue).Open(why).ExcludeFromDescription();
    }

    static async Task OfCatalogue(
        HttpContext http, [FromKeyedServices(Stac)] IOpenApiDocumentProvider description, CancellationToken ct)
    {
        var document = await description.GetOpenApiDocumentAsync(ct);
        http.Response.ContentType = StacType;
        await http.Response.WriteAsync(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_0, ct), ct);
    }

    static Task Operation(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var access = metadata.OfType<Gate.Access>().LastOrDefault();
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        if (access?.Needs is { } needed)
        {
            operation.Extensions["x-permission"] = new JsonNodeExtension(Roles.Name(needed));
            operation.Security = [.. Schemes.Select(scheme => new OpenApiSecurityRequirement
            {
                [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [],
            })];
        }
        else if (access?.WhyOpen is { } why)
        {
            operation.Extensions["x-open"] = new JsonNodeExtension(why);
            operation.Security = [];
        }
        AddPath(operation, context.Description.RelativePath ?? "");
        AddNamedQuery(operation, metadata);
        operation.Responses ??= [];
        operation.Responses.TryAdd("default", new OpenApiResponse
        {
            Description = "A problem (RFC 9457); its code is listed at /docs/problems.",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Problems.ContentType] = new()
                {
                    Schema = new OpenApiSchemaReference(Problem, context.Document),
                },
            },
        });
        return Task.CompletedTask;
    }

    // The gate reads the organization, and no handler does.
    static void AddPath(OpenApiOperation operation, string path)
    {
        foreach (Match part in PathPart().Matches(path))
        {
            var name = part.Groups["name"].Value;
            if (operation.Parameters?.Any(parameter => parameter.Name == name) == true) continue;
            operation.Parameters ??= [];
            operation.Parameters.Insert(0, new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Path,
                Required = true,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    [GeneratedRegex(@"\{\**(?<name>\w+)")]
    private static partial Regex PathPart();

    // Parameters that a handler reads by itself are known by name only.
    static void AddNamedQuery(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (var name in metadata.OfType<QueryRule.Known>().SelectMany(known => known.Names).Distinct())
        {
            if (operation.Parameters?.Any(parameter => parameter.Name == name) == true) continue;
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Query,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    static Task Document(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Waypost",
            Version = CommandLine.Version,
            Description =
                "Geospatial work in, a catalogued and served result out. Each operation states its permission "
                + "(x-permission); every error is a problem (RFC 9457) with a stable code.",
            License = new OpenApiLicense { Name = "MIT" },
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
            ["api_key"] = Header("X-API-Key"),
            ["platform_api_key"] = Header("X-Platform-API-Key"),
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[Problem] = ProblemSchema();
        var sorted = new OpenApiPaths();
        foreach (var (path, item) in document.Paths.OrderBy(path => path.Key, StringComparer.Ordinal))
            sorted[path] = item;
        document.Paths = sorted;
        document.Tags = document.Tags?.OrderBy(tag => tag.Name, StringComparer.Ordinal).ToHashSet();
        return Task.CompletedTask;
    }

    static OpenApiSecurityScheme Header(string name) => new()
    {
        Type = SecuritySchemeType.ApiKey,
        In = ParameterLocation.Header,
        Name = name,
    };

    static OpenApiSchema ProblemSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "RFC 9457 problem details; further members depend on the code.",
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("Where the code is explained."),
            ["title"] = Text("The code in words."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status." },
            ["detail"] = Text("What was wrong, where, and what was expected."),
            ["instance"] = Text("The path that was asked for."),
            ["code"] = Text("A stable code that programs may rely on."),
            ["remedy"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String | JsonSchemaType.Null,
                Description = "What to do about it.",
            },
            ["error"] = Text("The same sentence as detail, for clients that read it here."),
        },
    };

    static OpenApiSchema Text(string description) => new()
    {
        Type = JsonSchemaType.String,
        Description = description,
    };
}
