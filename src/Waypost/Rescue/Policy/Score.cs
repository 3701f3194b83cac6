namespace Waypost.Rescue.Policy;

/// <summary>How much it is worth to give an asset to a node now: the expected loss that one more copy avoids, for the
/// time that it takes.</summary>
/// <remarks>
/// S(a, n) = weight x hazard x [P(lost | c) - P(lost | c + this copy)] x diversity x aging / (ETA + overhead)^beta.
/// Each factor is a function here, so that an explanation can show them one by one.
/// </remarks>
static class Score
{
    /// <summary>The rate that the index is sorted for; any other only makes its bounds a little wider.</summary>
    public const double ReferenceBytesPerSecond = 2_000_000;

    /// <summary>What an asset is worth by its rank (1 is the most urgent); unranked counts as far behind.</summary>
    public static double WeightOfRank(int? rank, PolicySettings settings) =>
        Math.Pow(Math.Max(1, rank ?? 1_000_000), -settings.RankExponent);

    /// <summary>How likely the source is to lose it soon, relative to a calm one (1).</summary>
    /// <param name="threat">From 0 (safe) to 1 (somebody said that it will go).</param>
    /// <param name="sourceErrorRate">The share of recent requests that the source failed.</param>
    /// <param name="toTakedown">The time until an announced end; null when none is announced.</param>
    /// <param name="settings">The knobs.</param>
    public static double Hazard(
        double threat, double sourceErrorRate, TimeSpan? toTakedown, PolicySettings settings)
    {
        var announced = toTakedown is not { } left ? 0
            : settings.TakedownFactor * Math.Exp(-Math.Max(0, left / settings.TakedownHorizon));
        return (1 + settings.ThreatFactor * Math.Clamp(threat, 0, 1))
            * (1 + settings.SourceErrorFactor * Math.Clamp(sourceErrorRate, 0, 1)) * (1 + announced);
    }

    /// <summary>The chance that all of so many credible copies are lost; a copy under way counts by its node's
    /// credibility, so the number need not be whole.</summary>
    public static double Lost(double credibleCopies, PolicySettings settings) =>
        Math.Pow(settings.LossPerCopy, credibleCopies);

    /// <summary>What one more copy with a node of this credibility (trust x survival, 0 to 1) takes off the chance of
    /// losing all.</summary>
    public static double MarginalLoss(double lost, double credibility, PolicySettings settings) =>
        lost * (1 - Lost(credibility, settings));

    /// <summary>What a copy in this domain adds beside those: 1, less for each domain that one of them shares.
    /// </summary>
    public static double Diversity(Domain node, ReadOnlySpan<Domain> holders, PolicySettings settings)
    {
        bool sharesOperator = false, sharesNetwork = false, sharesCountry = false, sharesDisk = false;
        foreach (var holder in holders)
        {
            sharesOperator |= Same(node.Operator, holder.Operator);
            sharesNetwork |= Same(node.Network, holder.Network);
            sharesCountry |= Same(node.Country, holder.Country);
            sharesDisk |= Same(node.Disk, holder.Disk);
        }
        var factor = 1.0;
        if (sharesOperator) factor *= settings.SharedDomainFactor;
        if (sharesNetwork) factor *= settings.SharedDomainFactor;
        if (sharesCountry) factor *= settings.SharedDomainFactor;
        if (sharesDisk) factor *= settings.SharedDomainFactor;
        return factor;
    }

    /// <summary>Seconds until a node would have it: bytes over the slower of the node and its share of the source,
    /// stretched by the hours that the node is off.</summary>
    public static double Eta(long bytes, double nodeBytesPerSecond, double sourceBytesPerSecond, double duty) =>
        bytes / Rate(nodeBytesPerSecond, sourceBytesPerSecond, duty);

    /// <summary>Bytes a second that such a transfer makes in the long run.</summary>
    public static double Rate(double nodeBytesPerSecond, double sourceBytesPerSecond, double duty) =>
        Math.Max(1, Math.Min(nodeBytesPerSecond, sourceBytesPerSecond)) * Math.Clamp(duty, 0.01, 1);

    /// <summary>What the time that a transfer takes leaves of an asset's worth.</summary>
    public static double TimeFactor(double etaSeconds, PolicySettings settings) =>
        Math.Pow(etaSeconds + settings.Overhead.TotalSeconds, -settings.TimeExponent);

    /// <summary>What waiting adds, so that nothing waits for ever.</summary>
    public static double Aging(double waitedSeconds, PolicySettings settings) =>
        1 + Math.Max(0, waitedSeconds) / settings.AgingTime.TotalSeconds;

    /// <summary>S(a, n): all of it.</summary>
    /// <param name="worth">Weight x hazard.</param>
    /// <param name="credibleCopies">Copies and leases, weighted.</param>
    /// <param name="credibility">What a copy with this node counts.</param>
    /// <param name="diversity">By <see cref="Diversity"/>.</param>
    /// <param name="etaSeconds">By <see cref="Eta"/>.</param>
    /// <param name="waitedSeconds">How long it has wanted a copy.</param>
    /// <param name="settings">The knobs.</param>
    public static double Of(
        double worth, double credibleCopies, double credibility, double diversity, double etaSeconds,
        double waitedSeconds, PolicySettings settings) =>
        worth * MarginalLoss(Lost(credibleCopies, settings), credibility, settings) * diversity
        * TimeFactor(etaSeconds, settings) * Aging(waitedSeconds, settings);

    static bool Same(int one, int other) => one != 0 && one == other;
}
