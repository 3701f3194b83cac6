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

        var first = validation.Errors.SelectMany(field => field.Value.Select(said => $"{field.Key}: {said}"));
        var refused = new Refused(
            StatusCodes.Status400BadRequest, "INVALID_BODY",
            "The body is not what this route takes: " + string.Join(" ", first),
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
}
