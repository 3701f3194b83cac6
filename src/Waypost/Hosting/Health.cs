using System.Diagnostics;
using System.Text.Json.Serialization;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Events;
using Waypost.Pipelines;
using Waypost.Storage;

namespace Waypost.Hosting;

/// <summary>How a part of the server is.</summary>
/// <param name="Status"><c>ok</c>, or <c>error</c>.</param>
/// <param name="Message">What is wrong, for the operator; absent when nothing is.</param>
public sealed record PartHealth(
    string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message = null);

/// <summary>How a background loop is.</summary>
/// <param name="Name">What an operator calls it.</param>
/// <param name="Status"><c>ok</c>, <c>failing</c> (its last round failed), or <c>stopped</c> (no sign of it).</param>
/// <param name="LastBeat">When a round last ended well.</param>
/// <param name="Rounds">How many rounds ended well since the start.</param>
/// <param name="ExpectedWithinSeconds">A loop without a beat for longer counts as stopped.</param>
public sealed record LoopHealth(
    string Name, string Status, DateTimeOffset? LastBeat, long Rounds, double ExpectedWithinSeconds);

/// <summary>How the server is: one body for every compatible client.</summary>
/// <param name="Status"><c>ok</c>, <c>degraded</c> (a background loop fails), or <c>error</c> (no database).</param>
/// <param name="Version">The server's version.</param>
/// <param name="Database">Whether the database can be written.</param>
/// <param name="Components">The background loops.</param>
/// <param name="PlatformService">How requests of the caller's organization are getting on; null without a database, and
/// for whoever may not see its jobs.</param>
/// <param name="Catalogue">How fresh the catalogue of the caller's organization is; null without a database, and for
/// whoever may not read it.</param>
public sealed record ServerHealth(
    string Status, string Version, PartHealth Database, IReadOnlyList<LoopHealth> Components,
    PlatformHealth? PlatformService, CatalogueHealth? Catalogue);

/// <summary>Whether the server can be given work, and what to do when not.</summary>
/// <param name="Status"><c>ready</c> or <c>not_ready</c>.</param>
/// <param name="Hints">What is wrong and how to mend it; empty when ready.</param>
public sealed record Readiness(string Status, IReadOnlyList<string> Hints);

/// <summary>Whether the process runs.</summary>
/// <param name="Status">Always <c>ok</c>: whoever can read it knows.</param>
public sealed record Liveness(string Status);

/// <summary>Health for people, clients and probes. Anybody may ask, so it says nothing about anybody's data.</summary>
static class Health
{
    const string Why = "Load balancers and probes have no key; of data it tells only how many requests are open.";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/livez", () => TypedResults.Ok(new Liveness("ok"))).Open(Why).WithTags("Server")
            .WithName("livez").WithSummary("Whether the process runs");
        routes.MapGet("/readyz", Ready).Open(Why).WithTags("Server")
            .WithName("readyz").WithSummary("Whether the server can be given work; 503 with hints when not")
            .Produces<Readiness>().Produces<Readiness>(StatusCodes.Status503ServiceUnavailable);
        routes.MapGet("/health", Show).Open(Why).WithTags("Server")
            .WithName("health").WithSummary("How the server and its parts are")
            .Produces<ServerHealth>().Produces<ServerHealth>(StatusCodes.Status503ServiceUnavailable);
    }

    static async Task<IResult> Show(
        HttpContext http, DatabaseProbe probe, Heartbeats heartbeats, CatalogueSettings catalogue,
        TimeProvider clock, CancellationToken ct)
    {
        var database = await probe.Ask(ct);
        var loops = Loops(heartbeats, clock);
        var here = database.Status == "ok";
        var platform = here ? await Seen(http, Permission.JobsRead, (db, org) =>
            PlatformHealth.Read(db, org, clock, ct)) : null;
        var fresh = here ? await Seen(http, Permission.CatalogueRead, (db, org) =>
            CatalogueHealth.Read(db, org, catalogue, clock, ct)) : null;
        var status = database.Status != "ok" ? "error" : loops.All(loop => loop.Status == "ok") ? "ok" : "degraded";
        return TypedResults.Json(
            new ServerHealth(status, CommandLine.Version, database, loops, platform, fresh), Json.Options,
            statusCode: status == "error" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    // What only those see who may see the organization's things.
    static async Task<T?> Seen<T>(HttpContext http, Permission needed, Func<Db, string, Task<T>> read) where T : class
    {
        try
        {
            var databases = http.RequestServices.GetRequiredService<Databases>();
            return await Gate.Look(http, needed) is { } caller
                ? await read(databases.For(caller.Org), caller.Org) : null;
        }
        catch (StorageUnavailableException)
        {
            // Gone since the probe, which will say so the next time.
            return null;
        }
    }

    static async Task<IResult> Ready(
        DatabaseProbe probe, Heartbeats heartbeats, TimeProvider clock, IHostApplicationLifetime lifetime,
        CancellationToken ct)
    {
        var database = await probe.Ask(ct);
        var hints = new List<string>();
        if (lifetime.ApplicationStopping.IsCancellationRequested) hints.Add(
            "The server is stopping; ask another copy.");
        if (database.Message is { } wrong) hints.Add(wrong);
        hints.AddRange(Loops(heartbeats, clock).Where(loop => loop.Status != "ok").Select(loop =>
            $"The background loop {loop.Name} is {loop.Status}; the server's log says why. It goes on by itself when "
            + "the "
            + "cause is gone."));
        return TypedResults.Json(
            new Readiness(hints.Count == 0 ? "ready" : "not_ready", hints), Json.Options,
            statusCode: hints.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    // A loop's own error stays in the log: anybody may read this.
    internal static List<LoopHealth> Loops(Heartbeats heartbeats, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return [.. heartbeats.All.Select(beat => new LoopHealth(
            beat.Name, beat.IsHealthy(now) ? "ok" : beat.LastError is not null ? "failing" : "stopped",
            beat.LastBeat, beat.Rounds, beat.ExpectedWithin.TotalSeconds))];
    }
}

/// <summary>Sees whether the database can be written, by writing; once a second at the most, however many
/// ask.</summary>
sealed class DatabaseProbe(Databases databases, TimeProvider clock) : IDisposable
{
    static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    readonly SemaphoreSlim turn = new(1, 1);
    PartHealth? last;
    long askedAt;

    /// <summary>How the database is.</summary>
    public async Task<PartHealth> Ask(CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            if (last is null || Stopwatch.GetElapsedTime(askedAt) > Remembered)
            {
                last = await Write(ct);
                askedAt = Stopwatch.GetTimestamp();
            }
            return last;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    async Task<PartHealth> Write(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(LongestWait);
        try
        {
            await using var tx = await databases.Shared.Begin(limit.Token);
            await tx.Run($"""
                insert into hosting_probe (id, probed_at) values (1, {clock.GetUtcNow()})
                on conflict (id) do update set probed_at = excluded.probed_at
                """);
            await tx.Commit();
            return new PartHealth("ok");
        }
        catch (StorageUnavailableException error)
        {
            return new PartHealth("error", $"{error.Message} {error.Remediation}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new PartHealth(
                "error", $"The database did not take a write within {LongestWait.TotalSeconds} s. Look whether it, or "
                + "the "
                + "disk under it, is overloaded.");
        }
    }
}
