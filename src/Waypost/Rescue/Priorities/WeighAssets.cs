using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Events;
using Waypost.Rescue.Library;
using Waypost.Storage;

namespace Waypost.Rescue.Priorities;

/// <summary>An asset's place in an order.</summary>
/// <param name="AssetId">The asset.</param>
/// <param name="Score">How urgent it is, 0 to 1.</param>
/// <param name="Rank">Its place by these weights.</param>
/// <param name="RankNow">Its place as it is; null: it has none.</param>
/// <param name="SizeBytes">Its size.</param>
public sealed record RankedAsset(long AssetId, double Score, long Rank, long? RankNow, long? SizeBytes);

/// <summary>How far the first so many bytes of an order reach.</summary>
/// <param name="Bytes">That many bytes.</param>
/// <param name="AssetsNow">How many assets they hold in the order as it is.</param>
/// <param name="AssetsThen">How many assets they hold by these weights.</param>
/// <param name="ShareNow">How much of the whole score they hold in the order as it is, 0 to 1.</param>
/// <param name="ShareThen">How much of the whole score they hold by these weights, 0 to 1.</param>
public sealed record CoverageStep(long Bytes, int AssetsNow, int AssetsThen, double ShareNow, double ShareThen);

/// <summary>What other weights would change.</summary>
/// <param name="Assets">How many assets there are to put in order.</param>
/// <param name="Moved">How many of them would have another place.</param>
/// <param name="Top">The first ones by these weights.</param>
/// <param name="Entering">The assets among the first that are not among them now.</param>
/// <param name="Leaving">The assets that are among the first now and would not be.</param>
/// <param name="Coverage">How far the first bytes reach, now and then.</param>
public sealed record PriorityPreview(
    int Assets, int Moved, IReadOnlyList<RankedAsset> Top, IReadOnlyList<long> Entering, IReadOnlyList<long> Leaving,
    IReadOnlyList<CoverageStep> Coverage);

/// <summary>What a run of the priorizer did.</summary>
/// <param name="RankingId">The ranking of datasets that it wrote.</param>
/// <param name="Assets">How many assets have a place.</param>
/// <param name="Moved">How many of them have another one.</param>
/// <param name="Datasets">How many datasets have a place.</param>
public sealed record PriorityRun(long RankingId, int Assets, int Moved, int Datasets);

/// <summary>The weights were changed.</summary>
/// <param name="Weights">What they are.</param>
public sealed record WeightsChanged(PriorityWeights Weights) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "rescue.weights_changed";
}

/// <summary>Everything was put in order anew.</summary>
/// <param name="RankingId">The ranking of datasets.</param>
/// <param name="Assets">How many assets have a place.</param>
/// <param name="Moved">How many have another one.</param>
public sealed record Prioritized(long RankingId, int Assets, int Moved) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "rescue.prioritized";
}

/// <summary>The operator's hand on what is saved first: weights, what they would change, and putting everything in that
/// order.</summary>
static class WeighAssets
{
    const int UsualTop = 20;
    const int LongestTop = 1_000;
    const int CoverageSteps = 10;
    const int WriteAtOnce = 5_000;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/priorities/weights", Get).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetWeights").WithSummary("How much each side of an asset counts");
        rescue.MapPut("/priorities/weights", Put).Permit(Permission.RescueWrite).WithTags("Rescue")
            .WithName(operations + "PutWeights").WithSummary("Say how much each side of an asset is to count");
        rescue.MapPost("/priorities/preview", Preview).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "PreviewWeights").WithSummary("What other weights would change; nothing is changed");
        rescue.MapPost("/priorities/run", Run).Permit(Permission.RescueWrite).WithTags("Rescue")
            .WithName(operations + "RunPriorities").WithSummary("Put everything in order by the weights, as a ranking");
    }

    static async Task<Ok<PriorityWeights>> Get(Caller caller, Db db, CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        return TypedResults.Ok(await Weights(tx, caller.Org));
    }

    static async Task<Ok<PriorityWeights>> Put(
        PriorityWeights wanted, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(ct);
        await tx.Run($"""
            insert into rescue_weights (org, popularity, threat, scarcity, value, size, changed_at)
            values ({caller.Org}, {wanted.Popularity}, {wanted.Threat}, {wanted.Scarcity}, {wanted.Value},
                {wanted.Size}, {now})
            on conflict (org) do update set popularity = excluded.popularity, threat = excluded.threat,
                scarcity = excluded.scarcity, value = excluded.value, size = excluded.size,
                changed_at = excluded.changed_at
            """);
        await tx.Emit(caller.Org, now, new WeightsChanged(wanted));
        await tx.Commit();
        return TypedResults.Ok(wanted);
    }

    static async Task<Ok<PriorityPreview>> Preview(
        PriorityWeights weights, Caller caller, Db db, CancellationToken ct,
        [Range(1, LongestTop)] int top = UsualTop)
    {
        List<Rankable> assets;
        await using (var tx = await db.Read(ct)) assets = await Rankables(tx, caller.Org);
        var then = Urgency.Order(assets, weights);
        var scores = then.ToDictionary(one => one.Asset.Id, one => one.Score);
        var now = assets.OrderBy(one => one.Rank ?? long.MaxValue).ThenBy(one => one.SizeBytes ?? long.MaxValue)
            .ThenBy(one => one.Id).ToList();
        var (first, firstNow) = (then.Take(top).Select(one => one.Asset.Id).ToHashSet(),
            now.Take(top).Select(one => one.Id).ToHashSet());
        return TypedResults.Ok(new PriorityPreview(
            assets.Count, then.Where((one, index) => one.Asset.Id != now[index].Id).Count(),
            [
                .. then.Take(top).Select((one, index) => new RankedAsset(
                    one.Asset.Id, Math.Round(one.Score, 6), index + 1, one.Asset.Rank, one.Asset.SizeBytes)),
            ],
            [.. first.Except(firstNow).Order()], [.. firstNow.Except(first).Order()],
            Coverage(now, [.. then.Select(one => one.Asset)], scores)));
    }

    static async Task<Ok<PriorityRun>> Run(
        Caller caller, Databases databases, TimeProvider clock, CancellationToken ct)
    {
        var db = databases.For(caller.Org);
        List<Rankable> assets;
        PriorityWeights weights;
        await using (var tx = await db.Read(ct))
            (assets, weights) = (await Rankables(tx, caller.Org), await Weights(tx, caller.Org));
        var order = Urgency.Order(assets, weights);
        var moved = order.Select((one, index) => (one.Asset.Id, Rank: index + 1L, one.Asset.Rank))
            .Where(one => one.Rank != one.Item3).Select(one => (one.Id, one.Rank)).ToList();
        foreach (var part in moved.Chunk(WriteAtOnce)) await Write(db, caller.Org, part, clock, ct);
        return TypedResults.Ok(await KeepRanking(db, caller.Org, order, moved.Count, weights, clock, ct));
    }

    static Task<int> Write(
        Db db, string org, (long Id, long Rank)[] part, TimeProvider clock, CancellationToken ct) =>
        Compatible.Attempts.InOne(db, async tx =>
        {
            var now = clock.GetUtcNow();
            // In one order, so that two runs at the same time never wait for each other in a circle.
            foreach (var (id, rank) in part.OrderBy(one => one.Id))
                await tx.Run($"""
                    update rescue_assets set rank = {rank}, updated_at = {now} where org = {org} and id = {id}
                    """);
            return part.Length;
        }, ct);

    // A dataset stands where its most urgent asset does.
    static async Task<PriorityRun> KeepRanking(
        Db db, string org, IReadOnlyList<(Rankable Asset, double Score)> order, int moved, PriorityWeights weights,
        TimeProvider clock, CancellationToken ct)
    {
        var datasets = order.Where(one => one.Asset.DatasetId is not null)
            .DistinctBy(one => one.Asset.DatasetId).Select(one => one.Asset).ToList();
        return await Compatible.Attempts.InOne(db, async tx =>
        {
            var now = clock.GetUtcNow();
            var ranking = await tx.Take(org, Numbered.Ranking, 1);
            await tx.Run($"""
                insert into rescue_rankings (org, id, name, comment, ranked_at, type, created_at, updated_at)
                values ({org}, {ranking}, {"priorities"}, {Json.Of(weights).Text}, {now}, {"auto"}, {now}, {now})
                """);
            var next = await tx.Take(org, Numbered.Rank, datasets.Count);
            await tx.Insert(
                $"rescue_ranks (org, id, dataset_id, ranking_id, rank, event_count, created_at, updated_at)",
                datasets.Select((one, index) => new object?[]
                {
                    org, next + index, one.DatasetId, ranking, index + 1L, one.Accesses, now, now,
                }));
            await tx.Emit(org, now, new Prioritized(ranking, order.Count, moved));
            return new PriorityRun(ranking, order.Count, moved, datasets.Count);
        }, ct);
    }

    static List<CoverageStep> Coverage(
        List<Rankable> now, List<Rankable> then, Dictionary<long, double> scores)
    {
        var (bytes, whole) = (now.Sum(one => one.SizeBytes ?? 0), scores.Values.Sum());
        return
        [
            .. Enumerable.Range(1, CoverageSteps).Select(step =>
            {
                var reach = bytes / CoverageSteps * step;
                var (a, b) = (Reached(now, reach, scores), Reached(then, reach, scores));
                return new CoverageStep(reach, a.Assets, b.Assets, Share(a.Score, whole), Share(b.Score, whole));
            }),
        ];
    }

    static (int Assets, double Score) Reached(List<Rankable> order, long bytes, Dictionary<long, double> scores)
    {
        var (assets, score) = (0, 0.0);
        foreach (var one in order.Where(one => one.SizeBytes is not null))
        {
            if (one.SizeBytes > bytes) break;
            bytes -= one.SizeBytes!.Value;
            assets++;
            score += scores[one.Id];
        }
        return (assets, score);
    }

    static double Share(double part, double whole) => whole <= 0 ? 0 : Math.Round(part / whole, 6);

    static async Task<PriorityWeights> Weights(Tx tx, string org) => await tx.One<PriorityWeights>($"""
        select popularity, threat, scarcity, value, size from rescue_weights where org = {org}
        """) ?? new PriorityWeights();

    static Task<List<Rankable>> Rankables(Tx tx, string org) => tx.All<Rankable>($"""
        select one.id, one.rank, one.size_bytes, one.popularity, one.threat, one.value, one.copies, one.claims,
            one.copies_min, named.accesses, coalesce(named.vanished, 0) as vanished, named.dataset_id
        from rescue_assets as one
        left join (
            select ties.asset_id, max(sets.accesses) as accesses, min(sets.id) as dataset_id,
                sum(case when sets.vanished_at is null then 0 else 1 end) as vanished
            from rescue_asset_resources as ties
            join rescue_resources as parts on parts.org = ties.org and parts.id = ties.resource_id
            join rescue_datasets as sets on sets.org = parts.org and sets.id = parts.dataset_id
            where ties.org = {org} group by ties.asset_id) as named on named.asset_id = one.id
        where one.org = {org} and one.state not in ('blocked', 'retired')
        order by one.id
        """);
}
