namespace Waypost.Cli.Node;

/// <summary>Why a copy was not made.</summary>
enum CopyTrouble
{
    /// <summary>The source asks to be left alone for a while (429, 503).</summary>
    Busy,

    /// <summary>The source does not have it any more, or gives it to nobody (404, 403, 410 and their like).</summary>
    Gone,

    /// <summary>The source could not be reached, or broke off again and again.</summary>
    Unreachable,

    /// <summary>It would take disk space that the volunteer keeps for himself.</summary>
    NoRoom,

    /// <summary>It is longer than what was reserved for it.</summary>
    TooLarge,

    /// <summary>It is not what was asked for: another hash or another length.</summary>
    NotTheSame,

    /// <summary>The address leads where this node does not go.</summary>
    Refused,
}

/// <summary>A copy was not made.</summary>
/// <param name="trouble">Why.</param>
/// <param name="sentence">What happened, for a person.</param>
/// <param name="retryAfter">How long the source asked to be left alone.</param>
/// <param name="inner">What the network or the disk said.</param>
sealed class CopyFailedException(
    CopyTrouble trouble, string sentence, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(sentence, inner)
{
    /// <summary>Why.</summary>
    public CopyTrouble Trouble { get; } = trouble;

    /// <summary>How long the source asked to be left alone.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
