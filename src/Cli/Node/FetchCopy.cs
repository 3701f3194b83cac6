using System.Net;
using System.Net.Http.Headers;
using Waypost.Access;
using Waypost.Delivery;
using Waypost.Wire.Torrents;

namespace Waypost.Cli.Node;

/// <summary>What a node is to bring.</summary>
/// <param name="AssetId">What it is to have a copy of.</param>
/// <param name="Version">Which version.</param>
/// <param name="Name">What the file is called.</param>
/// <param name="Source">The publisher's address.</param>
/// <param name="Peers">Where other nodes give it: tried first, when its root is known.</param>
/// <param name="Root">The root that it must have; null: nobody knows it yet.</param>
/// <param name="MostBytes">What was reserved for it: more is not fetched.</param>
sealed record CopyOrder(
    long AssetId, int Version, string Name, Uri Source, IReadOnlyList<Uri> Peers, byte[]? Root, long MostBytes);

/// <summary>A copy that was brought, and what its source said of it.</summary>
sealed record FetchedCopy(HeldCopy Copy, string? ETag, DateTimeOffset? LastModified);

/// <summary>Brings a copy: in one piece or in many, over broken connections, kills and power cuts, never mixing two
/// versions (RFC 9110, sections 13.1.5 and 14).</summary>
sealed class FetchCopy(Outbound outbound, Shelf shelf, Pace pace, TimeProvider clock)
{
    /// <summary>How often a source may break off without one more byte before it counts as unreachable.</summary>
    const int MostFruitless = 5;

    const int Portion = 256 * 1024;
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>Brings it, hashes what lies on the disk, and keeps it.</summary>
    /// <param name="order">What.</param>
    /// <param name="progress">Told how many bytes there are.</param>
    /// <param name="ct">Stops; what came so far stays for the next time.</param>
    /// <exception cref="CopyFailedException">It was not brought; the reason says what to tell the hub.</exception>
    public async Task<FetchedCopy> Fetch(CopyOrder order, Action<long> progress, CancellationToken ct)
    {
        var sources = order.Root is null ? [order.Source] : order.Peers.Append(order.Source).ToList();
        for (var i = 0; ;)
        {
            var isBegun = File.Exists(shelf.PartialPath(order.AssetId, order.Version));
            try
            {
                return await FetchFrom(order, sources[i], progress, ct);
            }
            catch (CopyFailedException failed) when (failed.Trouble is CopyTrouble.NotTheSame && isBegun)
            {
                // What was there before may have been the wrong part: the same is asked for all of it.
                PartialCopy.Drop(shelf.PartialPath(order.AssetId, order.Version));
            }
            catch (CopyFailedException failed) when (i + 1 < sources.Count && failed.Trouble is not CopyTrouble.NoRoom)
            {
                // A peer that is away or lies costs its bytes and nothing else: the next one goes on.
                if (failed.Trouble is CopyTrouble.NotTheSame)
                    PartialCopy.Drop(shelf.PartialPath(order.AssetId, order.Version));
                i++;
            }
        }
    }

    async Task<FetchedCopy> FetchFrom(CopyOrder order, Uri source, Action<long> progress, CancellationToken ct)
    {
        await using var partial = await PartialCopy.Open(shelf.PartialPath(order.AssetId, order.Version), ct);
        try
        {
            await Complete(order, source, partial, progress, ct);
        }
        catch (Exception exception) when (exception is not CopyFailedException { Trouble: CopyTrouble.NoRoom })
        {
            // What came is worth as much the next time.
            await partial.Sync(CancellationToken.None);
            throw;
        }
        return await Finish(order, source, partial, ct);
    }

    async Task Complete(
        CopyOrder order, Uri source, PartialCopy partial, Action<long> progress, CancellationToken ct)
    {
        var furthest = partial.Length;
        for (var fruitless = 0; ;)
        {
            try
            {
                if (await Pull(order, source, partial, progress, ct)) return;
            }
            catch (OutboundFailedException failure)
            {
                if (!failure.Transient || (partial.Length <= furthest && fruitless + 1 == MostFruitless))
                    throw new CopyFailedException(CopyTrouble.Unreachable, failure.Message, null, failure);
            }
            catch (Refused refused)
            {
                throw new CopyFailedException(CopyTrouble.Refused, refused.Message, null, refused);
            }
            // A source that always begins anew has to get further than ever, or it would be asked for ever.
            fruitless = partial.Length > furthest ? 0 : fruitless + 1;
            furthest = Math.Max(furthest, partial.Length);
            if (fruitless == MostFruitless)
                throw new CopyFailedException(CopyTrouble.Unreachable,
                    $"{source.Host} answers, and never with the part that was asked for.");
            await Task.Delay(FirstPause * Math.Pow(2, fruitless), clock, ct);
        }
    }

    /// <summary>One request and what it brings; true: the copy is whole.</summary>
    async Task<bool> Pull(
        CopyOrder order, Uri source, PartialCopy partial, Action<long> progress, CancellationToken ct)
    {
        // Where the root is known it decides in the end, so that any source may go on with what another began.
        var isKnown = order.Root is not null;
        var resumes = partial is { Length: > 0, State: { } known }
            && (isKnown || (known.Source == source.AbsoluteUri && IfRange(known) is not null));
        using var answer = await outbound.Ask(source, headers =>
        {
            headers.AcceptEncoding.ParseAdd("identity");
            if (!resumes) return;
            headers.Range = new RangeHeaderValue(partial.Length, null);
            if (!isKnown) headers.IfRange = IfRange(partial.State!);
        }, AnswerWithin, ct);

        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && resumes)
        {
            if (answer.Content.Headers.ContentRange?.Length == partial.Length
                && (partial.State!.Bytes ?? partial.Length) == partial.Length) return true;
            await partial.Begin(Nothing(source), ct);
            return false;
        }
        Check(source, answer);
        var isPart = answer.StatusCode == HttpStatusCode.PartialContent;
        if (!isPart) await partial.Begin(StateOf(source, answer), ct);
        else if (!resumes || !IsNextPart(partial, answer, isKnown))
        {
            // Not the part that was asked for, or of another version: nothing of it may join what there is.
            await partial.Begin(Nothing(source), ct);
            return false;
        }
        else if (answer.Content.Headers.ContentRange?.Length is { } all) await partial.Learn(all, ct);
        if (partial.State!.Bytes > order.MostBytes) throw TooLarge(order, partial.State.Bytes);
        await Read(order, source, answer, partial, progress, ct);
        if (partial.State.Bytes is { } length) return partial.Length == length;
        // Chunks say when they end. Where not even they do, a copy that agrees with another's is the proof.
        if (!isPart) return true;
        await partial.Begin(Nothing(source), ct);
        return false;
    }

    // Some sources honour the range and not the condition: what they say of the version is looked at all the same.
    static bool IsNextPart(PartialCopy partial, HttpResponseMessage answer, bool isKnown)
    {
        var (state, range) = (partial.State!, answer.Content.Headers.ContentRange);
        if (range is null || range.From != partial.Length) return false;
        if (state.Bytes is { } whole && range.Length is { } said && said != whole) return false;
        if (isKnown) return true;
        return state.ETag is { } tag && IsStrong(tag)
            ? answer.Headers.ETag?.ToString() == tag
            : answer.Content.Headers.LastModified == state.LastModified;
    }

    async Task Read(
        CopyOrder order, Uri source, HttpResponseMessage answer, PartialCopy partial, Action<long> progress,
        CancellationToken ct)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(ct);
        var buffer = new byte[Portion];
        while (true)
        {
            var read = await ReadSome(source, body, buffer, ct);
            if (read == 0) return;
            if (partial.Length + read > order.MostBytes) throw TooLarge(order, null);
            if (shelf.RoomBytes < read) throw NoRoom();
            await pace.Take(read, ct);
            try
            {
                await partial.Append(buffer.AsMemory(0, read), ct);
            }
            catch (IOException full)
            {
                throw new CopyFailedException(
                    CopyTrouble.NoRoom, $"The disk took no more: {full.Message}", null, full);
            }
            progress(partial.Length);
        }
    }

    static async Task<int> ReadSome(Uri source, Stream body, byte[] buffer, CancellationToken ct)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(ct);
        stall.CancelAfter(Stall);
        try
        {
            return await body.ReadAsync(buffer, stall.Token);
        }
        catch (OperationCanceledException stalled) when (!ct.IsCancellationRequested)
        {
            throw new OutboundFailedException(
                $"{source.Host} sent nothing for {Stall.TotalSeconds:0} s.", transient: true, stalled);
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException)
        {
            throw new OutboundFailedException($"{source.Host} broke off: {cut.Message}", transient: true, cut);
        }
    }

    async Task<FetchedCopy> Finish(CopyOrder order, Uri source, PartialCopy partial, CancellationToken ct)
    {
        HashedFile file;
        // From the disk, not from the wire: what is vouched for is what is there.
        await using (var bytes = partial.Read())
            file = await FileHashing.Of(bytes, HashTree.PieceBytes(bytes.Length), ct);
        if (order.Root is { } root && !root.AsSpan().SequenceEqual(file.Root))
        {
            var where = source == order.Source ? "The source" : "A peer";
            await partial.Begin(partial.State!, ct);
            throw new CopyFailedException(CopyTrouble.NotTheSame,
                $"{where} at {source.Host} gives something else than what was asked for: its root is "
                + $"{Convert.ToHexStringLower(file.Root)}, expected was {Convert.ToHexStringLower(root)}.");
        }
        var state = partial.State!;
        var copy = new HeldCopy(
            [new HeldFor(order.AssetId, order.Version)], order.Name, source.AbsoluteUri, clock.GetUtcNow(), file);
        try
        {
            copy = await shelf.Keep(partial, copy, ct);
        }
        catch (IOException full)
        {
            throw new CopyFailedException(CopyTrouble.NoRoom, $"The disk took no more: {full.Message}", null, full);
        }
        return new FetchedCopy(copy, state.ETag, state.LastModified);
    }

    void Check(Uri source, HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (answer.Content.Headers.ContentEncoding.Any(coding => coding != "identity"))
            throw new CopyFailedException(CopyTrouble.Gone,
                $"{source.Host} gives it only compressed for transport, which is not the file itself.");
        if (status is 200 or 206) return;
        throw status switch
        {
            429 or 503 => new CopyFailedException(
                CopyTrouble.Busy, $"{source.Host} asks to be left alone (HTTP {status}).", RetryAfter(answer)),
            408 or 425 or >= 500 => new OutboundFailedException($"{source.Host} answered {status}.", transient: true),
            _ => new CopyFailedException(CopyTrouble.Gone, $"{source.Host} answered {status} instead of the file."),
        };
    }

    TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > clock.GetUtcNow() => date - clock.GetUtcNow(),
        _ => null,
    };

    static PartialState StateOf(Uri source, HttpResponseMessage answer) => new(
        source.AbsoluteUri, answer.Headers.ETag?.ToString(), answer.Content.Headers.LastModified,
        answer.Headers.Date - answer.Content.Headers.LastModified >= TimeSpan.FromSeconds(1),
        answer.Content.Headers.ContentLength, 0);

    static PartialState Nothing(Uri source) => new(source.AbsoluteUri, null, null, false, null, 0);

    // Only a validator that changes with every byte may join two parts; a date only where its second had passed when it
    // was said (RFC 9110, section 8.8.2.2).
    static RangeConditionHeaderValue? IfRange(PartialState state) =>
        state.ETag is { } tag && IsStrong(tag)
            ? new RangeConditionHeaderValue(EntityTagHeaderValue.Parse(tag))
            : state is { IsDateSafe: true, LastModified: { } date } ? new RangeConditionHeaderValue(date) : null;

    static bool IsStrong(string tag) => !tag.StartsWith("W/", StringComparison.Ordinal);

    static CopyFailedException TooLarge(CopyOrder order, long? bytes) => new(CopyTrouble.TooLarge,
        $"It is {(bytes is null ? "longer than" : $"{bytes} bytes long, and")} the {order.MostBytes} bytes "
        + "that were reserved for it.");

    static CopyFailedException NoRoom() => new(
        CopyTrouble.NoRoom, "The disk is filled up to the space that is to stay free.");
}
