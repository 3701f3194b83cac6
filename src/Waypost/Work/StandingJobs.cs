using Waypost.Storage;

namespace Waypost.Work;

/// <summary>A task that a module above hands to a worker of its own choice.</summary>
/// <param name="Unit">What it is about: never granted before in this organization and kind.</param>
/// <param name="Parameters">What the worker needs to know.</param>
/// <param name="Fence">To be shown with every renewal and report; the module sees to it that it grows for whatever
/// must not be done under an older lease.</param>
/// <param name="Worker">Who gets it.</param>
/// <param name="Until">When the lease runs out unless it is renewed.</param>
public sealed record NewGrant(string Unit, Json Parameters, long Fence, string Worker, DateTimeOffset Until);

/// <summary>How a granted task ended.</summary>
public enum GrantEnd
{
    /// <summary>The worker reported a result.</summary>
    Completed,

    /// <summary>The worker reported an error.</summary>
    Failed,

    /// <summary>The lease ran out.</summary>
    Lost,

    /// <summary>The worker gave it back unused.</summary>
    Returned,
}

/// <summary>A granted task that has just ended.</summary>
/// <param name="Org">Whose it was.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Unit">What it was about.</param>
/// <param name="Fence">The fence it was granted with.</param>
/// <param name="Worker">Who had it.</param>
/// <param name="Parameters">What the worker was told.</param>
/// <param name="End">How it ended.</param>
/// <param name="Result">What came out, when completed.</param>
/// <param name="Error">Why not, when failed.</param>
public sealed record EndedGrant(
    string Org, string TaskId, string Unit, long Fence, string Worker, Json Parameters, GrantEnd End, Json? Result,
    TaskError? Error);

/// <summary>Jobs that never end, whose tasks a module above grants one by one to workers of its choice (a volunteer's
/// node, say), and of which no row is left once they have ended.</summary>
/// <remarks>Leases, fences, renewal and expiry are those of every task. What ended is told to
/// <see cref="JobKind.Ended"/> inside the transaction that ends it, many at once: the module keeps what is worth
/// keeping.</remarks>
public static class StandingJobs
{
    /// <summary>The most tasks granted at once.</summary>
    public const int MostAtOnce = 1_000;

    /// <summary>A report on a granted task, or the reason why it ends without one.</summary>
    internal sealed record Ending(TaskHead Task, GrantEnd End, Json? Result, TaskError? Error);

    sealed record Gone(string Org, string TaskId, string Unit, long Fence, string Worker, Json Parameters) : IRow<Gone>
    {
        public static Gone Read(Row row) => new(
            row.Text("org"), row.Text("id"), row.Text("unit"), row.Long("fence"), row.Text("claimed_by"),
            row.Json("parameters"));
    }

    extension(Tx tx)
    {
        /// <summary>Hands out tasks of a standing kind; each is leased from the start.</summary>
        /// <returns>The ids of the tasks, in the order of the grants.</returns>
        /// <exception cref="ArgumentException">The kind is not a standing one, or there are too many.</exception>
        public async Task<IReadOnlyList<string>> Grant(
            JobKinds kinds, string org, string kindName, IReadOnlyList<NewGrant> grants, DateTimeOffset now)
        {
            var kind = kinds.Get(kindName);
            if (!kind.IsStanding) throw new ArgumentException($"{kindName} is not a standing kind.", nameof(kindName));
            if (grants.Count > MostAtOnce)
                throw new ArgumentException($"{grants.Count} grants; {MostAtOnce} is the most.", nameof(grants));
            if (grants.Count == 0) return [];

            var job = StandingId(kind.Name);
            await tx.Stand(org, job, kind, now);
            var ids = grants.Select(grant => Identity.TaskId(job, 1, grant.Unit)).ToList();
            await tx.Insert($"""
                work_tasks (org, id, job_id, stage, ordinal, kind, unit, status, priority, fence, attempt,
                    execute_after, lease_until, claimed_by, parameters)
                """, grants.Select((grant, i) => new object?[]
                {
                    org, ids[i], job, 1, 0, kind.Name, grant.Unit, TaskStep.Lease.Target(), 0, grant.Fence, 1, now,
                    grant.Until, grant.Worker, grant.Parameters,
                }));
            return ids;
        }

        async Task Stand(string org, string job, JobKind kind, DateTimeOffset now)
        {
            // Nearly always it is there, and a look is cheaper than an insert that finds out.
            var standing = await tx.Count(
                $"select count(*) as n from work_stages where org = {org} and job_id = {job} and stage = {1}");
            if (standing > 0) return;
            await tx.Run($"""
                insert into work_jobs (org, id, kind, state, priority, size_class, parameters, internal, stage, run,
                    created_at, started_at)
                values ({org}, {job}, {kind.Name}, {JobState.Processing}, {0}, {"any"}, {Json.EmptyObject},
                    {Json.EmptyObject}, {1}, {0}, {now}, {now})
                on conflict (org, id) do nothing
                """);
            await tx.Run($"""
                insert into work_stages (org, job_id, stage, name, total, remaining, failed, opened_at)
                values ({org}, {job}, {1}, {kind.Stages[0].Name}, {0}, {0}, {0}, {now})
                on conflict (org, job_id, stage) do nothing
                """);
        }
    }

    /// <summary>The id of the one job of a standing kind that an organization has.</summary>
    internal static string StandingId(string kind) => Identity.JobId(kind, Json.EmptyObject);

    /// <summary>Ends tasks that are still held under the fence that was read, and tells their kinds; returns which.
    /// </summary>
    /// <param name="course">The transaction.</param>
    /// <param name="endings">Of standing kinds only.</param>
    /// <param name="mayDrop">A task whose end the kind's hook cannot bear is taken away without it: nobody waits for
    /// an answer, and it must not keep the others.</param>
    internal static async Task<List<(string Org, string TaskId)>> EndGrants(
        this Course course, IReadOnlyCollection<Ending> endings, bool mayDrop)
    {
        var ended = new List<(string Org, string TaskId)>();
        foreach (var of in endings.GroupBy(ending => (ending.Task.Org, ending.Task.Kind)))
        {
            var asked = of.ToDictionary(ending => ending.Task.Id, StringComparer.Ordinal);
            var gone = new List<EndedGrant>();
            foreach (var batch in Batches.Of(asked.Values.OrderBy(a => a.Task.Id, StringComparer.Ordinal).ToList()))
                gone.AddRange((await course.Tx.All<Gone>($"""
                    with v (v_org, v_id, v_fence) as (values {Batches.Values(batch, e =>
                        $"({e.Task.Org}, {e.Task.Id}, {e.Task.Fence})")})
                    delete from work_tasks
                    where (org, id, fence) in (select v_org, v_id, v_fence from v) and lease_until is not null
                    returning org, id, unit, fence, claimed_by, parameters
                    """)).Select(row => new EndedGrant(
                        row.Org, row.TaskId, row.Unit, row.Fence, row.Worker, row.Parameters,
                        asked[row.TaskId].End, asked[row.TaskId].Result, asked[row.TaskId].Error)));
            if (gone.Count == 0) continue;
            await course.Tell(course.Kinds.Get(of.Key.Kind), gone, mayDrop);
            ended.AddRange(gone.Select(grant => (grant.Org, grant.TaskId)));
        }
        return ended;
    }

    static async Task Tell(this Course course, JobKind kind, List<EndedGrant> gone, bool mayDrop)
    {
        if (!mayDrop)
        {
            await kind.Ended!(course.Tx, gone);
            return;
        }
        var (org, job) = (gone[0].Org, StandingId(kind.Name));
        if (!course.BrokenHooks.ContainsKey((org, job)))
        {
            await course.Tell(kind, gone, job);
            return;
        }
        // Together they could not be told: one by one it shows at whom it lies.
        foreach (var grant in gone.Where(grant => !course.BrokenHooks.ContainsKey((org, grant.TaskId))))
            await course.Tell(kind, [grant], grant.TaskId);
    }

    static async Task Tell(this Course course, JobKind kind, List<EndedGrant> gone, string blamed)
    {
        try
        {
            await kind.Ended!(course.Tx, gone);
        }
        catch (Exception exception)
            when (exception is not StorageUnavailableException and not OperationCanceledException)
        {
            throw new HookFailedException(gone[0].Org, blamed, kind.Name, exception);
        }
    }
}
