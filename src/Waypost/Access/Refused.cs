namespace Waypost.Access;

/// <summary>A rule was broken by the caller: a stable code, a sentence, and what to do. One place answers it.</summary>
/// <param name="status">The HTTP status that fits.</param>
/// <param name="code">A stable upper-case code, listed in docs/problems.md.</param>
/// <param name="sentence">What was wrong, where, and what was expected.</param>
/// <param name="remedy">What to do about it.</param>
public sealed class Refused(int status, string code, string sentence, string? remedy = null) : Exception(sentence)
{
    /// <summary>The HTTP status that fits.</summary>
    public int Status { get; } = status;

    /// <summary>A stable upper-case code, listed in docs/problems.md.</summary>
    public string Code { get; } = code;

    /// <summary>What to do about it.</summary>
    public string? Remedy { get; } = remedy;

    /// <summary>How long to wait before asking again; becomes <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Further members of the problem: the field at fault, a difference, a list.</summary>
    public IReadOnlyDictionary<string, object?> Details { get; init; } = new Dictionary<string, object?>();

    /// <summary>400: the request itself is wrong.</summary>
    public static Refused Bad(string code, string sentence, string? remedy = null) => new(400, code, sentence, remedy);

    /// <summary>404: nothing of this name in the caller's organization.</summary>
    public static Refused NotFound(string what) => new(404, "NOT_FOUND", $"{what} was not found.");

    /// <summary>409: it contradicts what is there.</summary>
    public static Refused Conflict(string code, string sentence, string? remedy = null) =>
        new(409, code, sentence, remedy);
}
