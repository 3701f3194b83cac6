using Waypost.Access;

namespace Waypost.Catalogue;

/// <summary>What a writer says he has seen (RFC 9110, section 13.1.1: If-Match), to be held against what is there.
/// </summary>
sealed class Preconditions
{
    const int MostTags = 100;

    readonly string[]? tags;
    readonly bool isRequired;

    Preconditions(string[]? tags, bool isRequired) => (this.tags, this.isRequired) = (tags, isRequired);

    /// <summary>Reads the request's.</summary>
    /// <exception cref="Refused">400: the header is not a list of entity tags.</exception>
    public static Preconditions Of(HttpRequest request, WritingRules rules)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0) return new Preconditions(null, rules.RequireIfMatch);
        string[] tags = [.. header.ToString().Split(',', StringSplitOptions.TrimEntries)];
        if (tags.Length <= MostTags && tags.All(tag => tag == "*" || IsTag(tag)))
            return new Preconditions(tags, rules.RequireIfMatch);
        throw new Refused(400, "INVALID_PARAMETER",
            $"If-Match should be * or up to {MostTags} entity tags in quotes, commas between them.",
            "Send the ETag of the answer as it came, quotes included.")
        {
            Details = new Dictionary<string, object?> { ["parameter"] = "If-Match" },
        };
    }

    /// <summary>Refuses where the document is not the one that was seen.</summary>
    /// <param name="what">The document, for the sentence.</param>
    /// <param name="hash">The hash of what is there.</param>
    /// <exception cref="Refused">412: it is another one; 428: nothing was said and it has to be.</exception>
    public void Hold(string what, string hash)
    {
        if (tags is null)
        {
            if (!isRequired) return;
            throw new Refused(StatusCodes.Status428PreconditionRequired, "PRECONDITION_REQUIRED",
                $"Whoever changes {what} must say which version of it he has seen.",
                "GET it, and send its ETag as If-Match.");
        }
        // A weak tag says that two are as good as the same, which is not good enough to overwrite one.
        if (tags.Contains("*") || tags.Contains(ETagOf(hash))) return;
        throw new Refused(StatusCodes.Status412PreconditionFailed, "PRECONDITION_FAILED",
            $"{char.ToUpperInvariant(what[0])}{what[1..]} is not the one that was seen: somebody has changed it since.",
            "GET it again, and repeat the change on what it is now.")
        {
            Details = new Dictionary<string, object?> { ["etag"] = ETagOf(hash) },
        };
    }

    /// <summary>The entity tag of a document with this hash.</summary>
    public static string ETagOf(string hash) => $"\"{hash}\"";

    static bool IsTag(string tag)
    {
        if (tag.StartsWith("W/", StringComparison.Ordinal)) tag = tag[2..];
        return tag.Length >= 2 && tag[0] == '"' && tag[^1] == '"' && !tag.AsSpan(1, tag.Length - 2).Contains('"');
    }
}
