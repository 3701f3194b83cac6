using System.Text.Json;
using Spectre.Console;

namespace Waypost.Cli;

/// <summary>Follows a request or a job to its end, through restarts of the server.</summary>
static class FollowRequest
{
    // The server answers at the end or after this long, whichever is first: the bar moves once a second.
    const int WaitSeconds = 1;
    const int Tries = 12;

    /// <summary>Follows a request, then shows what it made, or why it failed.</summary>
    public static async Task<int> ToItsEnd(Connection server, Answers answers, string id, CancellationToken ct)
    {
        var path = server.TwinPath($"/platform/status/{Uri.EscapeDataString(id)}?wait={WaitSeconds}");
        var body = await Until(server, answers, path, $"Request {Short(id)}",
            status => status.Text("status") is "completed" or "failed",
            status => (
                Number(status.Text("progress_percent")),
                status.Part("job")?.Text("job_type") ?? status.Text("message")),
            ct);
        return StatusCommand.Show(body, answers);
    }

    /// <summary>Follows a job, then shows it.</summary>
    public static async Task<int> JobToItsEnd(Connection server, Answers answers, string id, CancellationToken ct)
    {
        var path = await server.OrgPath($"/jobs/{Uri.EscapeDataString(id)}?wait={WaitSeconds}", ct);
        var body = await Until(server, answers, path, $"Job {Short(id)}", job => JobCommands.IsOver(job.Text("status")),
            job => (Number(job.Part("progress")?.Text("percent")), StageOf(job)), ct);
        return JobCommands.Show(body, answers);
    }

    static Task<string> Until(
        Connection server, Answers answers, string path, string title, Func<JsonElement, bool> isOver,
        Func<JsonElement, (double Percent, string? Note)> progress, CancellationToken ct) =>
        Bars.Run(answers, title, async show =>
        {
            while (true)
            {
                var body = await server.Get(path, ct, Tries);
                using var state = JsonDocument.Parse(body);
                var (percent, note) = progress(state.RootElement);
                show(percent, note);
                if (isOver(state.RootElement)) return body;
            }
        });

    static string? StageOf(JsonElement job) => job.Part("stages") is { } stages && job.Text("stage") is { } number
        ? stages.EnumerateArray().FirstOrDefault(stage => stage.Text("stage") == number).Text("name") : null;

    static double Number(string? text) =>
        double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    static string Short(string id) => id.Length > 12 ? id[..12] : id;
}
