using Waypost.Access;
using Waypost.Events;

namespace Waypost.Delivery;

/// <summary>How often and how patiently a delivery is tried.</summary>
/// <param name="MaxAttempts">1 to 20; 3 unless said otherwise.</param>
/// <param name="BackoffMultiplier">What the longest wait grows by after each attempt: 1 to 10; 2 unless said otherwise.
/// </param>
public sealed record RetryPolicy(int? MaxAttempts = 3, double? BackoffMultiplier = 2);

/// <summary>A webhook as it is asked for.</summary>
/// <param name="Url">Where to send: http or https, a public address.</param>
/// <param name="Events">Types of events, wildcards at the end allowed: <c>job.*</c>, <c>*</c>.</param>
/// <param name="Headers">Sent with every delivery; the values are kept sealed and never shown again.</param>
/// <param name="RetryPolicy">How often it is tried.</param>
public sealed record WebhookConfig(
    string? Url, IReadOnlyList<string>? Events, IReadOnlyDictionary<string, string>? Headers, RetryPolicy? RetryPolicy);

/// <summary>The body of a request: the configuration itself, or wrapped in <c>webhook_config</c>.</summary>
/// <param name="WebhookConfig">The configuration, wrapped.</param>
/// <param name="Url">See <see cref="Delivery.WebhookConfig"/>.</param>
/// <param name="Events">See <see cref="Delivery.WebhookConfig"/>.</param>
/// <param name="Headers">See <see cref="Delivery.WebhookConfig"/>.</param>
/// <param name="RetryPolicy">See <see cref="Delivery.WebhookConfig"/>.</param>
public sealed record WebhookBody(
    WebhookConfig? WebhookConfig, string? Url, IReadOnlyList<string>? Events,
    IReadOnlyDictionary<string, string>? Headers, RetryPolicy? RetryPolicy);

/// <summary>What a webhook may be, and the refusal for each rule that is broken.</summary>
static class WebhookRules
{
    /// <summary>How many webhooks one organization may have.</summary>
    public const int MostWebhooks = 50;

    /// <summary>What answers show instead of a header's value; sent back, it leaves the value as it was.</summary>
    public const string Mask = "********";

    const int MostHeaders = 20;
    const int LongestHeader = 4096;
    const int LongestUrl = 2048;

    // Ours to set, or the connection's.
    static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Upgrade", "Expect", "TE",
        "Trailer", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "webhook-id", "webhook-timestamp",
        "webhook-signature", "X-Platform-Signature", "User-Agent",
    };

    /// <summary>A webhook that keeps all the rules.</summary>
    internal sealed record Valid(
        Uri Url, IReadOnlyList<string> Events, IReadOnlyDictionary<string, string> Headers, int MaxAttempts,
        double BackoffMultiplier);

    /// <summary>Checks everything that can be checked without the network.</summary>
    /// <exception cref="Refused">A rule is broken; the code and the field are named.</exception>
    public static Valid Check(WebhookBody body, IReadOnlyDictionary<string, string> known)
    {
        if (body.WebhookConfig is not null
            && (body.Url ?? (object?)body.Events ?? body.Headers ?? (object?)body.RetryPolicy) is not null)
            throw Bad("WEBHOOK_BODY", "webhook_config",
                "The body has webhook_config and, beside it, members that belong inside.",
                "Put everything in one place.");
        var config = body.WebhookConfig ?? new WebhookConfig(body.Url, body.Events, body.Headers, body.RetryPolicy);
        return new Valid(
            Url(config.Url), Events(config.Events), Headers(config.Headers ?? new Dictionary<string, string>(), known),
            Attempts(config.RetryPolicy?.MaxAttempts ?? 3), Multiplier(config.RetryPolicy?.BackoffMultiplier ?? 2));
    }

    /// <summary>The refusal of types that do not exist, or of too many.</summary>
    public static Refused UnknownTypes(string field, IReadOnlyList<string> unknown) => new(
        StatusCodes.Status400BadRequest, "UNKNOWN_EVENT_TYPE",
        unknown.Count == 0
            ? $"{field} may have {EventFilter.MostPatterns} entries at the most."
            : $"{field} names types of events that do not exist: {string.Join(", ", unknown)}.",
        "Use names of the list in known, or a wildcard at the end, as in job.*.")
    {
        Details = new Dictionary<string, object?>
        {
            ["field"] = field,
            ["unknown"] = unknown,
            ["known"] = EventTypes.All,
        },
    };

    static Uri Url(string? url) =>
        url is { Length: > 0 and <= LongestUrl } && Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) && uri.Fragment.Length == 0
            ? uri
            : throw Bad("WEBHOOK_URL", "url",
                $"url must be a full http:// or https:// address of {LongestUrl} characters at the most, without a "
                + "fragment.",
                "Give the address that takes the POST, as in https://example.org/hooks/waypost.");

    static IReadOnlyList<string> Events(IReadOnlyList<string>? events)
    {
        var filter = EventFilter.Of((events ?? []).Select(name => name ?? ""), out var unknown);
        if (filter.Patterns.Count == 0)
            throw Bad("WEBHOOK_EVENTS", "events", "events must name at least one type of event.",
                "Use * for all of them.");
        if (unknown.Count > 0
            || filter.Patterns.Count > EventFilter.MostPatterns) throw UnknownTypes("events", unknown);
        return filter.Patterns;
    }

    static Dictionary<string, string> Headers(
        IReadOnlyDictionary<string, string> headers, IReadOnlyDictionary<string, string> known)
    {
        if (headers.Count > MostHeaders)
            throw Bad("WEBHOOK_HEADERS", "headers", $"headers may have {MostHeaders} entries at the most.",
                "Send fewer.");
        var kept = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, given) in headers)
        {
            var value = given == Mask && known.TryGetValue(name, out var before) ? before : given;
            if (Reserved.Contains(name))
                throw Bad("WEBHOOK_HEADERS", "headers", $"The header {name} is set by the server itself.",
                    "Leave it out.");
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c)))
                throw Bad("WEBHOOK_HEADERS", "headers", "A header's name has characters that HTTP does not allow.",
                    "Use letters, digits and hyphens.");
            if (value is null || value.Length > LongestHeader || value.Any(c => c is < ' ' or > '~'))
                throw Bad("WEBHOOK_HEADERS", "headers",
                    $"The value of the header {name} must be printable ASCII of {LongestHeader} characters at the "
                    + "most.",
                    "Encode it, for example in base64.");
            kept[name] = value;
        }
        return kept;
    }

    static int Attempts(int attempts) => attempts is >= 1 and <= 20
        ? attempts
        : throw Bad("WEBHOOK_RETRY_POLICY", "retry_policy.max_attempts",
            "retry_policy.max_attempts must be between 1 and 20.", "Leave it out for 3.");

    static double Multiplier(double multiplier) => multiplier is >= 1 and <= 10
        ? multiplier
        : throw Bad("WEBHOOK_RETRY_POLICY", "retry_policy.backoff_multiplier",
            "retry_policy.backoff_multiplier must be between 1 and 10.", "Leave it out for 2.");

    static Refused Bad(string code, string field, string sentence, string remedy) => new(
        StatusCodes.Status400BadRequest, code, sentence, remedy)
    {
        Details = new Dictionary<string, object?> { ["field"] = field },
    };
}
