using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Hosting;

/// <summary>Turns whatever went wrong into an answer: RFC 9457 problem details with a stable code.</summary>
/// <remarks>The one place that catches everything in a request. A refusal is answered; a bug is logged once and
/// answered 500 with a trace id, never with its internals.</remarks>
static partial class Problems
{
    /// <summary>RFC 9457, section 3.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>Nobody reads the answer: what nginx calls 499.</summary>
    const int ClientClosedRequest = 499;

    static readonly TimeSpan StorageRetry = TimeSpan.FromSeconds(2);

    /// <summary>Put this outermost of what can refuse.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        try
        {
            await next(http);
            if (IsBareError(http.Response)) await Write(http, OfStatus(http));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            if (!http.Response.HasStarted) http.Response.StatusCode = ClientClosedRequest;
        }
        catch (Exception error)
        {
            await Answer(http, error);
        }
    });

    /// <summary>Writes the problem as the response.</summary>
    public static Task Write(HttpContext http, Refused refused)
    {
        var response = http.Response;
        response.StatusCode = refused.Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (refused.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (refused.RetryAfter is { } wait)
            response.Headers.RetryAfter =
                Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return JsonSerializer.SerializeAsync(
            response.Body, Members(refused, http.Request.PathBase + http.Request.Path), Json.Options,
            http.RequestAborted);
    }

    /// <summary>The members of the problem, in the order they are written.</summary>
    public static Dictionary<string, object?> Members(Refused refused, string instance)
    {
        var members = new Dictionary<string, object?>
        {
            ["type"] = "/docs/problems#" + refused.Code,
            ["title"] = Title(refused.Code),
            ["status"] = refused.Status,
            ["detail"] = refused.Message,
            ["instance"] = instance,
            ["code"] = refused.Code,
            ["remedy"] = refused.Remedy,
            // The seed contracts' clients read this one.
            ["error"] = refused.Message,
        };
        foreach (var (name, value) in refused.Details) members.TryAdd(name, value);
        return members;
    }

    /// <summary>What the exception means to the caller; null when it is a bug.</summary>
    public static Refused? Meaning(Exception error) => error switch
    {
        Refused refused => refused,
        StatementTooDeepException deep => Refused.Bad(
            "TOO_DEEP", deep.Message, "Put fewer conditions and calculations within one another."),
        StorageUnavailableException storage => new Refused(
            StatusCodes.Status503ServiceUnavailable, "STORAGE_UNAVAILABLE", storage.Message, storage.Remediation)
        {
            RetryAfter = StorageRetry,
        },
        BadHttpRequestException { InnerException: JsonException json } => JsonTrouble.Refuse(json),
        BadHttpRequestException bad => BadRequests.Explain(bad),
        JsonException json => JsonTrouble.Refuse(json),
        _ => null,
    };

    static async Task Answer(HttpContext http, Exception error)
    {
        if (Meaning(error) is { } refused && !http.Response.HasStarted)
        {
            Clear(http.Response);
            await Write(http, refused);
            return;
        }

        var trace = Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;
        var log = http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Waypost.Requests");
        Broke(log, http.Request.Method, http.GetEndpoint()?.DisplayName, trace, error);
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }
        Clear(http.Response);
        await Write(http, new Refused(
            StatusCodes.Status500InternalServerError, "INTERNAL_ERROR",
            "The server met an error that it did not expect; nothing more is said about it here.",
            "Repeat the request; if it happens again, give the operator this trace_id: the log has it.")
        {
            Details = new Dictionary<string, object?> { ["trace_id"] = trace },
        });
    }

    static Refused OfStatus(HttpContext http)
    {
        var status = http.Response.StatusCode;
        var path = http.Request.Path;
        return status switch
        {
            StatusCodes.Status404NotFound when http.GetEndpoint() is null => new Refused(
                status, "ROUTE_NOT_FOUND", $"This server has nothing at {path}.", "GET /docs lists every route."),
            StatusCodes.Status404NotFound => new Refused(status, "NOT_FOUND", "What was asked for was not found."),
            StatusCodes.Status405MethodNotAllowed => new Refused(
                status, "METHOD_NOT_ALLOWED", $"{http.Request.Method} is not answered at {path}.",
                $"Use one of: {http.Response.Headers.Allow}."),
            _ => BadRequests.OfStatus(status) ?? new Refused(
                status, "HTTP_" + status.ToString(CultureInfo.InvariantCulture),
                ReasonPhrases.GetReasonPhrase(status) + "."),
        };
    }

    static bool IsBareError(HttpResponse response) =>
        response is { StatusCode: >= 400 and < 600, HasStarted: false, ContentLength: null or 0 }
        && string.IsNullOrEmpty(response.ContentType);

    // The headers of the limits and of CORS stay: they are as true of the refusal as of the answer.
    static void Clear(HttpResponse response)
    {
        foreach (var name in (string[])[
            HeaderNames.ContentLength, HeaderNames.ContentEncoding, HeaderNames.ETag, HeaderNames.LastModified,
            HeaderNames.ContentRange, HeaderNames.ContentDisposition, HeaderNames.Location])
            response.Headers.Remove(name);
    }

    // KEY_NEEDED becomes "Key needed".
    static string Title(string code)
    {
        var words = code.Replace('_', ' ').ToLowerInvariant();
        return char.ToUpperInvariant(words[0]) + words[1..];
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Route} broke, trace {TraceId}")]
    static partial void Broke(ILogger log, string method, string? route, string traceId, Exception error);
}
