using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Delivery;

/// <summary>How deliveries are sent.</summary>
/// <param name="Timeout">How long a receiver may take to answer.</param>
/// <param name="FirstBackoff">The longest wait after the first failed attempt.</param>
/// <param name="DisableAfter">After so many failed deliveries in a row a webhook is disabled.</param>
/// <param name="Concurrency">How many are under way at once in one process.</param>
public sealed record DeliverySettings(TimeSpan Timeout, TimeSpan FirstBackoff, int DisableAfter = 10, int Concurrency =
    16)
{
    /// <summary>30 s to answer, and 5 s for the first pause.</summary>
    public DeliverySettings() : this(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5))
    {
    }

    /// <summary>Says what is wrong with these settings; null when nothing is.</summary>
    public string? Problem() => this switch
    {
        _ when Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromSeconds(60) =>
            "delivery.timeout must be between 1 and 60 seconds.",
        _ when FirstBackoff <= TimeSpan.Zero || FirstBackoff > TimeSpan.FromHours(1) =>
            "delivery.first_backoff must be more than 0 and at most an hour.",
        { DisableAfter: < 1 or > 1000 } => "delivery.disable_after must be between 1 and 1000.",
        { Concurrency: < 1 or > 256 } => "delivery.concurrency must be between 1 and 256.",
        _ => null,
    };
}

/// <summary>Sends what waits: lane by lane, each in order, several lanes at once.</summary>
/// <remarks>
/// A lane is leased, its first delivery is sent outside of any transaction, and what came of it is recorded under the
/// lane's fence. Killed in between, the delivery is sent again with the same id: at least once.
/// </remarks>
sealed class Sender(
    Db db, Outbound outbound, Secrets secrets, DeliverySettings settings, TimeProvider clock)
{
    static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    static readonly TimeSpan ReleaseWithin = TimeSpan.FromSeconds(2);
    const int AnswerBytes = 2048;

    /// <summary>After so long a lane goes back to the end of the line, so that slow receivers with much to come do not
    /// keep the others waiting until it has all come.</summary>
    internal static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(5);

    readonly TimeSpan lease = settings.Timeout * 2 + TimeSpan.FromSeconds(30);
    readonly string holder = Guid.CreateVersion7().ToString("N");
    readonly Wakefulness wake = new(db, Deliveries.Channel, Poll);
    readonly List<Task> draining = [];

    /// <summary>A lane that this process holds.</summary>
    internal sealed record Lane(Guid Id, string Org, long Fence, string Holder) : IRow<Lane>
    {
        public static Lane Read(Row row) => new(row.Id("lane"), row.Text("org"), row.Long("fence"), row.Text("holder"));
    }

    sealed record Due(DateTimeOffset? At) : IRow<Due>
    {
        public static Due Read(Row row) => new(row.TimeOrNull("due"));
    }

    /// <summary>The loop that the server runs.</summary>
    public BackgroundLoop Loop() => new("delivery.sender", TimeSpan.FromMinutes(2), Round);

    internal async Task Round(CancellationToken ct)
    {
        try
        {
            await TakeAndDrain(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await Task.WhenAll(draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Release();
            throw;
        }
    }

    async Task TakeAndDrain(CancellationToken ct)
    {
        wake.Arm(ct);
        var free = settings.Concurrency - draining.Count;
        var taken = free > 0 ? await Take(free, ct) : [];
        foreach (var lane in taken) draining.Add(Task.Run(() => Drain(lane, ct), CancellationToken.None));
        if (taken.Count == 0)
        {
            List<Task> anything = [.. draining];
            if (free > 0) anything.AddRange([wake.Wait(), Task.Delay(await UntilNext(ct), clock, ct)]);
            await Task.WhenAny(anything);
            ct.ThrowIfCancellationRequested();
        }
        foreach (var done in draining.Where(task => task.IsCompleted).ToList())
        {
            draining.Remove(done);
            await done;
        }
    }

    async Task<List<Lane>> Take(int most, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Looks before it writes: an idle server writes nothing.
        if (await UntilNext(ct) > TimeSpan.Zero) return [];
        await using var tx = (await db.Begin(ct)).AcrossOrganizations("the sender takes whatever lane is due");
        var taken = await tx.All<Lane>($"""
            with free as (
                select lane from delivery_lanes where due <= {now} and expires <= {now}
                order by due limit {most} {tx.SkipLocked})
            update delivery_lanes set holder = {holder}, expires = {now + lease}, fence = fence + 1
            where lane in (select lane from free)
            returning lane, org, fence, holder
            """);
        await tx.Commit();
        return taken;
    }

    // Zero when something is due; the poll when nothing is known to be.
    async Task<TimeSpan> UntilNext(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = (await db.Read(ct)).AcrossOrganizations("the sender looks for the lane due next");
        var next = await tx.One<Due>($"""
            select due from delivery_lanes where due is not null and expires <= {now} order by due limit 1
            """);
        if (next?.At is not { } due) return Poll;
        return due <= now ? TimeSpan.Zero : due - now < Poll ? due - now : Poll;
    }

    async Task Drain(Lane lane, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        var next = await Outcomes.Head(db, lane, clock.GetUtcNow(), ct);
        while (next is not null)
        {
            var outcome = await Attempt(next, ct);
            var turnIsOver = clock.GetElapsedTime(began) >= LongestTurn;
            DateTimeOffset? heldUntil = turnIsOver ? null : clock.GetUtcNow() + lease;
            next = await Outcomes.Record(db, lane, next, outcome, settings, clock, heldUntil, ct);
        }
    }

    async Task<Outcome> Attempt(Waiting delivery, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var request = Request(delivery);
            var reply = await outbound.Send(request, new OutboundLimits(settings.Timeout, AnswerBytes), ct);
            return new Outcome(reply.Status, Printable(reply.Body), null, reply.RetryAfter,
                Stopwatch.GetElapsedTime(began));
        }
        catch (Exception failure) when (failure is Refused or OutboundFailedException or SecretLostException)
        {
            return new Outcome(null, null, failure.Message, null, Stopwatch.GetElapsedTime(began));
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            // It counts as an attempt whatever it was: thrown on, it would stop every organization's deliveries for a
            // while, and come again for ever.
            return new Outcome(
                null, null, $"The request could not be made, or its answer not be read ({failure.GetType().Name}).",
                null, Stopwatch.GetElapsedTime(began));
        }
    }

    HttpRequestMessage Request(Waiting delivery)
    {
        var body = Encoding.UTF8.GetBytes(delivery.Body);
        if (!Uri.TryCreate(delivery.Url, UriKind.Absolute, out var to))
            throw new OutboundFailedException("The address is not a full URL.", transient: false);
        var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        var signing = delivery.SigningSecrets(clock.GetUtcNow()).Select(secrets.Open).ToList();
        foreach (var (name, value) in new Json(secrets.Open(delivery.HeadersSealed)).To<Dictionary<string, string>>())
            request.Headers.TryAddWithoutValidation(name, value);
        foreach (var (name, value) in Signature.Headers(delivery.MessageId, clock.GetUtcNow(), body, signing))
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    // The database keeps no NUL in a text, and an operator can read nothing of the rest.
    static string Printable(byte[] answer) => string.Concat(
        Encoding.UTF8.GetString(answer).Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? ' ' : c));

    // At a planned stop another process need not wait for the leases to run out.
    async Task Release()
    {
        using var soon = new CancellationTokenSource(ReleaseWithin);
        try
        {
            var now = clock.GetUtcNow();
            await using var tx =
                (await db.Begin(soon.Token)).AcrossOrganizations("a stopping sender gives back its lanes");
            await tx.Run($"update delivery_lanes set expires = {now} where holder = {holder} and expires > {now}");
            await tx.Commit();
        }
        catch (Exception exception) when (exception is OperationCanceledException or StorageUnavailableException)
        {
            // They run out by themselves.
        }
    }
}
