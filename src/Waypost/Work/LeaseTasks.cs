using System.Collections.Concurrent;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>A worker asks for work.</summary>
/// <param name="Kinds">The kinds of job whose tasks it can do.</param>
/// <param name="Worker">Its name, for people who look at the list.</param>
/// <param name="Max">How many tasks it can take.</param>
/// <param name="Org">Only of this organization; null: of all.</param>
public sealed record LeaseAsk(IReadOnlyList<string> Kinds, string Worker, int Max, string? Org = null);

/// <summary>A task that a worker holds until its lease runs out.</summary>
/// <param name="Org">Whose task it is.</param>
/// <param name="TaskId">The task.</param>
/// <param name="JobId">Its job.</param>
/// <param name="Kind">The kind of the job.</param>
/// <param name="Stage">The name of the stage.</param>
/// <param name="StageNumber">Counts from 1.</param>
/// <param name="Unit">What the task is about.</param>
/// <param name="Parameters">The task's parameters.</param>
/// <param name="JobParameters">The job's parameters.</param>
/// <param name="Fence">To be shown with every renewal and report; larger with each lease of this task.</param>
/// <param name="Attempt">Counts from 1.</param>
/// <param name="Expires">When the lease runs out unless it is renewed.</param>
/// <param name="Lease">How long each renewal lasts.</param>
public sealed record LeasedTask(
    string Org, string TaskId, string JobId, string Kind, string Stage, int StageNumber, string Unit, Json Parameters,
    Json JobParameters, long Fence, int Attempt, DateTimeOffset Expires, TimeSpan Lease);

/// <summary>Hands out the most urgent tasks; between organizations, to the one that was served the longest
/// ago.</summary>
/// <remarks>Leasing waits for nobody: it skips what another transaction holds.</remarks>
sealed class LeaseTasks
{
    /// <summary>The most tasks handed out at once.</summary>
    public const int MostAtOnce = 256;

    /// <summary>Organizations whose turn is remembered; beyond it the memory starts anew.</summary>
    const int MostRemembered = 10_000;

    readonly ConcurrentDictionary<string, long> served = new(StringComparer.Ordinal);
    long turn;

    sealed record Waiting(string Org, string Kind, int Priority) : IRow<Waiting>
    {
        public static Waiting Read(Row row) => new(row.Text("org"), row.Text("kind"), row.Int("priority"));
    }

    sealed record Claimed(
        string TaskId, string JobId, int Stage, string Unit, Json Parameters, long Fence, int Attempt) : IRow<Claimed>
    {
        public static Claimed Read(Row row) => new(
            row.Text("id"), row.Text("job_id"), row.Int("stage"), row.Text("unit"), row.Json("parameters"),
            row.Long("fence"), row.Int("attempt"));
    }

    sealed record Ask(string Id, string Kind, JobState State, Json Parameters) : IRow<Ask>
    {
        public static Ask Read(Row row) => new(
            row.Text("id"), row.Text("kind"), row.Enum<JobState>("state"), row.Json("parameters"));
    }

    /// <summary>Leases up to the number asked for.</summary>
    public async Task<List<LeasedTask>> Lease(Course course, LeaseAsk ask)
    {
        var leased = new List<LeasedTask>();
        var wanted = Math.Min(ask.Max, MostAtOnce);
        var kinds = ask.Kinds.Select(course.Kinds.Find).OfType<JobKind>().DistinctBy(k => k.Name).ToList();
        var looked = false;
        while (leased.Count < wanted && kinds.Count > 0)
        {
            var before = leased.Count;
            await Round(course, ask, kinds, wanted, leased);
            if (leased.Count > before) continue;
            if (looked || await Janitor.Wake(course) == 0) break;
            looked = true;
        }
        return leased;
    }

    /// <summary>One look at who waits, and for each organization a share of its most urgent.</summary>
    async Task Round(Course course, LeaseAsk ask, List<JobKind> kinds, int wanted, List<LeasedTask> leased)
    {
        var waiting = await Look(course, ask, kinds);
        if (waiting.Count == 0) return;
        // Whose turn it is comes first: a priority orders one organization's tasks, and puts it before no other.
        var orgs = waiting.GroupBy(w => w.Org, StringComparer.Ordinal)
            .OrderBy(g => served.GetValueOrDefault(g.Key)).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        var share = Math.Max(1, (wanted - leased.Count + orgs.Count - 1) / orgs.Count);
        foreach (var org in orgs)
        {
            var left = Math.Min(share, wanted - leased.Count);
            foreach (var kind in org.OrderByDescending(w => w.Priority).Select(w => course.Kinds.Get(w.Kind)))
            {
                if (left == 0) break;
                var claimed = await Claim(course, ask.Worker, org.Key, kind, left);
                if (claimed.Count == 0) continue;
                left -= claimed.Count;
                leased.AddRange(claimed);
                if (served.Count > MostRemembered) served.Clear();
                served[org.Key] = Interlocked.Increment(ref turn);
            }
            if (leased.Count == wanted) return;
        }
    }

    // Hops from one organization that has ready tasks to the next in the index, however many tasks each has.
    static Task<List<Waiting>> Look(Course course, LeaseAsk ask, List<JobKind> kinds)
    {
        Sql orgs = ask.Org is { } org
            ? (Sql)$"values ({org})"
            : $"""
            select min(org) from work_tasks where status = 'Ready'
            union all
            select (select min(t.org) from work_tasks t where t.status = 'Ready' and t.org > o.org)
            from o where o.org is not null
            """;
        return course.Tx.All<Waiting>($"""
            with recursive o (org) as ({orgs}),
            k (kind) as (values {Batches.Values(kinds, kind => $"({kind.Name})")}),
            top (org, kind, priority) as (
                select o.org, k.kind, (select t.priority from work_tasks t
                    where t.org = o.org and t.kind = k.kind and t.status = 'Ready'
                    order by t.priority desc limit 1)
                from o cross join k where o.org is not null)
            select org, kind, priority from top where priority is not null
            """);
    }

    static async Task<List<LeasedTask>> Claim(Course course, string worker, string org, JobKind kind, int most)
    {
        if (kind.MostAtOnce is { } limit) most = Math.Min(most, await Free(course, kind, limit));
        if (most <= 0) return [];
        var claimed = await course.Tx.All<Claimed>($"""
            with picked (p_id) as (
                select id from work_tasks where org = {org} and kind = {kind.Name} and status = 'Ready'
                order by priority desc, execute_after, id limit {most} {course.Tx.SkipLocked})
            update work_tasks set status = {TaskStep.Lease.Target()}, fence = fence + 1, attempt = attempt + 1,
                claimed_by = {worker}, lease_until = {Until(course, kind)}
            from picked where org = {org} and id = p_id
            returning id, job_id, stage, unit, parameters, fence, attempt
            """);
        if (claimed.Count == 0) return [];

        var jobs = await Jobs(course, org, [.. claimed.Select(c => c.JobId).Distinct(StringComparer.Ordinal)]);
        return [.. claimed.Select(c =>
        {
            var stage = kind.Stages[c.Stage - 1];
            return new LeasedTask(
                org, c.TaskId, c.JobId, kind.Name, stage.Name, c.Stage, c.Unit, c.Parameters, jobs[c.JobId].Parameters,
                c.Fence, c.Attempt, course.Now + stage.Lease, stage.Lease);
        })];
    }

    // Its row is held until the end of the transaction: two who lease a limited kind count one after the other.
    static async Task<int> Free(Course course, JobKind kind, int limit)
    {
        await course.Tx.Run($"""
            insert into work_limits (kind, used) values ({kind.Name}, {1L})
            on conflict (kind) do update set used = work_limits.used + 1
            """);
        var running = await course.Tx.AcrossOrganizations("a kind's limit counts the tasks of all").Count($"""
            select count(*) as n from work_tasks where status = 'Processing' and kind = {kind.Name}
            """);
        return limit - (int)running;
    }

    static Sql Until(Course course, JobKind kind)
    {
        if (kind.Stages.DistinctBy(stage => stage.Lease).Count() == 1) return $"{course.Now + kind.Stages[0].Lease}";
        var cases = kind.Stages.Select((stage, i) => (Sql)$"when {i + 1} then {course.Now + stage.Lease}");
        return $"case stage {Sql.Join($" ", cases)} end";
    }

    static async Task<Dictionary<string, Ask>> Jobs(Course course, string org, IReadOnlyList<string> ids)
    {
        var jobs = new Dictionary<string, Ask>(StringComparer.Ordinal);
        foreach (var batch in Batches.Of(ids))
            foreach (var job in await course.Tx.All<Ask>($"""
                select id, kind, state, parameters from work_jobs where org = {org} and id in ({Batches.List(batch)})
                """))
                jobs[job.Id] = job;
        var queued = jobs.Values.Where(job => job.State == JobState.Queued).ToList();
        if (queued.Count > 0) await Start(course, org, queued);
        return jobs;
    }

    // A job whose row somebody holds is started by whoever leases its next task, or by its first completion.
    static async Task Start(Course course, string org, List<Ask> queued)
    {
        foreach (var job in queued) await course.Start(org, job.Id, job.Kind, course.Tx.SkipLocked);
    }
}

/// <summary>Begins jobs.</summary>
static class StartJob
{
    /// <summary>Marks the job as begun, unless it already is.</summary>
    public static async Task Start(this Course course, string org, string jobId, string kind, Sql locking)
    {
        var started = await course.Tx.Run($"""
            with picked (p_id) as (
                select id from work_jobs where org = {org} and id = {jobId} and state = {JobState.Queued} {locking})
            update work_jobs set state = {JobStep.Start.Target()}, started_at = {course.Now}
            from picked where org = {org} and id = p_id
            """);
        if (started > 0) await Events.Emitting.Emit(course.Tx, org, course.Now, new JobStarted(jobId, kind), jobId);
    }
}
