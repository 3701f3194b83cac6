using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Waypost.Cli;

/// <summary><c>waypost jobs</c>: the jobs of the organization.</summary>
static class JobCommands
{
    static readonly string[] States =
        ["queued", "processing", "paused", "completed", "completed_with_errors", "failed", "cancelled"];

    /// <summary>Whether a job in this state has ended.</summary>
    public static bool IsOver(string? state) =>
        state is "completed" or "completed_with_errors" or "failed" or "cancelled";

    public static Command Make(Surroundings surroundings) => new("jobs", "Jobs: list, see, steer and watch them")
    {
        List(surroundings), Show(surroundings), Watch(surroundings),
        Steer(surroundings, "cancel", "End a job now"),
        Steer(surroundings, "pause", "Hand out no more of a job's tasks"),
        Steer(surroundings, "resume", "Hand out a paused job's tasks again"),
        Steer(surroundings, "retry", "Run again what failed of an ended job"),
    };

    static Command List(Surroundings surroundings)
    {
        var state = new Option<string?>("--status") { Description = "Only jobs in this state" };
        state.AcceptOnlyFromAmong(States);
        var kind = new Option<string?>("--kind") { Description = "Only jobs of this kind" };
        var limit = new Option<int>("--limit") { Description = "How many, at the most", DefaultValueFactory = _ => 50 };
        var token = new Option<string?>("--token") { Description = "Go on where a page ended" };
        var command = new Command("list", "List jobs, newest first") { state, kind, limit, token };
        Examples.Add(command, "waypost jobs list --status failed", "waypost jobs list --output json | jq -r .job_id");
        return command.Does(surroundings, async (parsed, server, answers, ct) =>
        {
            var query = new Dictionary<string, string?>
            {
                ["limit"] = parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture),
                ["status"] = parsed.GetValue(state),
                ["kind"] = parsed.GetValue(kind),
                ["token"] = parsed.GetValue(token),
            };
            var body = await server.Get(await server.OrgPath("/jobs" + Query(query), ct), ct);
            answers.Many(body, "jobs", ["ID", "KIND", "STATUS", "STAGE", "SUBMITTED", "ENDED"],
                job =>
                [
                    job.Text("job_id"), job.Text("job_type"), job.Text("status"), job.Text("stage"),
                    job.Time("created_at"),
                    job.Time("finished_at"),
                ],
                "There are no such jobs.");
            using var page = JsonDocument.Parse(body);
            if (page.RootElement.Text("next_token") is { } next) answers.Remark($"[grey]More: --token {next}[/]");
            return ExitCodes.Ok;
        });
    }

    static Command Show(Surroundings surroundings)
    {
        var id = new Argument<string>("id") { Description = "The job's id" };
        var command = new Command("show", "See a job with its stages") { id };
        Examples.Add(command, "waypost jobs show 9be1…");
        return command.Does(surroundings, async (parsed, server, answers, ct) => Show(
            await server.Get(await server.OrgPath($"/jobs/{Uri.EscapeDataString(parsed.GetValue(id)!)}", ct), ct),
            answers));
    }

    static Command Watch(Surroundings surroundings)
    {
        var id = new Argument<string?>("id")
        {
            Description = "Follow this job to its end. Default: all jobs, until Ctrl+C",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("watch", "Watch a job to its end, or all jobs as they go") { id };
        Examples.Add(command, "waypost jobs watch 9be1…", "waypost jobs watch");
        return command.Does(surroundings, (parsed, server, answers, ct) => parsed.GetValue(id) is { } job
            ? FollowRequest.JobToItsEnd(server, answers, job, ct)
            : new EventFollowing(server, answers).Run("job.*", "now", ct));
    }

    static Command Steer(Surroundings surroundings, string verb, string what)
    {
        var id = new Argument<string>("id") { Description = "The job's id" };
        var command = new Command(verb, what) { id };
        Examples.Add(command, $"waypost jobs {verb} 9be1…");
        return command.Does(surroundings, async (parsed, server, answers, ct) =>
        {
            var path = await server.OrgPath($"/jobs/{Uri.EscapeDataString(parsed.GetValue(id)!)}/{verb}", ct);
            answers.One(await server.Send(HttpMethod.Post, path, null, ct), Rows);
            return ExitCodes.Ok;
        });
    }

    /// <summary>Shows a job; a failed one as the program's failure.</summary>
    public static int Show(string body, Answers answers)
    {
        answers.One(body, Rows);
        using var job = JsonDocument.Parse(body);
        return StatusCommand.Failure(job.RootElement, answers);
    }

    static IEnumerable<(string, string?)> Rows(JsonElement job)
    {
        yield return ("job", job.Text("job_id"));
        yield return ("kind", job.Text("job_type"));
        yield return ("status", job.Text("status"));
        yield return ("progress", $"{job.Part("progress")?.Text("percent")} %");
        foreach (var stage in job.Part("stages")?.EnumerateArray().ToArray() ?? [])
            yield return ($"stage {stage.Text("stage")}", Tasks(stage));
        yield return ("submitted", job.Time("created_at"));
        yield return ("started", job.Time("started_at"));
        yield return ("ended", job.Time("finished_at"));
        yield return ("done by", job.Time("estimated_completion"));
        yield return ("result", job.Text("result"));
    }

    static string Tasks(JsonElement stage)
    {
        var name = stage.Text("name");
        if (stage.Text("opened_at") is null) return $"{name}: still to come";
        var (total, remaining) = (stage.GetProperty("total").GetInt32(), stage.GetProperty("remaining").GetInt32());
        return $"{name}: {total - remaining} of {total} tasks done, {stage.Text("failed")} failed";
    }

    /// <summary>A query of what is not null; empty when nothing is.</summary>
    internal static string Query(IReadOnlyDictionary<string, string?> values)
    {
        var parts = values.Where(pair => pair.Value is not null)
            .Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}");
        var query = string.Join('&', parts);
        return query.Length == 0 ? "" : "?" + query;
    }
}
