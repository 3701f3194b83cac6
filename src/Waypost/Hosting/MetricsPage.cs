using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Hosting;

/// <summary>What a monitor collects: requests and their durations, the queue, the relay's lag, commits, the runtime.
/// </summary>
static class MetricsPage
{
    const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/metrics", Write)
        .Permit(Permission.MetricsRead).WithTags("Server").WithName("metrics")
        .WithSummary("Measurements for Prometheus; needs no key on loopback")
        .Produces<string>(StatusCodes.Status200OK, "text/plain");

    static async Task<ContentHttpResult> Write(
        MetricsBook book, Databases databases, Heartbeats heartbeats, TimeProvider clock, CancellationToken ct)
    {
        var figures = new List<(string Name, string Help, string Labels, double Value)>();
        var queue = await WorkFigures.Queue(databases.Shared, ct);
        foreach (var state in (string[])["Ready", "Processing", "PendingRetry"])
            figures.Add((
                "waypost_work_tasks", "Tasks that are not done yet",
                MetricsBook.Label("state", state.ToLowerInvariant()),
                queue.FirstOrDefault(of => of.State == state)?.Tasks ?? 0));
        figures.Add((
            "waypost_work_jobs_open", "Jobs that have not ended yet", "",
            await WorkFigures.OpenJobs(databases.Shared, ct)));
        figures.Add((
            "waypost_events_unstamped", "Events that wait for their position", "",
            await EventFigures.Unstamped(databases.Shared, ct)));
        var now = clock.GetUtcNow();
        figures.AddRange(heartbeats.All.Select(beat => (
            "waypost_loop_healthy", "1 while the background loop beats",
            MetricsBook.Label("loop", beat.Name), beat.IsHealthy(now) ? 1d : 0)));
        return TypedResults.Text(book.Write(figures), ContentType);
    }
}
