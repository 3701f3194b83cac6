using System.Text.RegularExpressions;
using Waypost.Access;

namespace Waypost.Hosting;

/// <summary>Says in a caller's words what the framework found wrong with a request before a handler saw it.</summary>
static partial class BadRequests
{
    /// <summary>The refusal for the framework's exception.</summary>
    public static Refused Explain(BadHttpRequestException error)
    {
        if (Unbindable().Match(error.Message) is { Success: true } wrong)
            return Parameter(wrong.Groups["name"].Value, JsonTrouble.Expected(wrong.Groups["type"].Value));
        if (Absent().Match(error.Message) is { Success: true } absent)
            return Needed(absent.Groups["name"].Value, absent.Groups["where"].Value);
        if (error.Message.Contains("no body was provided", StringComparison.Ordinal)) return Needed("", "body");

        return OfStatus(error.StatusCode) ?? new Refused(
            StatusCodes.Status400BadRequest, "BAD_REQUEST", "The request could not be read.",
            "GET /docs shows what this route takes.");
    }

    /// <summary>What a status that the framework answers by itself means; null where it says nothing more.</summary>
    public static Refused? OfStatus(int status) => status switch
    {
        StatusCodes.Status415UnsupportedMediaType => new Refused(
            status, "UNSUPPORTED_MEDIA_TYPE", "This route does not read a body of this Content-Type.",
            "Send application/json."),
        StatusCodes.Status413PayloadTooLarge => new Refused(
            status, "BODY_TOO_LARGE", "The body is larger than this route takes.",
            "Send less at once; files go to PUT /platform/uploads/{name}."),
        StatusCodes.Status408RequestTimeout => new Refused(
            status, "REQUEST_TOO_SLOW", "The request's body came too slowly."),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => new Refused(
            status, "HEADERS_TOO_LARGE", "The request's headers are larger than this server takes."),
        _ => null,
    };

    static Refused Parameter(string name, string expected) => new(
        StatusCodes.Status400BadRequest, "INVALID_PARAMETER", $"The parameter {name} should be {expected}.")
    {
        Details = new Dictionary<string, object?> { ["parameter"] = name },
    };

    static Refused Needed(string name, string where) => where.Contains("body", StringComparison.Ordinal)
        ? new Refused(
            StatusCodes.Status400BadRequest, "INVALID_BODY", "This route needs a body and none was sent.",
            "GET /docs shows the expected body.")
        : new Refused(
            StatusCodes.Status400BadRequest, "MISSING_PARAMETER", $"The parameter {name} is needed and was not sent.")
        {
            Details = new Dictionary<string, object?> { ["parameter"] = name },
        };

    [GeneratedRegex("^Failed to bind parameter \"(?<type>.+) (?<name>\\w+)\" from ")]
    private static partial Regex Unbindable();

    [GeneratedRegex("parameter \"(?<type>.+) (?<name>\\w+)\" was not provided from (?<where>[^.]+)")]
    private static partial Regex Absent();
}
