using Waypost.Storage;

namespace Waypost.Work;

/// <summary>A job as its row has it.</summary>
sealed record JobRow(
    string Org, string Id, string Kind, JobState State, int Priority, string SizeClass, Json Parameters, Json Internal,
    int Stage, int Run, Json? Result, Json? Error,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt) : IRow<JobRow>
{
    /// <summary>The columns it reads.</summary>
    public static Sql Columns => $"""
        org, id, kind, state, priority, size_class, parameters, internal, stage, run, result, error,
        created_at, started_at, finished_at
        """;

    public static JobRow Read(Row row) => new(
        row.Text("org"), row.Text("id"), row.Text("kind"), row.Enum<JobState>("state"), row.Int("priority"),
        row.Text("size_class"), row.Json("parameters"), row.Json("internal"), row.Int("stage"), row.Int("run"),
        row.JsonOrNull("result"), row.JsonOrNull("error"),
        row.Time("created_at"), row.TimeOrNull("started_at"), row.TimeOrNull("finished_at"));
}

/// <summary>What of a job's row every completion needs.</summary>
sealed record JobHead(string Org, string Id, string Kind, JobState State, int Stage) : IRow<JobHead>
{
    /// <summary>The columns it reads.</summary>
    public static Sql Columns => $"org, id, kind, state, stage";

    public static JobHead Read(Row row) => new(
        row.Text("org"), row.Text("id"), row.Text("kind"), row.Enum<JobState>("state"), row.Int("stage"));
}

/// <summary>A stage's counters.</summary>
sealed record StageRow(
    string Org, string JobId, int Stage, string Name, int Total, int Remaining, int Failed,
    DateTimeOffset? OpenedAt, DateTimeOffset? ClosedAt) : IRow<StageRow>
{
    /// <summary>The columns it reads.</summary>
    public static Sql Columns => $"org, job_id, stage, name, total, remaining, failed, opened_at, closed_at";

    public static StageRow Read(Row row) => new(
        row.Text("org"), row.Text("job_id"), row.Int("stage"), row.Text("name"), row.Int("total"),
        row.Int("remaining"), row.Int("failed"), row.TimeOrNull("opened_at"), row.TimeOrNull("closed_at"));
}

/// <summary>What decides about a task: who holds it, and how often it was tried.</summary>
sealed record TaskHead(
    string Org, string Id, string JobId, string Kind, int Stage, TaskState Status, long Fence, int Attempt,
    double? Progress) : IRow<TaskHead>
{
    /// <summary>The columns it reads.</summary>
    public static Sql Columns => $"org, id, job_id, kind, stage, status, fence, attempt, progress";

    public static TaskHead Read(Row row) => new(
        row.Text("org"), row.Text("id"), row.Text("job_id"), row.Text("kind"), row.Int("stage"),
        row.Enum<TaskState>("status"), row.Long("fence"), row.Int("attempt"), row.DoubleOrNull("progress"));
}

/// <summary>Rows for <c>values (…), (…)</c>, in few different lengths so that the statements stay prepared.</summary>
static class Batches
{
    // SQLite finds each parameter by walking through all of them: twice the rows, four times the work.
    const int Largest = 32;

    /// <summary>Chunks of 1, 2, 4 … 32; a chunk is filled up by repeating its last item, so the statement must not
    /// mind being told the same twice.</summary>
    public static IEnumerable<IReadOnlyList<T>> Of<T>(IReadOnlyList<T> items)
    {
        foreach (var chunk in items.Chunk(Largest))
        {
            var size = 1;
            while (size < chunk.Length) size *= 2;
            yield return chunk.Length == size ? chunk
                : [.. chunk, .. Enumerable.Repeat(chunk[^1], size - chunk.Length)];
        }
    }

    /// <summary><c>(…), (…)</c> of the items.</summary>
    public static Sql Values<T>(IEnumerable<T> items, Func<T, Sql> row) => Sql.Join($", ", items.Select(row));

    /// <summary><c>'A', 'B'</c> as parameters, for <c>in (…)</c>.</summary>
    public static Sql List<T>(IEnumerable<T> values) => Sql.Join($", ", values.Select(value => (Sql)$"{value}"));
}
