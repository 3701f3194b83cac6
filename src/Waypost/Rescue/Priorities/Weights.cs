using System.ComponentModel.DataAnnotations;
using Waypost.Storage;

namespace Waypost.Rescue.Priorities;

/// <summary>How much each side of an asset counts when assets are put in order; only how they stand to each other
/// matters.</summary>
public sealed record PriorityWeights : IRow<PriorityWeights>
{
    const double Most = 1_000;

    /// <summary>How much it is asked for.</summary>
    [Range(0, Most)]
    public double Popularity { get; init; } = 1;

    /// <summary>How likely it is to go dark; a catalogue that no longer has its dataset counts as a half at the least.
    /// </summary>
    [Range(0, Most)]
    public double Threat { get; init; } = 2;

    /// <summary>How few copies of it there are.</summary>
    [Range(0, Most)]
    public double Scarcity { get; init; } = 2;

    /// <summary>What it is worth to somebody who knows.</summary>
    [Range(0, Most)]
    public double Value { get; init; } = 1;

    /// <summary>How small it is: many small ones are saved in the time of a large one.</summary>
    [Range(0, Most)]
    public double Size { get; init; } = 1;

    /// <inheritdoc/>
    public static PriorityWeights Read(Row row) => new()
    {
        Popularity = row.Double("popularity"),
        Threat = row.Double("threat"),
        Scarcity = row.Double("scarcity"),
        Value = row.Double("value"),
        Size = row.Double("size"),
    };

    /// <summary>The sum of them; 0 when nothing counts.</summary>
    internal double Sum => Popularity + Threat + Scarcity + Value + Size;
}

/// <summary>What is known of an asset that is to be put in order.</summary>
/// <param name="Id">The asset.</param>
/// <param name="Rank">Its place now; null: none.</param>
/// <param name="SizeBytes">Its size; null while unknown.</param>
/// <param name="Popularity">0 to 1, where somebody said so.</param>
/// <param name="Threat">0 to 1, where somebody said so.</param>
/// <param name="Value">0 to 1, where somebody said so.</param>
/// <param name="Copies">Its verified copies and half of the claimed ones.</param>
/// <param name="CopiesMin">How many it has to have.</param>
/// <param name="Accesses">How often its most wanted dataset was looked at.</param>
/// <param name="HasVanished">Whether a dataset of it is no longer in its catalogue.</param>
/// <param name="DatasetId">A dataset that names it.</param>
public sealed record Rankable(
    long Id, long? Rank, long? SizeBytes, double? Popularity, double? Threat, double? Value, double Copies,
    int CopiesMin, long Accesses, bool HasVanished, long? DatasetId) : IRow<Rankable>
{
    /// <inheritdoc/>
    public static Rankable Read(Row row) => new(
        row.Long("id"), row.LongOrNull("rank"), row.LongOrNull("size_bytes"), row.DoubleOrNull("popularity"),
        row.DoubleOrNull("threat"), row.DoubleOrNull("value"), row.Int("copies") + row.Int("claims") / 2.0,
        row.Int("copies_min"), row.LongOrNull("accesses") ?? 0, row.Long("vanished") > 0,
        row.LongOrNull("dataset_id"));
}

/// <summary>Puts assets in order. Pure: the same assets and weights give the same order.</summary>
public static class Urgency
{
    const double UnknownValue = 0.5;
    const double ThreatOfVanished = 0.5;

    // Sizes from 1 MiB (and less) to 1 TiB (and more) spread over 1 to 0.
    const double SmallestPower = 20;
    const double LargestPower = 40;

    /// <summary>How urgent an asset is, from 0 to 1: the mean of its sides by their weights.</summary>
    /// <param name="asset">The asset.</param>
    /// <param name="weights">How much each side counts.</param>
    /// <param name="mostAccesses">How often the most wanted dataset of all was looked at.</param>
    public static double Score(Rankable asset, PriorityWeights weights, long mostAccesses)
    {
        ArgumentNullException.ThrowIfNull(asset);
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Sum <= 0) return 0;
        var popularity = asset.Popularity
            ?? (mostAccesses <= 0 ? 0 : Math.Log(1 + asset.Accesses) / Math.Log(1 + mostAccesses));
        var threat = Math.Max(asset.Threat ?? 0, asset.HasVanished ? ThreatOfVanished : 0);
        var scarcity = Math.Clamp(1 - asset.Copies / asset.CopiesMin, 0, 1);
        var power = asset.SizeBytes is { } bytes ? Math.Log2(Math.Max(1, bytes)) : (SmallestPower + LargestPower) / 2;
        var small = Math.Clamp((LargestPower - power) / (LargestPower - SmallestPower), 0, 1);
        return (weights.Popularity * popularity + weights.Threat * threat + weights.Scarcity * scarcity
            + weights.Value * (asset.Value ?? UnknownValue) + weights.Size * small) / weights.Sum;
    }

    /// <summary>The assets in order, the most urgent first; equal ones by their size and id.</summary>
    public static IReadOnlyList<(Rankable Asset, double Score)> Order(
        IReadOnlyList<Rankable> assets, PriorityWeights weights)
    {
        ArgumentNullException.ThrowIfNull(assets);
        var most = assets.Count == 0 ? 0 : assets.Max(asset => asset.Accesses);
        return
        [
            .. assets.Select(asset => (Asset: asset, Score: Score(asset, weights, most)))
                .OrderByDescending(one => one.Score).ThenBy(one => one.Asset.SizeBytes ?? long.MaxValue)
                .ThenBy(one => one.Asset.Id),
        ];
    }
}
