using Waypost.Storage;
using Waypost.Work;
using Xunit;

namespace Waypost.Tests.Work;

/// <summary>Tasks that a module grants to workers of its choice: leased from the start, told once when they end.
/// </summary>
public sealed class StandingJobTests
{
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory, Backends]
    public async Task What_is_granted_is_held_at_once_and_its_end_is_told_with_those_beside_it(Backend backend)
    {
        var told = new List<IReadOnlyList<EndedGrant>>();
        await using var engine = await EngineOn.Open(backend, Standing(told));
        var ids = await Grant(engine, ("a:1", 1), ("b:1", 7), ("c:1", 3));
        Assert.Empty(await engine.Lease(9));

        var answers = await engine.Leases.Complete(
        [
            new TaskReport(EngineOn.Org, ids[0], 1, new Json("""{"n":1}"""), null),
            new TaskReport(EngineOn.Org, ids[1], 7, null, new TaskError("X", "SYSTEM_ERROR", "No.", null, false,
                ErrorClass.Transient)),
            new TaskReport(EngineOn.Org, ids[2], 2, Json.EmptyObject, null),
            new TaskReport(EngineOn.Org, "none", 1, Json.EmptyObject, null),
        ], null, Token);

        Assert.Equal([Verdict.Accepted, Verdict.Accepted, Verdict.Stale, Verdict.Unknown],
            answers.Answers.Select(answer => answer.Verdict));
        var ended = Assert.Single(told).OrderBy(grant => grant.Unit, StringComparer.Ordinal).ToList();
        Assert.Equal([("a:1", GrantEnd.Completed, 1L, "node"), ("b:1", GrantEnd.Failed, 7L, "node")],
            ended.Select(grant => (grant.Unit, grant.End, grant.Fence, grant.Worker)));
        Assert.Equal(("""{"n":1}""", "X"), (ended[0].Result!.Value.Text, ended[1].Error!.Code));
    }

    [Theory, Backends]
    public async Task A_second_report_finds_nothing_and_the_row_is_gone(Backend backend)
    {
        var told = new List<IReadOnlyList<EndedGrant>>();
        await using var engine = await EngineOn.Open(backend, Standing(told));
        var id = (await Grant(engine, ("a:1", 1)))[0];
        var report = new TaskReport(EngineOn.Org, id, 1, Json.EmptyObject, null);
        var both = await engine.Leases.Complete([report, report with { }], null, Token);
        Assert.Equal([Verdict.Accepted, Verdict.Stale], both.Answers.Select(answer => answer.Verdict));
        Assert.Equal(Verdict.Unknown, (await engine.Leases.Complete([report], null, Token)).Answers[0].Verdict);
        Assert.Single(told);
        Assert.Equal(0, await Tasks(engine));
    }

    [Theory, Backends]
    public async Task A_lease_lasts_as_long_as_it_was_granted_or_last_renewed_for(Backend backend)
    {
        var told = new List<IReadOnlyList<EndedGrant>>();
        await using var engine = await EngineOn.Open(backend, Standing(told));
        var ids = await Grant(engine, ("short:1", 1), ("long:1", 1));
        var renewed = await engine.Leases.Renew(
            [new HeldLease(EngineOn.Org, ids[1], 1, 0.5, 3 * Hour), new HeldLease(EngineOn.Org, ids[0], 9)], Token);
        Assert.Equal(engine.Clock.GetUtcNow() + 3 * Hour, renewed[0].Expires);
        Assert.Null(renewed[1].Expires);

        engine.Clock.Advance(2 * Hour);
        await engine.Leases.Sweep(Token);
        Assert.Equal([("short:1", GrantEnd.Lost)], told.SelectMany(t => t).Select(grant => (grant.Unit, grant.End)));
        engine.Clock.Advance(2 * Hour);
        await engine.Leases.Sweep(Token);
        Assert.Equal(["short:1", "long:1"], told.SelectMany(t => t).Select(grant => grant.Unit));
        Assert.Equal(0, await Tasks(engine));
    }

    [Theory, Backends]
    public async Task What_is_given_back_ends_and_nobody_else_is_handed_it(Backend backend)
    {
        var told = new List<IReadOnlyList<EndedGrant>>();
        await using var engine = await EngineOn.Open(backend, Standing(told));
        var ids = await Grant(engine, ("a:1", 4));
        await engine.Leases.Return([new HeldLease(EngineOn.Org, ids[0], 3)], Token);
        Assert.Empty(told);
        await engine.Leases.Return([new HeldLease(EngineOn.Org, ids[0], 4), new HeldLease(EngineOn.Org, ids[0], 4)],
            Token);
        Assert.Equal(GrantEnd.Returned, Assert.Single(Assert.Single(told)).End);
        Assert.Empty(await engine.Lease(9));
    }

    [Theory, Backends]
    public async Task A_report_that_the_module_cannot_keep_is_not_accepted_and_can_be_sent_again(Backend backend)
    {
        var isBroken = true;
        var told = new List<IReadOnlyList<EndedGrant>>();
        await using var engine = await EngineOn.Open(backend, Standing(told, _ => isBroken));
        var ids = await Grant(engine, ("a:1", 1));
        var report = new TaskReport(EngineOn.Org, ids[0], 1, Json.EmptyObject, null);
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.Leases.Complete([report], null, Token));
        Assert.Equal(1, await Tasks(engine));
        isBroken = false;
        Assert.Equal(Verdict.Accepted, (await engine.Leases.Complete([report], null, Token)).Answers[0].Verdict);
    }

    [Theory, Backends]
    public async Task An_expiry_that_the_module_cannot_bear_keeps_no_other_from_ending(Backend backend)
    {
        var told = new List<IReadOnlyList<EndedGrant>>();
        await using var engine = await EngineOn.Open(
            backend, Standing(told, ended => ended.Any(grant => grant.Unit == "bad:1")));
        await Grant(engine, ("a:1", 1), ("bad:1", 1), ("c:1", 1));
        engine.Clock.Advance(2 * Hour);
        await engine.Leases.Sweep(Token);
        Assert.Equal(["a:1", "c:1"],
            told.SelectMany(t => t).Select(grant => grant.Unit).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(0, await Tasks(engine));
    }

    [Theory, Backends]
    public async Task Only_standing_kinds_are_granted_and_nothing_is_granted_twice(Backend backend)
    {
        await using var engine = await EngineOn.Open(backend, Standing([]),
            new JobKind { Name = "plain", Stages = [StageKind.Single("only")] });
        await Assert.ThrowsAsync<ArgumentException>(() => Grant(engine, "plain", ("a:1", 1)));
        await Grant(engine, ("a:1", 1));
        await Assert.ThrowsAnyAsync<Exception>(() => Grant(engine, ("a:1", 2)));
        Assert.Equal(1, await Tasks(engine));
    }

    [Fact]
    public void A_standing_kind_with_two_attempts_does_not_let_the_server_start() =>
        Assert.Contains("stands", Assert.Throws<ArgumentException>(() => new JobKinds([
            new JobKind
            {
                Name = "twice", Stages = [StageKind.Single("only") with { MaxAttempts = 2 }],
                Ended = (_, _) => Task.CompletedTask,
            }])).Message, StringComparison.Ordinal);

    static JobKind Standing(
        List<IReadOnlyList<EndedGrant>> told, Func<IReadOnlyList<EndedGrant>, bool>? throws = null) => new()
        {
            Name = "standing",
            Stages = [StageKind.Single("copy") with { MaxAttempts = 1 }],
            Ended = (_, ended) =>
            {
                if (throws?.Invoke(ended) == true) throw new InvalidOperationException("The module broke.");
                told.Add(ended);
                return Task.CompletedTask;
            },
        };

    static Task<IReadOnlyList<string>> Grant(EngineOn engine, params (string Unit, long Fence)[] units) =>
        Grant(engine, "standing", units);

    static async Task<IReadOnlyList<string>> Grant(
        EngineOn engine, string kind, params (string Unit, long Fence)[] units)
    {
        var now = engine.Clock.GetUtcNow();
        await using var tx = await engine.Db.Begin(Token);
        var ids = await tx.Grant(engine.Kinds, EngineOn.Org, kind,
            [.. units.Select(unit => new NewGrant(unit.Unit, Json.EmptyObject, unit.Fence, "node", now + Hour))], now);
        await tx.Commit();
        return ids;
    }

    static async Task<long> Tasks(EngineOn engine)
    {
        await using var tx = await engine.Db.Read(Token);
        return await tx.Count($"select count(*) as n from work_tasks where org = {EngineOn.Org}");
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}
