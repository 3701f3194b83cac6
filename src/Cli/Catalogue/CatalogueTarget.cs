using System.Text.Json.Nodes;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary>What became of one document that was sent.</summary>
/// <param name="Collection">Its collection.</param>
/// <param name="Id">Its id; that of the collection itself where it is one.</param>
/// <param name="Status"><c>created</c>, <c>updated</c>, <c>unchanged</c> or <c>failed</c>.</param>
/// <param name="Problems">Why it failed.</param>
/// <param name="Repairs">What was changed so that it is valid.</param>
sealed record Sent(string Collection, string Id, string Status, IReadOnlyList<string> Problems,
    IReadOnlyList<string> Repairs)
{
    /// <summary>It failed for a reason that passes.</summary>
    public bool IsToBeSentAgain { get; init; }
}

/// <summary>A result of an analysis, as <c>add-asset --push</c> sends it.</summary>
/// <param name="Address">The item.</param>
/// <param name="Asset">The result.</param>
/// <param name="Force">Replace the day's last one.</param>
sealed record AnalysisToSend(ItemAddress Address, AnalysisAsset Asset, bool Force);

/// <summary>Where documents go: the API of a server, or its database.</summary>
interface ICatalogueTarget : IAsyncDisposable
{
    /// <summary>What a person reads.</summary>
    string Name { get; }

    /// <summary>Creates or replaces a collection.</summary>
    Task<Sent> Collection(JsonObject collection, CancellationToken ct);

    /// <summary>Creates or replaces items, each a line of JSON; says what became of every one, in any order.</summary>
    Task<IReadOnlyList<Sent>> Items(IReadOnlyList<string> lines, CancellationToken ct);

    /// <summary>The ids of a collection's items.</summary>
    IAsyncEnumerable<string> Ids(string collection, CancellationToken ct);

    /// <summary>Deletes an item; false when it was not there.</summary>
    Task<bool> Delete(ItemAddress address, CancellationToken ct);

    /// <summary>Registers a result; returns the key that it got.</summary>
    Task<string> Register(AnalysisToSend analysis, CancellationToken ct);
}
