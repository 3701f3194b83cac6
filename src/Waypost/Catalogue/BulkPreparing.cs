using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Waypost.Access;

namespace Waypost.Catalogue;

/// <summary>An item of a stream that has been made ready, or has failed at that.</summary>
/// <param name="Line">Where it came from.</param>
/// <param name="Bytes">How long it was.</param>
/// <param name="Item">The item; null where it failed.</param>
/// <param name="Failure">What is reported; null where it is ready.</param>
readonly record struct ReadyItem(long Line, int Bytes, PreparedItem? Item, BulkOutcome? Failure)
{
    /// <summary>By what a second item with the same collection and id is noticed.</summary>
    public UInt128 Key { get; init; }

    /// <summary>What is reported where it fails later.</summary>
    public BulkOutcome Failed(BulkProblem problem) =>
        new(Line, Item!.Collection, Item.Id, BulkStatus.Failed, [problem], []);
}

/// <summary>Makes the items of a stream ready on all cores, and gives them out in the stream's order.</summary>
static class BulkPreparing
{
    /// <summary>Items that one core makes ready in one go.</summary>
    const int Batch = 64;

    const int BatchBytes = 256 << 10;

    /// <summary>Batches under way, or ready and waiting for the database.</summary>
    const int MostBatches = 20;

    /// <summary>Bytes of documents under way or waiting, in units of <see cref="BatchBytes"/>.</summary>
    const int MostUnits = 128;

    public static async IAsyncEnumerable<ReadyItem> Run(
        IAsyncEnumerable<BulkLine> lines, BulkOptions options, Preparing how,
        [EnumeratorCancellation] CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var room = new SemaphoreSlim(MostUnits);
        var batches = Channel.CreateBounded<(Task<ReadyItem[]> Work, int Units)>(MostBatches);
        var reading = Read(lines, options, how, room, batches.Writer, stop.Token);
        try
        {
            await foreach (var (work, units) in batches.Reader.ReadAllAsync(ct))
            {
                var ready = await work;
                room.Release(units);
                foreach (var item in ready) yield return item;
            }
            await reading;
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    static UInt128 KeyOf(PreparedItem item)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{item.Collection}\n{item.Id}"), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }

    static async Task Read(
        IAsyncEnumerable<BulkLine> lines, BulkOptions options, Preparing how, SemaphoreSlim room,
        ChannelWriter<(Task<ReadyItem[]>, int)> to, CancellationToken ct)
    {
        try
        {
            var (batch, bytes) = (new List<BulkLine>(Batch), 0);
            await foreach (var line in lines.WithCancellation(ct))
            {
                batch.Add(line);
                bytes += line.Utf8.Length;
                if (batch.Count < Batch && bytes < BatchBytes) continue;
                await HandOn(batch, bytes);
                (batch, bytes) = (new List<BulkLine>(Batch), 0);
            }
            if (batch.Count > 0) await HandOn(batch, bytes);
            to.Complete();
        }
        catch (Exception broken)
        {
            // Thrown again by whoever reads what was made ready so far.
            to.Complete(broken);
            throw;
        }

        async Task HandOn(List<BulkLine> batch, int bytes)
        {
            var units = 1 + Math.Min(bytes / BatchBytes, MostUnits / 2);
            for (var i = 0; i < units; i++) await room.WaitAsync(ct);
            var work = Task.Run(() => batch.ConvertAll(line => Prepare(line, options, how)).ToArray(), ct);
            await to.WriteAsync((work, units), ct);
        }
    }

    static ReadyItem Prepare(BulkLine line, BulkOptions options, Preparing how)
    {
        var bytes = line.Utf8.Length;
        if (line.Problem is { } problem) return Failed(line, null, problem);
        try
        {
            var item = PreparedItem.Of(Placed(line.Utf8, options), how);
            return new ReadyItem(line.Line, bytes, item, null) { Key = KeyOf(item) };
        }
        catch (Refused refused)
        {
            return Failed(line, refused, new BulkProblem(refused.Code, refused.Message));
        }
    }

    // The document as it came, nearly always; what the route says about its place is written into it where it is not.
    static ReadOnlyMemory<byte> Placed(ReadOnlyMemory<byte> utf8, BulkOptions options)
    {
        var isOurs = options.Roots is { } roots && utf8.Span.IndexOf(Encoding.UTF8.GetBytes(roots.HostRoot)) >= 0;
        if (!isOurs && options.Collection is null) return utf8;
        var document = StoredDocument.Parse(utf8, "item");
        if (isOurs) document = SentDocument.Local(document, options.Roots!);
        if (options.Collection is { } collection) document = SentDocument.With(document, "collection", collection);
        return SentDocument.Bytes(document);
    }

    static ReadyItem Failed(BulkLine line, Refused? refused, BulkProblem problem)
    {
        var (collection, id) = refused is null or { Code: "NOT_JSON" } ? (null, null) : Names(line.Utf8);
        var outcome = new BulkOutcome(line.Line, collection, id, BulkStatus.Failed, [problem], []);
        return new ReadyItem(line.Line, line.Utf8.Length, null, outcome);
    }

    // For the report of a document that is JSON and not an item.
    static (string?, string?) Names(ReadOnlyMemory<byte> utf8)
    {
        var item = JsonElement.Parse(utf8.Span);
        return item.ValueKind != JsonValueKind.Object ? (null, null)
            : (StacChecks.Text(item, "collection"), StacChecks.Text(item, "id"));
    }
}
