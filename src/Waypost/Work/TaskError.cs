using Waypost.Storage;

namespace Waypost.Work;

/// <summary>Whether trying again can help.</summary>
public enum ErrorClass
{
    /// <summary>The same input will fail the same way.</summary>
    Permanent,

    /// <summary>It may work later: a lost connection, a busy disk.</summary>
    Transient,

    /// <summary>Somebody asked us to slow down; like transient, and waited for longer.</summary>
    Throttling,
}

/// <summary>Why a task or a job failed, for a program (code, category) and for a person (the rest).</summary>
/// <param name="Code">Stable, upper-case.</param>
/// <param name="Category">DATA_MISSING, DATA_QUALITY, DATA_INCOMPATIBLE, PARAMETER_ERROR, SYSTEM_ERROR,
/// SERVICE_UNAVAILABLE or CONFIGURATION.</param>
/// <param name="Message">What happened.</param>
/// <param name="Remediation">What to do about it.</param>
/// <param name="UserFixable">Whether whoever submitted it can do that.</param>
/// <param name="Class">Whether trying again can help.</param>
public sealed record TaskError(
    string Code, string Category, string Message, string? Remediation, bool UserFixable, ErrorClass Class)
{
    /// <summary>How long a stored message may be; what is longer is cut.</summary>
    internal const int LongestMessage = 4000;

    const int LongestWord = 100;

    /// <summary>A fault of the server or of a job's kind, which nobody outside can fix.</summary>
    internal static TaskError System(string code, string message, string? remediation = null) =>
        new(code, "SYSTEM_ERROR", message, remediation, UserFixable: false, ErrorClass.Permanent);

    /// <summary>As it is stored and told: workers outside write it too, so nothing of it is longer than a reader can
    /// bear, nor holds what a database cannot.</summary>
    internal Json Kept() => Json.Of(this with
    {
        Code = Cut(Code, LongestWord),
        Category = Cut(Category, LongestWord),
        Message = Cut(Message, LongestMessage),
        Remediation = Remediation is null ? null : Cut(Remediation, LongestMessage),
    });

    static string Cut(string text, int longest) =>
        (text.Length <= longest ? text : text[..longest]).Replace('\0', '\uFFFD');
}
