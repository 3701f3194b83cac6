using System.Collections.Concurrent;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>A task that runs in this process, and how far it says it is.</summary>
sealed class RunningTask(LeasedTask task, TimeProvider clock) : IProgress<double>, IDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly Lock gate = new();
    double progress;
    int renewals;
    bool disposed;

    public LeasedTask Task { get; } = task;

    public (string Org, string TaskId, long Fence) Key => (Task.Org, Task.TaskId, Task.Fence);

    public HeldLease Lease => new(Task.Org, Task.TaskId, Task.Fence, Volatile.Read(ref progress));

    /// <summary>Cancelled when its work is not wanted any more.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>Set when its executor has returned.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When it was leased.</summary>
    public long Leased { get; } = clock.GetTimestamp();

    /// <summary>When it was last renewed, or leased.</summary>
    public long Renewed { get; private set; } = clock.GetTimestamp();

    /// <summary>How often it was renewed.</summary>
    public int Renewals => Volatile.Read(ref renewals);

    /// <summary>The progress that the last renewal told.</summary>
    public double Told { get; private set; }

    public void WasRenewed(long at)
    {
        (Renewed, Told) = (at, Volatile.Read(ref progress));
        Interlocked.Increment(ref renewals);
    }

    public void Report(double value) => Volatile.Write(ref progress, value);

    public void Cancel()
    {
        lock (gate)
            if (!disposed)
                stop.Cancel();
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            stop.Dispose();
        }
    }
}

/// <summary>Renews the leases of running tasks on a thread of its own, which no task can starve.</summary>
/// <remarks>What it awaits continues on that thread too: a pool full of busy tasks would otherwise never get to the
/// renewal that keeps their leases.</remarks>
sealed class LeaseKeeper(
    Leases leases, ConcurrentDictionary<(string Org, string TaskId, long Fence), RunningTask> running, Db db,
    TimeProvider clock, ILogger log) : IDisposable
{
    /// <summary>How often progress is taken down, and a cancelled job is noticed at the latest.</summary>
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>A lease is renewed when a third of it is over: two renewals may fail.</summary>
    const int Share = 3;

    /// <summary>Progress of less than this is not worth a write.</summary>
    const double SmallestProgress = 0.01;

    readonly OwnThread thread = new();
    readonly CancellationTokenSource stop = new();
    Thread? keeper;

    public void Start()
    {
        keeper = new Thread(Keep) { IsBackground = true, Name = "waypost leases" };
        keeper.Start();
    }

    public void Dispose()
    {
        if (stop.IsCancellationRequested) return;
        stop.Cancel();
        thread.Wake();
        keeper?.Join();
        stop.Dispose();
    }

    void Keep()
    {
        SynchronizationContext.SetSynchronizationContext(thread);
        var lost = Task.CompletedTask;
        while (!stop.IsCancellationRequested)
        {
            if (lost.IsCompleted)
            {
                lost = db.Woken(Course.LostChannel, Every, CancellationToken.None);
                lost.ContinueWith(
                    _ => thread.Wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            thread.RunUntilDone(Renew());
            thread.RunFor(Every);
        }
    }

    async Task Renew()
    {
        var due = running.Values.Where(IsDue).ToList();
        if (due.Count == 0) return;
        try
        {
            // No token: a cancellable wait would continue on the pool.
            var answers = await leases.Renew([.. due.Select(run => run.Lease)], CancellationToken.None);
            foreach (var (run, answer) in due.Zip(answers))
            {
                if (answer.Expires is null) run.Cancel();
                else run.WasRenewed(clock.GetTimestamp());
            }
        }
        catch (StorageUnavailableException unavailable)
        {
            log.LogWarning(unavailable, "Leases could not be renewed; they will be tried again");
        }
    }

    // A cancelled job is found out by asking, so every lease is asked for once a second; it is one statement for all.
    bool IsDue(RunningTask run) => clock.GetElapsedTime(run.Renewed) is var since
        && (since >= Every || since >= run.Task.Lease / Share || run.Lease.Progress - run.Told >= SmallestProgress);
}

/// <summary>Runs what is posted to it on the thread that pumps it.</summary>
sealed class OwnThread : SynchronizationContext
{
    readonly Queue<(SendOrPostCallback Act, object? State)> queue = new();

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (queue)
        {
            queue.Enqueue((d, state));
            Monitor.Pulse(queue);
        }
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Ends <see cref="RunFor"/> early.</summary>
    public void Wake() => Post(_ => { }, null);

    /// <summary>Runs what is posted until the task has ended.</summary>
    public void RunUntilDone(Task task)
    {
        // A wake left in the queue would end the next wait at once, and so for ever.
        if (!task.IsCompleted)
            task.ContinueWith(
                _ => Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        while (!task.IsCompleted) RunFor(TimeSpan.FromSeconds(1));
        task.GetAwaiter().GetResult();
    }

    /// <summary>Runs what is posted; returns after the first, or the time.</summary>
    public void RunFor(TimeSpan time)
    {
        (SendOrPostCallback Act, object? State) work;
        lock (queue)
        {
            if (queue.Count == 0 && !Monitor.Wait(queue, time)) return;
            if (!queue.TryDequeue(out work)) return;
        }
        work.Act(work.State);
    }
}
