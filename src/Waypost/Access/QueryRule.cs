using Microsoft.AspNetCore.Http.Metadata;
using Waypost.Storage;

namespace Waypost.Access;

/// <summary>Refuses query parameters that an endpoint does not know, by name, instead of ignoring them.</summary>
/// <remarks>An endpoint knows the simple parameters of its handler, and those it names with
/// <see cref="Query"/>.</remarks>
public static class QueryRule
{
    internal sealed record Known(IReadOnlyList<string> Names);

    internal sealed record Any(string Why);

    /// <summary>The endpoint reads these query parameters, beside those its handler takes by name.</summary>
    public static TBuilder Query<TBuilder>(this TBuilder endpoint, params string[] names)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Known(names));

    /// <summary>The endpoint takes any query parameter, for the stated reason.</summary>
    public static TBuilder AnyQuery<TBuilder>(this TBuilder endpoint, string why)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Any(why));

    /// <summary>Puts the rule between the gate and the endpoints.</summary>
    internal static IApplicationBuilder UseQueryRule(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.Request.Query.Count > 0 && http.GetEndpoint() is { } endpoint) Check(http.Request.Query, endpoint);
        return next(http);
    });

    /// <summary>The query parameters an endpoint knows; null when it takes any.</summary>
    internal static IReadOnlyList<string>? NamesOf(Endpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<Any>() is not null) return null;
        var inPath = (endpoint as RouteEndpoint)?.RoutePattern.Parameters.Select(part => part.Name) ?? [];
        var taken = endpoint.Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
            .Where(IsSimple).Select(parameter => parameter.Name).Except(inPath, StringComparer.OrdinalIgnoreCase);
        var named = endpoint.Metadata.GetOrderedMetadata<Known>().SelectMany(known => known.Names);
        return [.. taken.Concat(named).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    static void Check(IQueryCollection query, Endpoint endpoint)
    {
        // What is not ours (a static file, the 405 of the router) states nothing, and reads nothing either.
        if (endpoint.Metadata.GetMetadata<Gate.Access>() is null || NamesOf(endpoint) is not { } known) return;
        foreach (var (name, values) in query)
            if (values.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true))
                throw new Refused(
                    StatusCodes.Status400BadRequest, "INVALID_PARAMETER",
                    $"The query parameter {name} has the character U+0000, which no text here has.", "Leave it out.")
                {
                    Details = new Dictionary<string, object?> { ["parameter"] = name },
                };
        foreach (var name in query.Keys)
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw new Refused(
                    StatusCodes.Status400BadRequest, "UNKNOWN_PARAMETER",
                    $"This route does not know the query parameter {name}.",
                    known.Count == 0 ? "It takes none." : $"It knows: {string.Join(", ", known)}.")
                {
                    Details = new Dictionary<string, object?> { ["parameter"] = name, ["allowed"] = known },
                };
    }

    static bool IsSimple(IParameterBindingMetadata parameter)
    {
        var attributes = parameter.ParameterInfo.GetCustomAttributes(inherit: true);
        if (attributes.Any(attribute => attribute is IFromBodyMetadata or IFromHeaderMetadata or IFromServiceMetadata))
            return false;
        var type = parameter.ParameterInfo.ParameterType;
        return attributes.Any(attribute => attribute is IFromQueryMetadata)
            || type == typeof(string) || type == typeof(string[]) || parameter.HasTryParse;
    }
}
