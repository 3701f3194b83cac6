namespace Waypost.Storage;

/// <summary>The database cannot do it now and may later: a full disk, a lost connection, a lost race.</summary>
/// <remarks>Nothing of the transaction was kept; the caller may repeat it. Answered as 503 with Retry-After.</remarks>
public sealed class StorageUnavailableException(string message, string remediation, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What the operator can do about it.</summary>
    public string Remediation { get; } = remediation;

    /// <summary>True where two transactions wanted the same rows and this one gave way: again, it may go through.
    /// </summary>
    public bool IsLostRace { get; init; }
}

/// <summary>A statement has more within one another than the database can read; a smaller one it will answer.</summary>
/// <remarks>Only what users compose can become so deep: filters. Answered as 400.</remarks>
public sealed class StatementTooDeepException(Exception inner) : Exception(
    "The conditions are deeper within one another than the database can read.", inner);

/// <summary>The database cannot be opened as it is; the start stops with this sentence.</summary>
public sealed class StorageRefusedException(string message, Exception? inner = null) : Exception(message, inner);
