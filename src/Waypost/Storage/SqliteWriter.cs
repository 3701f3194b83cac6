using System.Diagnostics;

namespace Waypost.Storage;

/// <summary>SQLite's one writer, shared by group commit: many transactions, one fsync.</summary>
/// <remarks>
/// A transaction has the writer alone from its savepoint until it releases it, then hands the turn to the next in
/// line; the outer COMMIT comes when nobody waits or the group is large or old enough. No reply leaves before that
/// commit, not even a refusal: it has seen neighbours that were not on the disk yet. The first of a group needs no
/// savepoint: it is undone with the group, which is nobody else's yet. (A savepoint keeps a copy of every page before
/// its first change, which a large transaction pays for dearly.)
/// </remarks>
sealed class SqliteWriter : IDisposable
{
    const int MostMembers = 512;

    /// <summary>How long the first of a group waits for others at the most.</summary>
    internal static readonly TimeSpan OldestGroup = TimeSpan.FromMilliseconds(15);

    /// <summary>How long one transaction may keep the writer to itself before it is undone.</summary>
    internal static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(30);

    readonly TimeSpan longestHold;
    readonly TimeSpan oldestGroup;
    readonly SqliteLink link;
    readonly SemaphoreSlim turn = new(1, 1);
    readonly Timer watch;
    int waiting;
    Group? group;
    Hold? current;

    public SqliteWriter(string path, TimeSpan longestHold, TimeSpan oldestGroup)
    {
        (this.longestHold, this.oldestGroup) = (longestHold, oldestGroup);
        link = new SqliteLink(path, writer: true);
        var period = TimeSpan.FromMilliseconds(Math.Min(1000, longestHold.TotalMilliseconds / 2));
        watch = new Timer(_ => current?.Expire(), null, period, period);
    }

    /// <summary>Outer commits so far: what the disk was asked to sync.</summary>
    public long Commits { get; private set; }

    /// <summary>How many stand in line for the turn.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>Waits for the turn and opens a savepoint.</summary>
    public async Task<Hold> Take(CancellationToken ct)
    {
        Interlocked.Increment(ref waiting);
        try
        {
            await turn.WaitAsync(ct);
            Interlocked.Decrement(ref waiting);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Decrement(ref waiting);
            // The one before may have left the group open for us; nobody else would close it.
            if (turn.Wait(0, CancellationToken.None)) HandOn();
            throw;
        }
        try
        {
            if (group is null)
            {
                link.Do("begin immediate");
                group = new Group();
                return current = new Hold(this, group, isFirst: true);
            }
            link.Do("savepoint one");
            return current = new Hold(this, group, isFirst: false);
        }
        catch (Exception exception)
        {
            if (link.IsIdle) FailGroup(exception);
            HandOn();
            throw;
        }
    }

    public void Dispose()
    {
        watch.Dispose();
        link.Dispose();
        turn.Dispose();
    }

    void HandOn()
    {
        current = null;
        do
        {
            try
            {
                if (group is { } open)
                {
                    var isLast = Volatile.Read(ref waiting) == 0;
                    if (isLast || open.Members >= MostMembers || open.Age > oldestGroup) CommitGroup(open);
                }
            }
            finally
            {
                // Whatever the disk said: without the turn nobody would ever write again.
                turn.Release();
            }
            // The one we left the group to may have given up between our look and our release.
        }
        while (Volatile.Read(ref group) is not null && Volatile.Read(ref waiting) == 0
            && turn.Wait(0, CancellationToken.None));
    }

    void CommitGroup(Group open)
    {
        group = null;
        try
        {
            link.Do("commit");
            Commits++;
            StorageMeter.Committed(open.Members);
            open.Durable.SetResult();
        }
        catch (Exception exception)
        {
            open.Durable.SetException(AsLost(exception));
            if (!link.IsIdle) link.Do("rollback");
        }
    }

    // Of a group in which nobody has committed yet.
    void UndoGroup()
    {
        link.Do("rollback");
        group?.Durable.SetResult();
        group = null;
    }

    // SQLite undid the outer transaction by itself (full disk, I/O error): every member is lost with it.
    void FailGroup(Exception exception)
    {
        if (group is null) return;
        group.Durable.SetException(AsLost(exception));
        group = null;
    }

    static Exception AsLost(Exception exception) => SystemSqlite.Explain(exception) as StorageUnavailableException
        ?? new StorageUnavailableException(
            "The database could not commit; nothing of this change was kept.",
            "Repeat the request; if it goes on, look at the server's log.", exception);

    /// <summary>Transactions that reach the disk together.</summary>
    internal sealed class Group
    {
        readonly long began = Stopwatch.GetTimestamp();

        public Group() => Durable.Task.ContinueWith(
            static lost => _ = lost.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

        public TaskCompletionSource Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public int Members { get; set; }
        public TimeSpan Age => Stopwatch.GetElapsedTime(began);
    }

    /// <summary>One transaction's hold on the writer.</summary>
    internal sealed class Hold
    {
        readonly SqliteWriter writer;
        readonly Group group;
        readonly bool isFirst;
        readonly Lock statement = new();
        readonly long began = Stopwatch.GetTimestamp();
        bool ended;
        bool expired;

        internal Hold(SqliteWriter writer, Group group, bool isFirst) =>
            (this.writer, this.group, this.isFirst) = (writer, group, isFirst);

        /// <summary>Runs one statement; never interrupted, never beside another.</summary>
        public T Do<T>(Func<SqliteLink, T> act)
        {
            lock (statement)
            {
                if (expired)
                    throw new StorageUnavailableException(
                        "This change kept the database's writer for more than "
                        + $"{writer.longestHold.TotalSeconds:0.#} s and was undone.",
                        "Repeat it in smaller parts.");
                if (ended) throw new InvalidOperationException("This transaction has already ended.");
                try
                {
                    return act(writer.link);
                }
                catch (Exception exception) when (writer.link.IsIdle)
                {
                    ended = true;
                    writer.FailGroup(exception);
                    writer.HandOn();
                    throw;
                }
            }
        }

        /// <summary>Joins the group; returns when it is on the disk.</summary>
        public Task Commit()
        {
            // Under one lock: between the release and the end, the watch would find no savepoint to go back to.
            lock (statement)
            {
                Do(link =>
                {
                    if (!isFirst) link.Do("release one");
                    return 0;
                });
                ended = true;
                group.Members++;
                writer.HandOn();
            }
            return group.Durable.Task;
        }

        /// <summary>Undoes what was not committed; returns when what it saw is on the disk.</summary>
        public async ValueTask Undo()
        {
            lock (statement)
            {
                if (ended) return;
                Rollback();
            }
            await group.Durable.Task;
        }

        internal void Expire()
        {
            if (Stopwatch.GetElapsedTime(began) < writer.longestHold) return;
            lock (statement)
            {
                if (ended) return;
                expired = true;
                Rollback();
            }
        }

        void Rollback()
        {
            ended = true;
            try
            {
                if (isFirst) writer.UndoGroup();
                else
                {
                    writer.link.Do("rollback to one");
                    writer.link.Do("release one");
                }
            }
            catch (Exception exception)
            {
                // What cannot be undone alone is undone with its neighbours; each of them hears it.
                if (!writer.link.IsIdle) writer.link.Do("rollback");
                writer.FailGroup(exception);
            }
            finally
            {
                writer.HandOn();
            }
        }
    }
}
