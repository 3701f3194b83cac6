using Waypost.Events;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>One job of a request's way.</summary>
/// <param name="Kind">The kind of the job.</param>
/// <param name="Job">The job, made of the request and of the result of the step before (null in the first).</param>
sealed record Step(string Kind, Func<RequestRow, Json?, NewJob> Job)
{
    /// <summary>Whether what a job of another request made is still there to be shared.</summary>
    public Func<Blobs, Json, bool> IsThere { get; init; } = (_, _) => true;
}

/// <summary>What one type of data goes through, and what happens when it has.</summary>
/// <param name="Steps">The jobs, one after the other.</param>
/// <param name="Publish">Puts the result into the catalogue, in the transaction that completes the request.</param>
sealed record Chain(IReadOnlyList<Step> Steps, Func<Tx, RequestRow, Json, DateTimeOffset, Task<Published>> Publish);

/// <summary>What a request has when it is done.</summary>
/// <param name="Outcome">Where its outputs are, for this module.</param>
/// <param name="Item">The item as it was catalogued.</param>
/// <param name="Warnings">What was found that did not stop the work.</param>
sealed record Published(Json Outcome, Json Item, IReadOnlyList<Geo.GeodataWarning> Warnings);

/// <summary>Takes requests through their jobs. A request's row changes in the transaction that changes its job: there
/// is no moment at which one has ended and the other does not know.</summary>
sealed class RequestCourse(
    Func<JobKinds> kinds, IReadOnlyDictionary<DataType, Chain> chains, Callbacks callbacks, Blobs blobs,
    TimeProvider clock)
{
    /// <summary>Which jobs a type of data goes through.</summary>
    public Chain ChainOf(DataType type) => chains[type];

    /// <summary>Begins the request's present revision with its first job.</summary>
    public async Task<RequestRow> Accept(Tx tx, RequestRow request, DateTimeOffset now)
    {
        var who = request.Identity;
        await tx.Emit(
            request.Org, now,
            new RequestAccepted(
                request.RequestId, who.Client, who.Dataset, who.Resource, who.Version, request.Type, request.Revision),
            request.RequestId);
        return await Enter(tx, request, 0, null, now);
    }

    /// <summary>Called by the engine in the transaction that ends a job, however it ended.</summary>
    public async Task JobEnded(Tx tx, JobOutcome outcome)
    {
        var now = clock.GetUtcNow();
        foreach (var request in await tx.RequestsWaitingFor(outcome.Org, outcome.JobId))
            if (outcome is { State: JobState.Completed, Result: { } result }) await GoOn(tx, request, result, now);
            else await Fail(tx, request, Why(outcome), now);
    }

    /// <summary>When the request will be done in four cases of five, from past runs of the jobs that are left; null
    /// while one of them has run too seldom, and when the request is over.</summary>
    public async Task<DateTimeOffset?> Completion(Tx tx, RequestRow request)
    {
        if (request.IsOver) return null;
        var now = clock.GetUtcNow();
        var left = TimeSpan.Zero;
        foreach (var step in chains[request.Type].Steps.Skip(request.Step))
            if (await tx.UsualDuration(request.Org, step.Kind, request.SizeClass) is { } usual) left += usual;
            else return null;
        if (request.CurrentJob is { } job && (await tx.FindJob(kinds(), request.Org, job,
            now))?.StartedAt is { } started)
            left -= now - started;
        return left > TimeSpan.Zero ? now + left : now;
    }

    async Task<RequestRow> Enter(Tx tx, RequestRow request, int at, Json? before, DateTimeOffset now)
    {
        var step = chains[request.Type].Steps[at];
        var job = step.Job(request, before);
        var submitted = await tx.Submit(kinds(), job, now);
        var made = submitted is { Existed: true, State: JobState.Completed } ? await Result(tx, request, submitted)
            : null;
        if (made is { } gone && !step.IsThere(blobs, gone))
        {
            made = null;
            submitted = await tx.Submit(
                kinds(), job with { ContentKey = $"{job.ContentKey}|{request.RequestId}.{request.Revision}" }, now);
        }
        request = await tx.Link(request, at, job.Kind, submitted.JobId);

        // Another request already had this very work done, or is having it done: share it.
        if (made is { } result) return await GoOn(tx, request, result, now);
        if (submitted is
            {
                Existed: true,
                State: JobState.Failed or JobState.Cancelled or JobState.CompletedWithErrors
            })
            await tx.Retry(kinds(), request.Org, submitted.JobId, now);
        else if (submitted is { Existed: true, State: JobState.Processing })
            await tx.MarkProcessing(request.Org, submitted.JobId, now);
        return request;
    }

    async Task<Json?> Result(Tx tx, RequestRow request, SubmittedJob job) =>
        (await tx.FindJob(kinds(), request.Org, job.JobId, clock.GetUtcNow()))?.Result;

    async Task<RequestRow> GoOn(Tx tx, RequestRow request, Json result, DateTimeOffset now)
    {
        var chain = chains[request.Type];
        if (request.Step + 1 < chain.Steps.Count) return await Enter(tx, request, request.Step + 1, result, now);

        var published = await chain.Publish(tx, request, result, now);
        await tx.Complete(request, published.Outcome, published.Item, published.Warnings, now);
        await callbacks.Announce(tx, request, now);
        return request;
    }

    async Task Fail(Tx tx, RequestRow request, RequestError error, DateTimeOffset now)
    {
        await tx.Fail(request, error, now);
        await callbacks.Announce(tx, request, now);
    }

    static RequestError Why(JobOutcome outcome) => outcome switch
    {
        { Error: { } error } => RequestError.Of(error),
        { State: JobState.Cancelled } => new RequestError(
            "JOB_CANCELLED", "PARAMETER_ERROR", "Its job was cancelled.",
            "Begin again with POST /platform/resubmit.", UserFixable: true),
        _ => new RequestError(
            "JOB_INCOMPLETE", "SYSTEM_ERROR", "Its job ended without a whole result.",
            "Try again with POST /platform/resubmit; if it happens again, tell the operator.", UserFixable: false),
    };
}
