using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Waypost.Cli;

/// <summary><c>waypost status</c>: how a request stands.</summary>
static class StatusCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var id = new Argument<string>("id") { Description = "The id of a request, or of one of its jobs" };
        var wait = new Option<bool>("--wait") { Description = "Follow it to its end" };
        var command = new Command("status", "See how a request stands, and what came of it") { id, wait };
        Examples.Add(command,
            "waypost status 4f2a…", "waypost status 4f2a… --wait",
            "waypost status 4f2a… --output json | jq -r .endpoints.stac_item");
        return command.Does(surroundings, async (parsed, server, answers, ct) =>
        {
            if (parsed.GetValue(wait)) return await FollowRequest.ToItsEnd(server, answers, parsed.GetValue(id)!, ct);
            var path = server.TwinPath($"/platform/status/{Uri.EscapeDataString(parsed.GetValue(id)!)}");
            return Show(await server.Get(path, ct), answers);
        });
    }

    /// <summary>Shows a request; a failed one with its reason and remedy, and as the program's failure.</summary>
    public static int Show(string body, Answers answers)
    {
        using var status = JsonDocument.Parse(body);
        answers.One(body, Rows);
        foreach (var warning in status.RootElement.Part("warnings")?.EnumerateArray().ToArray() ?? [])
            answers.Remark($"[yellow]{warning.Text("code")}[/] {warning.Text("message")} ({warning.Text("count")})");
        return Failure(status.RootElement, answers);
    }

    /// <summary>Shows the error of a request or job, if it has one.</summary>
    public static int Failure(JsonElement body, Answers answers)
    {
        if (body.Text("status") is not ("failed" or "cancelled" or "completed_with_errors")) return ExitCodes.Ok;
        if (body.Part("error") is { } error)
        {
            answers.Remark($"[red bold]{error.Text("code")}[/] {error.Text("message")}");
            if (error.Text("category") is { } category) answers.Remark($"  [grey]kind:[/] {category}");
            if (error.Text("remediation") is { } remedy) answers.Remark($"  [grey]do:[/] {remedy}");
        }
        return ExitCodes.Failed;
    }

    /// <summary>The rows of what was just accepted.</summary>
    public static IEnumerable<(string, string?)> Submitted(JsonElement answer) =>
    [
        ("request", answer.Text("request_id")), ("status", answer.Text("status")), ("message", answer.Text("message")),
        ("job", answer.Text("job_id")), ("done by", answer.Time("estimated_completion")),
        ("status url", answer.Text("status_url")),
    ];

    static IEnumerable<(string, string?)> Rows(JsonElement status)
    {
        yield return ("request", status.Text("request_id"));
        yield return ("status", status.Text("status"));
        yield return ("progress", $"{status.Text("progress_percent")} %");
        yield return ("message", status.Text("message"));
        yield return ("submitted", status.Time("created_at"));
        yield return ("ended", status.Time("completed_at"));
        if (status.Part("endpoints") is not { } endpoints) yield break;
        foreach (var endpoint in endpoints.EnumerateObject())
            yield return (endpoint.Name.Replace('_', ' '), endpoint.Value.GetString());
    }
}
