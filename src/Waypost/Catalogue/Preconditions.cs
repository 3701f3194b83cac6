using System.Globalization;
using Microsoft.Net.Http.Headers;
using Waypost.Access;

namespace Waypost.Catalogue;

/// <summary>What a writer says he has seen (RFC 9110, section 13: If-Match, If-None-Match, If-Unmodified-Since), to be
/// held against what is there.</summary>
/// <remarks>Tags come before times. A weak tag says that two are as good as the same, which is not good enough to
/// overwrite one. A time is good enough, although it only has seconds: see <see cref="SayWhen"/>.</remarks>
sealed class Preconditions
{
    const int MostTags = 100;

    readonly IReadOnlyList<EntityTagHeaderValue>? match;
    readonly IReadOnlyList<EntityTagHeaderValue>? none;
    readonly DateTimeOffset? unmodifiedSince;
    readonly bool isRequired;

    Preconditions(HttpRequest request, bool isRequired)
    {
        (match, none) = (Tags(request, "If-Match"), Tags(request, "If-None-Match"));
        // What is no date is as if it had not been sent (section 13.1.4).
        if (match is null && HeaderUtilities.TryParseDate(request.Headers.IfUnmodifiedSince.ToString(), out var since))
            unmodifiedSince = since;
        this.isRequired = isRequired;
    }

    /// <summary>The writer only wants to write what is not there yet: <c>If-None-Match: *</c>.</summary>
    public bool OnlyNew => none is not null && none.Any(IsAny);

    /// <summary>Reads the request's.</summary>
    /// <exception cref="Refused">400: a header is not a list of entity tags.</exception>
    public static Preconditions Of(HttpRequest request, WritingRules rules) => new(request, rules.RequireIfMatch);

    /// <summary>Reads the request's, where one has to say something only sometimes.</summary>
    /// <exception cref="Refused">400: a header is not a list of entity tags.</exception>
    public static Preconditions Of(HttpRequest request, bool isRequired) => new(request, isRequired);

    /// <summary>Refuses where the document is not the one that was seen.</summary>
    /// <param name="what">The document, for the sentence.</param>
    /// <param name="hash">The hash of what is there.</param>
    /// <param name="changedAt">Since when it is there.</param>
    /// <exception cref="Refused">412: it is another one; 428: nothing was said and it has to be.</exception>
    public void Hold(string what, string hash, DateTimeOffset changedAt)
    {
        if (isRequired && match is null && unmodifiedSince is null)
            throw new Refused(StatusCodes.Status428PreconditionRequired, "PRECONDITION_REQUIRED",
                $"Whoever changes {what} must say which version of it he has seen.",
                "GET it, and send its ETag as If-Match.");
        var tag = new EntityTagHeaderValue(ETagOf(hash));
        if (match is not null && !match.Any(one => IsAny(one) || one.Compare(tag, useStrongComparison: true)))
            throw Failed($"{Begun(what)} is not the one that was seen: somebody has changed it since.", hash);
        if (unmodifiedSince is { } since && Second(changedAt) > since)
            throw Failed($"{Begun(what)} was changed after {since.UtcDateTime:R}.", hash);
        if (none is not null && none.Any(one => IsAny(one) || one.Compare(tag, useStrongComparison: false)))
            throw Exists(what, hash);
    }

    /// <summary>What he hears who only wanted to write what was not there.</summary>
    public static Refused Exists(string what, string? hash = null) =>
        Failed($"{Begun(what)} is there already, and If-None-Match says that it must not be.", hash);

    /// <summary>The entity tag of a document with this hash.</summary>
    public static string ETagOf(string hash) => $"\"{hash}\"";

    /// <summary>Says since when a document is as it is (Last-Modified), so that its reader may send that as
    /// <c>If-Unmodified-Since</c>. Nothing is said in the second in which it was changed: it may change again in the
    /// same one, and the time could not tell. Nothing is said to outsiders, whose form of it may be older.</summary>
    public static void SayWhen(HttpContext http, View view, DateTimeOffset changedAt, DateTimeOffset now)
    {
        if (view.IsExternal || Second(changedAt) >= Second(now)) return;
        http.Response.Headers.LastModified = Second(changedAt).ToString("R", CultureInfo.InvariantCulture);
    }

    static Refused Failed(string sentence, string? hash) => new(
        StatusCodes.Status412PreconditionFailed, "PRECONDITION_FAILED", sentence,
        "GET it again, and repeat the change on what it is now.")
    {
        Details = hash is null ? [] : new Dictionary<string, object?> { ["etag"] = ETagOf(hash) },
    };

    static IReadOnlyList<EntityTagHeaderValue>? Tags(HttpRequest request, string name)
    {
        var values = request.Headers[name];
        if (values.Count == 0) return null;
        if (EntityTagHeaderValue.TryParseStrictList([.. values.OfType<string>()], out var tags)
            && tags.Count is > 0 and <= MostTags && (tags.Count == 1 || !tags.Any(IsAny)))
            return [.. tags];
        throw new Refused(400, "INVALID_PARAMETER",
            $"{name} should be * or up to {MostTags} entity tags in quotes, commas between them.",
            "Send the ETag of the answer as it came, quotes included.")
        {
            Details = new Dictionary<string, object?> { ["parameter"] = name },
        };
    }

    static bool IsAny(EntityTagHeaderValue tag) => tag.Tag == "*";

    static string Begun(string what) => char.ToUpperInvariant(what[0]) + what[1..];

    static DateTimeOffset Second(DateTimeOffset time) =>
        new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
}
