using Waypost.Access;

namespace Waypost.Hosting;

/// <summary>Gives the framework's validation answers the members that all our problems have.</summary>
static class ValidationProblems
{
    /// <summary>Completes a problem that the framework is about to write.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (problem is not HttpValidationProblemDetails validation) return;

        var said = string.Join(' ', validation.Errors.SelectMany(
            field => field.Value.Select(fault => $"{field.Key}: {fault}")));
        var refused = AreParameters(context.HttpContext, validation.Errors.Keys)
            ? Refused.Bad("INVALID_PARAMETER", "A parameter is not what this route takes: " + said)
            : Refused.Bad(
                "INVALID_BODY", "The body is not what this route takes: " + said,
                "Correct the fields named in errors.");
        var request = context.HttpContext.Request;
        problem.Detail = refused.Message;
        foreach (var (name, value) in Problems.Members(refused, request.PathBase + request.Path))
            switch (name)
            {
                case "type": problem.Type = (string?)value; break;
                case "title": problem.Title = (string?)value; break;
                case "instance": problem.Instance = (string?)value; break;
                case "status": problem.Status = refused.Status; break;
                case "detail": break;
                default: problem.Extensions.TryAdd(name, value); break;
            }
    }

    static bool AreParameters(HttpContext http, IEnumerable<string> names) =>
        http.GetEndpoint() is { } endpoint
        && (QueryRule.NamesOf(endpoint) ?? []).Concat(http.Request.RouteValues.Keys) is var parameters
        && names.All(name => parameters.Contains(name, StringComparer.OrdinalIgnoreCase));
}
