using System.Runtime.CompilerServices;
using Waypost.Access;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>One item of a stream, not looked at yet.</summary>
/// <param name="Line">Where it came from, counted from 1: a line of NDJSON, or its place in a list.</param>
/// <param name="Utf8">The document.</param>
/// <param name="Problem">Why it could not even be read; null where it could.</param>
public sealed record BulkLine(long Line, ReadOnlyMemory<byte> Utf8, BulkProblem? Problem = null);

/// <summary>How a stream is to be written.</summary>
/// <param name="OnlyNew">Items that are there already fail with <c>ITEM_EXISTS</c> instead of being replaced.</param>
/// <param name="Validation">What is done about faults; null: as the organization has it.</param>
/// <param name="Collection">The collection of all of them, where an item does not say; null: each says.</param>
public sealed record BulkOptions(bool OnlyNew = false, Validation? Validation = null, string? Collection = null)
{
    /// <summary>Under which addresses its sender sees this server; null where there is none.</summary>
    internal LinkRoots? Roots { get; init; }
}

/// <summary>What became of one item.</summary>
public enum BulkStatus
{
    /// <summary>It was not there before.</summary>
    Created,

    /// <summary>It replaced an older content.</summary>
    Updated,

    /// <summary>It was there already, just so.</summary>
    Unchanged,

    /// <summary>Nothing of it was kept.</summary>
    Failed,
}

/// <summary>Why an item failed.</summary>
/// <param name="Code">A code of docs/problems.md.</param>
/// <param name="Detail">What was wrong, where, and what was expected.</param>
public sealed record BulkProblem(string Code, string Detail);

/// <summary>What became of one item of a stream.</summary>
/// <param name="Line">Where it came from.</param>
/// <param name="Collection">Its collection; null where that could not be read.</param>
/// <param name="Id">Its id; null where that could not be read.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Problems">Why it failed; empty otherwise.</param>
/// <param name="Repairs">What was put right; empty where it came without faults.</param>
public sealed record BulkOutcome(
    long Line, string? Collection, string? Id, BulkStatus Status, IReadOnlyList<BulkProblem> Problems,
    IReadOnlyList<StacRepairNote> Repairs);

/// <summary>Writes streams of items of any length: the one way for the routes, the command line and schedules.
/// </summary>
/// <remarks>
/// Items are made ready on all cores, and written in chunks of one collection each. A chunk is one transaction: after a
/// crash it is there whole or not at all, and sending everything again only finds it <c>unchanged</c>. An item that
/// fails fails alone. Memory does not grow with the stream but for 40 bytes an item, by which a second item with the
/// same id is noticed.
/// </remarks>
public sealed class BulkWriting(Databases databases, Preparing usual, TimeProvider clock)
{
    /// <summary>The largest single document of a stream, in bytes.</summary>
    public const int LargestItem = 16 << 20;

    /// <summary>Writes the items of a stream; says of each what became of it, those of a chunk together.</summary>
    /// <param name="org">Whose catalogue.</param>
    /// <param name="lines">The items.</param>
    /// <param name="options">How.</param>
    /// <param name="ct">Stops it between two chunks; what was reported stays.</param>
    public async IAsyncEnumerable<BulkOutcome> Write(
        string org, IAsyncEnumerable<BulkLine> lines, BulkOptions options,
        [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        var db = databases.For(org);
        var validation = options.Validation ?? (await WritingRules.Of(db, org, ct)).Validation;
        var how = usual with { Validation = validation };
        var chunks = new BulkChunks(db, org, options.OnlyNew, clock);
        var seen = new HashSet<UInt128>();
        await foreach (var ready in BulkPreparing.Run(lines, options, how, ct))
        {
            if (ready.Failure is { } failure) yield return failure;
            else if (!seen.Add(ready.Key))
                yield return ready.Failed(new BulkProblem(
                    "DUPLICATE_ID", "An earlier line of the stream has the same collection and id."));
            else
                foreach (var outcome in await chunks.Take(ready, ct))
                    yield return outcome;
        }
        foreach (var outcome in await chunks.Rest(ct)) yield return outcome;
    }
}
