using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Work;

/// <summary>Moves jobs along inside one transaction: opens their stages, and ends them.</summary>
/// <remarks>Whoever changes a job holds its row first (<see cref="Hold"/>), then its tasks, then its stages: so two
/// never wait for each other. Leasing waits for nobody.</remarks>
sealed class Course(Tx tx, JobKinds kinds, EngineRules rules, DateTimeOffset now)
{
    /// <summary>The channel that workers wait on.</summary>
    public const string WorkChannel = "work";

    /// <summary>The channel that those who wait for a job's end listen to.</summary>
    public const string EndChannel = "work-ends";

    /// <summary>The channel of leases taken away: a job was cancelled while its tasks ran.</summary>
    public const string LostChannel = "work-lost";

    public Tx Tx => tx;

    public JobKinds Kinds => kinds;

    public EngineRules Rules => rules;

    public DateTimeOffset Now => now;

    /// <summary>Hooks that threw before, by job: how often.</summary>
    public IReadOnlyDictionary<(string Org, string JobId), HookFailedException[]> BrokenHooks { get; init; } =
        new Dictionary<(string, string), HookFailedException[]>();

    /// <summary>The job, its row held until this transaction ends; null: there is none.</summary>
    public Task<JobRow?> Hold(string org, string jobId) => tx.One<JobRow>($"""
        select {JobRow.Columns} from work_jobs where org = {org} and id = {jobId} {tx.ForUpdate}
        """);

    /// <summary>Opens this stage, and the next ones as long as they have nothing to do; at the last, ends the
    /// job.</summary>
    public async Task Proceed(JobRow job, int stage)
    {
        if (kinds.Find(job.Kind) is not { } kind)
        {
            await End(job, JobStep.Fail, TaskError.System(
                "JOB_KIND_UNKNOWN", $"This server has no jobs of kind {job.Kind} any more.",
                "Start the version of the server that accepted the job, or cancel it."));
            return;
        }
        for (; stage <= kind.Stages.Count; stage++)
        {
            var (tasks, fault) = await this.Plan(job, kind, stage);
            if (fault is not null)
            {
                await End(job, JobStep.Fail, fault);
                return;
            }
            job = job with { Stage = stage };
            if (await this.Open(job, kind, stage, tasks) > 0) return;
            await Emit(job,
                new JobStageCompleted(job.Id, job.Kind, stage, kind.Stages[stage - 1].Name, tasks.Count, 0));
        }
        var anyFailed = await tx.Count($"""
            select count(*) as n from work_stages where org = {job.Org} and job_id = {job.Id} and failed > 0
            """) > 0;
        await End(job, anyFailed ? JobStep.CompleteWithErrors : JobStep.Complete,
            anyFailed ? await this.FirstError(job.Org, job.Id) : null);
    }

    /// <summary>Ends the job: result, hooks, event and the job that follows.</summary>
    public async Task End(JobRow job, JobStep step, TaskError? error)
    {
        var kind = kinds.Find(job.Kind);
        var hooks = BrokenHooks.GetValueOrDefault((job.Org, job.Id)) ?? [];
        if (hooks.Length > 0 && step is JobStep.Complete or JobStep.CompleteWithErrors)
            (step, error) = (JobStep.Fail, hooks[0].Error);

        var last = kind is { Result: not null } or { Finished: not null } or { Next: not null } && job.Stage > 0
            ? await tx.StageResults(job.Org, job.Id, job.Stage)
            : [];
        var outcome = new JobOutcome(
            job.Org, job.Id, job.Kind, step.Target(), job.Parameters, job.Internal, last, null, error);
        outcome = WithResult(kind, outcome);
        step = outcome.State == JobState.Failed ? JobStep.Fail : step;

        await Keep(job, step, outcome);
        await EmitEnd(job, outcome);
        await this.ScheduledJobEnded(job, outcome);
        if (kind?.Finished is { } finished && hooks.Length < 2) await Call(finished, outcome);
        if (kind?.Next is { } next && step is JobStep.Complete or JobStep.CompleteWithErrors)
            await Chain(next, outcome);
        tx.WakeAfterCommit(EndChannel);
    }

    /// <summary>Records an event of this job.</summary>
    public Task Emit<TEvent>(JobRow job, TEvent happened) where TEvent : IEvent =>
        tx.Emit(job.Org, now, happened, job.Id);

    static JobOutcome WithResult(JobKind? kind, JobOutcome outcome)
    {
        if (kind?.Result is not { } result || outcome.State is JobState.Failed or JobState.Cancelled) return outcome;
        try
        {
            return outcome with { Result = result(outcome) };
        }
        catch (Exception exception)
        {
            // A kind's bug must end its job with a word, not the completion that happened to be the last.
            return outcome with
            {
                State = JobState.Failed,
                Error = TaskError.System("RESULT_FAILED", $"The result could not be put together: {exception.Message}"),
            };
        }
    }

    async Task Keep(JobRow job, JobStep step, JobOutcome outcome)
    {
        var took = (long)(now - (job.StartedAt ?? now)).TotalMilliseconds;
        var changed = await tx.Run($"""
            update work_jobs set state = {step.Target()}, stage = {job.Stage}, result = {outcome.Result},
                error = {outcome.Error?.Kept()}, finished_at = {now}, took_ms = {took}
            where org = {job.Org} and id = {job.Id} and state in ({Batches.List(step.Sources())})
            """);
        if (changed != 1)
            throw new InvalidOperationException($"The job {job.Id} of {job.Org} was ended a second time ({step}).");
    }

    Task EmitEnd(JobRow job, JobOutcome outcome) => outcome.State switch
    {
        JobState.Completed => Emit(job, new JobCompleted(job.Id, job.Kind, outcome.State)),
        JobState.CompletedWithErrors =>
            Emit(job, new JobCompletedWithErrors(job.Id, job.Kind, outcome.State, outcome.Error)),
        JobState.Failed => Emit(job, new JobFailed(job.Id, job.Kind, outcome.State, outcome.Error)),
        JobState.Cancelled => Emit(job, new JobCancelled(job.Id, job.Kind, outcome.State)),
        _ => throw new InvalidOperationException($"A job does not end as {outcome.State}."),
    };

    async Task Call(Func<Tx, JobOutcome, Task> finished, JobOutcome outcome)
    {
        try
        {
            await finished(tx, outcome);
        }
        catch (Exception exception)
            when (exception is not StorageUnavailableException and not OperationCanceledException)
        {
            throw new HookFailedException(outcome, exception);
        }
    }

    async Task Chain(Func<JobOutcome, NewJob?> next, JobOutcome outcome)
    {
        try
        {
            if (next(outcome) is not { } job) return;
            var submitted = await tx.Submit(kinds, job, now);
            if (submitted is { Existed: true, State: JobState.Failed or JobState.Cancelled })
                await this.Retry((await Hold(job.Org, submitted.JobId))!);
        }
        catch (Exception exception)
            when (exception is not StorageUnavailableException and not OperationCanceledException
            and not HookFailedException)
        {
            throw new HookFailedException(outcome, exception);
        }
    }
}

/// <summary>A kind's hook threw inside the transaction that ended a job: nothing of it was kept.</summary>
sealed class HookFailedException(string org, string jobId, string kind, Exception inner)
    : Exception($"The end of job {jobId} ({kind}) failed: {inner.Message}", inner)
{
    public HookFailedException(JobOutcome outcome, Exception inner)
        : this(outcome.Org, outcome.JobId, outcome.Kind, inner)
    {
    }

    public string Org { get; } = org;

    /// <summary>The job; of a granted task whose end alone failed, the task.</summary>
    public string JobId { get; } = jobId;

    public TaskError Error =>
        TaskError.System("FINISH_FAILED", $"The job could not be finished: {InnerException!.Message}");
}
