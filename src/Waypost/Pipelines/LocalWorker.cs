using System.Collections.Concurrent;
using Waypost.Events;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>The worker inside this server: leases tasks that it has executors for, as many at once as there are cores.
/// </summary>
/// <remarks>
/// Leases are renewed by a thread of its own: tasks that keep every thread of the pool busy for minutes do not lose
/// them.
/// A task whose lease is lost, or whose job was cancelled, has its token cancelled. On stop what runs is cancelled and
/// its leases are given back at once, so that another process takes it up without waiting.
/// </remarks>
public sealed class LocalWorker : IHostedService, IDisposable
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    static readonly TimeSpan ExpectedWithin = TimeSpan.FromSeconds(60);
    static readonly TimeSpan GiveBackWithin = TimeSpan.FromSeconds(5);

    /// <summary>The most tasks leased before there is room for them.</summary>
    const int MostAhead = 128;

    /// <summary>Tasks worth so many seconds of work may be leased ahead.</summary>
    const double WorthOfAhead = 0.2;

    /// <summary>A task that waited here for longer is given back.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    readonly Leases leases;
    readonly Db db;
    readonly TimeProvider clock;
    readonly IServiceProvider services;
    readonly ILogger log;
    readonly WorkerFolder scratch;
    readonly Dictionary<(string Kind, string Stage), TaskExecutor> executors;
    readonly string[] kinds;
    readonly ConcurrentDictionary<(string Org, string TaskId, long Fence), RunningTask> held = new();
    readonly ConcurrentQueue<RunningTask> waiting = new();
    readonly ConcurrentQueue<TaskReport> done = new();
    readonly SemaphoreSlim bell = new(0, 1);
    readonly LeaseKeeper keeper;
    Task? ringing;
    volatile bool stopping;
    int lanes;
    double usualTime = WorthOfAhead;

    /// <summary>For these executors; every stage of a kind that has one must have one.</summary>
    /// <exception cref="ArgumentException">An executor is for a stage that does not exist, or one is
    /// missing.</exception>
    public LocalWorker(
        Leases leases, Databases databases, JobKinds jobKinds, IEnumerable<TaskExecutor> executors, TimeProvider clock,
        IServiceProvider services, ILogger<LocalWorker> log)
    {
        (this.leases, db, this.clock, this.services, this.log) = (leases, databases.Shared, clock, services, log);
        this.executors = executors.ToDictionary(executor => (executor.Kind, executor.Stage));
        kinds = [.. this.executors.Keys.Select(key => key.Kind).Distinct(StringComparer.Ordinal)];
        Check(jobKinds);
        keeper = new LeaseKeeper(leases, held, db, clock, log);
        // On the disk of the blobs where there is one: what a task leaves there becomes a blob without being copied.
        scratch = WorkerFolder.New(services.GetService<Blobs>()?.ScratchFolder("workers")
            ?? Path.Combine(Path.GetTempPath(), "waypost-workers"));
    }

    /// <summary>Its name, for people who look at the list of tasks.</summary>
    public string Name { get; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>How many tasks it does at once.</summary>
    public int Most { get; init; } = Environment.ProcessorCount;

    /// <summary>How many tasks run now.</summary>
    public int Running => Math.Min(Volatile.Read(ref lanes), held.Count);

    /// <summary>The loop that leases and reports; it goes on whatever a round throws.</summary>
    public BackgroundLoop Loop() => new("work.local_worker", ExpectedWithin, Round);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        keeper.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        stopping = true;
        await GiveBack(cancellationToken);
        keeper.Dispose();
    }

    /// <summary>Reports what is done, takes as many new tasks as there is room for, and waits when there is
    /// neither.</summary>
    async Task Round(CancellationToken ct)
    {
        var woken = db.Woken(Course.WorkChannel, Look, ct);
        await GiveBackWaiting();
        var reports = new List<TaskReport>();
        while (done.TryDequeue(out var report)) reports.Add(report);
        var free = stopping ? 0 : Most + Ahead - held.Count;
        var next = free > 0 ? new LeaseAsk(kinds, Name, free) : null;
        if (reports.Count > 0 || next is not null)
        {
            try
            {
                var completion = await leases.Complete(reports, next, CancellationToken.None);
                foreach (var task in completion.Next) Take(task);
                Fill();
                if (completion.Next.Count > 0 && !done.IsEmpty) return;
            }
            catch
            {
                // Nothing of it was kept; the next round reports it again.
                foreach (var report in reports) done.Enqueue(report);
                throw;
            }
        }
        // One wait for the bell at a time: one that was left behind would swallow the next ring.
        ringing ??= bell.WaitAsync(CancellationToken.None);
        await Task.WhenAny(ringing, woken);
        if (ringing.IsCompleted) ringing = null;
        ct.ThrowIfCancellationRequested();
    }

    /// <summary>How many tasks are leased before there is room for them: none that take long, many that take no time.
    /// </summary>
    int Ahead => (int)Math.Min(MostAhead, WorthOfAhead / Math.Max(usualTime, WorthOfAhead / MostAhead));

    void Take(LeasedTask task)
    {
        var run = new RunningTask(task, clock);
        held[run.Key] = run;
        waiting.Enqueue(run);
    }

    /// <summary>Opens lanes while tasks wait and cores are free.</summary>
    void Fill()
    {
        while (!waiting.IsEmpty && !stopping)
        {
            if (Interlocked.Increment(ref lanes) > Most)
            {
                Interlocked.Decrement(ref lanes);
                return;
            }
            // A thread of its own to begin with: executors that never await must not take the pool's.
            _ = Task.Factory.StartNew(
                Lane, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    async Task Lane()
    {
        while (!stopping && waiting.TryDequeue(out var run)) await Do(run);
        Interlocked.Decrement(ref lanes);
        // One that came between the last look and here is found by the round that this begins.
        Ring();
    }

    // What waits behind a long task here, another process may do at once.
    async Task GiveBackWaiting()
    {
        if (waiting.IsEmpty || !waiting.TryPeek(out var first) || clock.GetElapsedTime(first.Leased) < LongestWait)
        {
            Fill();
            return;
        }
        var back = new List<RunningTask>();
        while (waiting.TryDequeue(out var run)) back.Add(run);
        foreach (var run in back) Drop(run);
        usualTime = WorthOfAhead;
        await leases.Return([.. back.Select(run => run.Lease)], CancellationToken.None);
    }

    void Drop(RunningTask run)
    {
        held.TryRemove(run.Key, out _);
        run.Dispose();
    }

    async Task Do(RunningTask run)
    {
        var folder = new Lazy<string>(() =>
            Directory.CreateDirectory(Path.Combine(scratch.Path, $"{run.Task.TaskId}-{run.Task.Fence}")).FullName);
        var began = clock.GetTimestamp();
        TaskReport? report;
        try
        {
            var executor = executors[(run.Task.Kind, run.Task.Stage)];
            var result = await executor.Run(new TaskContext(run.Task, run, folder, services), run.Stop);
            report = TaskReport.Done(run.Task, result);
        }
        catch (Exception exception)
        {
            // Whatever an executor throws is the task's failure; it is reported, and the worker goes on.
            report = run.Stop.IsCancellationRequested ? null
                : TaskReport.Broken(run.Task, Classified(exception, run.Task));
        }
        finally
        {
            if (folder.IsValueCreated) Clear(folder.Value);
        }
        usualTime = 0.8 * usualTime + 0.2 * clock.GetElapsedTime(began).TotalSeconds;
        if (report is not null) done.Enqueue(report);
        Drop(run);
        run.Ended.SetResult();
        Ring();
    }

    TaskError Classified(Exception exception, LeasedTask task)
    {
        switch (exception)
        {
            case TaskFailedException known:
                return known.Error;
            case StorageUnavailableException unavailable:
                return new TaskError("STORAGE_UNAVAILABLE", "SERVICE_UNAVAILABLE", unavailable.Message,
                    unavailable.Remediation, UserFixable: false, ErrorClass.Transient);
            case IOException:
                log.LogWarning(exception, "The task {TaskId} of {Kind}/{Stage} met an I/O error", task.TaskId,
                    task.Kind, task.Stage);
                return new TaskError("IO_ERROR", "SYSTEM_ERROR", "Reading or writing a file failed.",
                    "Look at the server's log and its disk.", UserFixable: false, ErrorClass.Transient);
            default:
                log.LogError(exception, "The task {TaskId} of {Kind}/{Stage} threw", task.TaskId, task.Kind,
                    task.Stage);
                return new TaskError("EXECUTOR_FAILED", "SYSTEM_ERROR", "The server made a mistake in this task.",
                    "Its log has the details under the task's id; report them.", UserFixable: false,
                    ErrorClass.Transient);
        }
    }

    async Task GiveBack(CancellationToken ct)
    {
        var left = held.Values.ToList();
        var begun = left.Except(waiting).ToList();
        foreach (var run in left) run.Cancel();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(GiveBackWithin);
        try
        {
            var reports = new List<TaskReport>();
            while (done.TryDequeue(out var report)) reports.Add(report);
            if (reports.Count > 0) await leases.Complete(reports, null, patience.Token);
            await leases.Return([.. left.Select(run => run.Lease)], patience.Token);
            await Task.WhenAll(begun.Select(run => run.Ended.Task)).WaitAsync(patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or StorageUnavailableException)
        {
            log.LogWarning(exception, "Not all leases could be given back; they run out by themselves");
        }
    }

    void Clear(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
        {
            log.LogWarning(busy, "The scratch folder {Folder} could not be removed", folder);
        }
    }

    void Ring()
    {
        try
        {
            bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It rings already.
        }
    }

    void Check(JobKinds jobKinds)
    {
        foreach (var name in kinds)
        {
            var stages = jobKinds.Get(name).Stages.Select(stage => stage.Name).ToHashSet(StringComparer.Ordinal);
            if (!stages.SetEquals(executors.Keys.Where(key => key.Kind == name).Select(key => key.Stage)))
                throw new ArgumentException(
                    $"The executors of {name} must be exactly those of its stages: {string.Join(", ", stages)}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        keeper.Dispose();
        bell.Dispose();
        scratch.Dispose();
    }
}
