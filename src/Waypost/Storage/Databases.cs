namespace Waypost.Storage;

/// <summary>Which database holds an organization's rows. One for all, until one is given its own.</summary>
public sealed class Databases(Db shared) : IAsyncDisposable
{
    /// <summary>Every database there is, for loops that serve all organizations.</summary>
    public IReadOnlyList<Db> All { get; } = [shared];

    /// <summary>What belongs to no organization lives here: organizations, keys, leases of loops.</summary>
    public Db Shared { get; } = shared;

    /// <summary>The database that holds this organization's rows.</summary>
    public Db For(string org) =>
        string.IsNullOrEmpty(org) ? throw new ArgumentException("An organization is needed.", nameof(org)) : Shared;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Shared.DisposeAsync();
}
