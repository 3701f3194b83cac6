using System.Threading.Channels;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>What a worker gets for its reports: an answer to each, and its next tasks.</summary>
public sealed record Completion(IReadOnlyList<ReportAnswer> Answers, IReadOnlyList<LeasedTask> Next);

/// <summary>The workers' side of the engine: lease, renew, complete, give back.</summary>
/// <remarks>
/// Workers of this process that come at the same time share one transaction: the row of a stage's counter, which every
/// completion changes, is written and synced once for all of them.
/// </remarks>
public sealed class Leases
{
    /// <summary>The most visits that share a transaction.</summary>
    const int MostTogether = 256;

    readonly Databases databases;
    readonly Dictionary<Db, Counter> counters;

    /// <summary>Over these databases, for these kinds.</summary>
    public Leases(Databases databases, JobKinds kinds, TimeProvider clock, ILogger<Leases> log)
        : this(databases, kinds, clock, log, EngineRules.Shipped, Random.Shared)
    {
    }

    internal Leases(
        Databases databases, JobKinds kinds, TimeProvider clock, ILogger log, EngineRules rules, Random jitter)
    {
        this.databases = databases;
        counters = databases.All.ToDictionary(db => db, db => new Counter(db, kinds, rules, clock, jitter, log));
    }

    /// <summary>The most urgent tasks that this worker can do; none when there are none.</summary>
    public async Task<IReadOnlyList<LeasedTask>> Lease(LeaseAsk ask, CancellationToken ct)
    {
        var leased = new List<LeasedTask>();
        foreach (var db in ask.Org is { } org ? [databases.For(org)] : databases.All)
        {
            if (leased.Count >= ask.Max) break;
            var visit = await counters[db].Visit([], ask with { Max = ask.Max - leased.Count }, ct);
            leased.AddRange(visit.Next);
        }
        return leased;
    }

    /// <summary>Takes reports, and leases the next tasks in the same transaction.</summary>
    /// <param name="reports">What was done; stale ones change nothing, and their answer says so.</param>
    /// <param name="next">What to do next; null: nothing.</param>
    /// <param name="ct">Stops waiting for the answer; what was reported may count all the same.</param>
    /// <exception cref="StorageUnavailableException">Nothing was kept; report again.</exception>
    public async Task<Completion> Complete(IReadOnlyList<TaskReport> reports, LeaseAsk? next, CancellationToken ct)
    {
        var byDb = reports.Select((report, i) => (report, i)).GroupBy(r => databases.For(r.report.Org)).ToList();
        if (byDb.Count == 1 && databases.All.Count == 1) return await counters[byDb[0].Key].Visit(reports, next, ct);

        var answers = new ReportAnswer[reports.Count];
        foreach (var group in byDb)
        {
            var visit = await counters[group.Key].Visit([.. group.Select(r => r.report)], null, ct);
            foreach (var (answer, (_, i)) in visit.Answers.Zip(group)) answers[i] = answer;
        }
        return new Completion(answers, next is null ? [] : await Lease(next, ct));
    }

    /// <summary>Keeps leases alive; what is lost comes back without an expiry.</summary>
    public async Task<IReadOnlyList<RenewedLease>> Renew(IReadOnlyList<HeldLease> held, CancellationToken ct)
    {
        var answers = new List<RenewedLease>(held.Count);
        foreach (var group in held.GroupBy(lease => databases.For(lease.Org)))
            answers.AddRange(await counters[group.Key].Do(course => course.Renew([.. group]), ct));
        return answers;
    }

    /// <summary>Gives leases back unused; the attempt does not count.</summary>
    public async Task Return(IReadOnlyList<HeldLease> held, CancellationToken ct)
    {
        foreach (var group in held.GroupBy(lease => databases.For(lease.Org)))
            await counters[group.Key].Do(async course =>
            {
                await course.Return([.. group]);
                return true;
            }, ct);
    }

    /// <summary>Does what the clock asks for: expired leases, tasks that waited long enough.</summary>
    internal async Task Sweep(CancellationToken ct)
    {
        foreach (var counter in counters.Values)
        {
            await counter.Do(Janitor.Wake, ct);
            while (await counter.Do(Janitor.TakeBack, ct) > 0) ct.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Does something to a job, its hooks included.</summary>
    internal Task<T> Do<T>(string org, Func<Course, Task<T>> act, CancellationToken ct) =>
        counters[databases.For(org)].Do(act, ct);

    /// <summary>One database's counter: visits queue here, and are served many at a time.</summary>
    sealed class Counter(
        Db db, JobKinds kinds, EngineRules rules, TimeProvider clock, Random jitter, ILogger log)
    {
        readonly LeaseTasks leasing = new();
        readonly Channel<Visitor> queue = Channel.CreateBounded<Visitor>(10_000);
        int serving;

        public async Task<Completion> Visit(IReadOnlyList<TaskReport> reports, LeaseAsk? next, CancellationToken ct)
        {
            var visitor = new Visitor(reports, next);
            await queue.Writer.WriteAsync(visitor, ct);
            Serve();
            return await visitor.Served.Task.WaitAsync(ct);
        }

        /// <summary>Runs in a transaction of its own; a hook that throws is left out the next time.</summary>
        public async Task<T> Do<T>(Func<Course, Task<T>> act, CancellationToken ct)
        {
            var broken = new Dictionary<(string, string), HookFailedException[]>();
            while (true)
            {
                try
                {
                    await using var tx = await db.Begin(ct);
                    var done = await act(new Course(tx, kinds, rules, clock.GetUtcNow()) { BrokenHooks = broken });
                    await tx.Commit();
                    return done;
                }
                catch (HookFailedException hook)
                    when (broken.GetValueOrDefault((hook.Org, hook.JobId)) is not { Length: > 2 })
                {
                    log.LogError(hook, "The end of job {JobId} of {Org} threw", hook.JobId, hook.Org);
                    var before = broken.GetValueOrDefault((hook.Org, hook.JobId)) ?? [];
                    broken[(hook.Org, hook.JobId)] = [.. before, hook];
                }
            }
        }

        // Whoever comes when nobody serves, serves: no loop of its own that could stop.
        void Serve()
        {
            if (Interlocked.CompareExchange(ref serving, 1, 0) != 0) return;
            using (ExecutionContext.SuppressFlow()) _ = Task.Run(ServeAll);
        }

        async Task ServeAll()
        {
            var together = new List<Visitor>();
            while (queue.Reader.TryRead(out var visitor))
            {
                together.Clear();
                together.Add(visitor);
                while (together.Count < MostTogether && queue.Reader.TryRead(out visitor)) together.Add(visitor);
                await ServeTogether(together);
            }
            Volatile.Write(ref serving, 0);
            // Someone may have come between the last look and the door.
            if (queue.Reader.TryPeek(out _)) Serve();
        }

        async Task ServeTogether(List<Visitor> together)
        {
            try
            {
                var served = await Do(course => ServeIn(course, together), CancellationToken.None);
                foreach (var (visitor, completion) in together.Zip(served)) visitor.Served.TrySetResult(completion);
            }
            catch (Exception exception) when (together.Count == 1 || exception is StorageUnavailableException)
            {
                foreach (var visitor in together) visitor.Served.TrySetException(exception);
            }
            catch (Exception exception)
            {
                // One of them is at fault; alone each gets what it deserves.
                log.LogWarning(exception, "{Count} visits failed together and are served one by one", together.Count);
                foreach (var visitor in together) await ServeTogether([visitor]);
            }
        }

        async Task<List<Completion>> ServeIn(Course course, List<Visitor> together)
        {
            var answers = await course.Complete([.. together.SelectMany(v => v.Reports)], jitter);
            var leased = await LeaseFor(course, together);
            var served = new List<Completion>(together.Count);
            var at = 0;
            foreach (var visitor in together)
            {
                served.Add(new Completion(
                    [.. answers.Skip(at).Take(visitor.Reports.Count)], leased.GetValueOrDefault(visitor) ?? []));
                at += visitor.Reports.Count;
            }
            return served;
        }

        // Those who ask for the same get it from one look; claimed_by says the first one's name for all of a worker's.
        async Task<Dictionary<Visitor, List<LeasedTask>>> LeaseFor(Course course, List<Visitor> together)
        {
            var leased = new Dictionary<Visitor, List<LeasedTask>>();
            var alike = together.Where(v => v.Next is { Max: > 0 })
                .GroupBy(v => (v.Next!.Org, v.Next.Worker, Kinds: string.Join(' ', v.Next.Kinds)));
            foreach (var group in alike)
            {
                var visitors = group.ToList();
                var ask = visitors[0].Next!;
                var tasks = await leasing.Lease(course, ask with { Max = visitors.Sum(v => v.Next!.Max) });
                var at = 0;
                foreach (var visitor in visitors)
                {
                    leased[visitor] = [.. tasks.Skip(at).Take(visitor.Next!.Max)];
                    at += visitor.Next.Max;
                }
            }
            return leased;
        }
    }

    sealed class Visitor(IReadOnlyList<TaskReport> reports, LeaseAsk? next)
    {
        public IReadOnlyList<TaskReport> Reports { get; } = reports;
        public LeaseAsk? Next { get; } = next;
        public TaskCompletionSource<Completion> Served { get; } = new(
            TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
