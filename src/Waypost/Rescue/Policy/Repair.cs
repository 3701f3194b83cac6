namespace Waypost.Rescue.Policy;

/// <summary>How many copies an asset is to have: repaired below the least, filled to the target, trimmed above the
/// most.</summary>
/// <param name="Least">At least 1.</param>
/// <param name="Most">At least <paramref name="Least"/>.</param>
readonly record struct ReplicaRule(int Least, int Most)
{
    /// <summary>Where filling stops: half way, so that neither one loss nor one gain sets off anything.</summary>
    public int Target => Least + ((Most - Least + 1) / 2);
}

/// <summary>A copy as repair sees it.</summary>
/// <param name="NodeId">Who holds it.</param>
/// <param name="Domain">What it fails together with.</param>
/// <param name="Credibility">Trust x survival.</param>
/// <param name="IsVerified">Its hash is the canonical one.</param>
/// <param name="Vitality">What its node's silence means.</param>
/// <param name="LastSeen">When its node last spoke.</param>
/// <param name="NextOn">When its node is usually on next.</param>
/// <param name="IsDraining">Its node wants to leave.</param>
sealed record HeldCopy(
    long NodeId, Domain Domain, double Credibility, bool IsVerified, Vitality Vitality, DateTimeOffset LastSeen,
    DateTimeOffset NextOn, bool IsDraining);

/// <summary>What is to be done about an asset's copies.</summary>
/// <param name="Target">How many copies and leases it is to have now; what it has when nothing is to be done.</param>
/// <param name="Counted">Copies that count.</param>
/// <param name="IsRepairing">Whether it is being filled; to be given back the next time.</param>
/// <param name="Release">Nodes that may drop their copy.</param>
readonly record struct RepairPlan(int Target, int Counted, bool IsRepairing, IReadOnlyList<long> Release);

/// <summary>Repair without storms: a node that is merely absent is waited for, and one copy too few or too many moves
/// nothing.</summary>
static class Repair
{
    /// <summary>How long after a node should have been back its copies still count.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(24);

    /// <summary>What to do now.</summary>
    /// <param name="rule">How many copies are wanted.</param>
    /// <param name="copies">What there is.</param>
    /// <param name="wasRepairing">Whether it was being filled; a new asset is.</param>
    /// <param name="now">Now.</param>
    /// <param name="settings">The knobs.</param>
    public static RepairPlan Plan(
        ReplicaRule rule, IReadOnlyList<HeldCopy> copies, bool wasRepairing, DateTimeOffset now,
        PolicySettings settings)
    {
        var counted = copies.Where(copy => copy.IsVerified && IsThere(copy, now)).ToList();
        var staying = counted.Where(copy => !copy.IsDraining).ToList();
        var isRepairing = staying.Count < (wasRepairing ? rule.Target : rule.Least);
        // Copies that drain do not count, but are there until others have taken their place.
        var release = staying.Count >= rule.Least
            ? counted.Where(copy => copy.IsDraining).Select(copy => copy.NodeId).ToList() : [];
        if (staying.Count > rule.Most) release.AddRange(Trim(staying, staying.Count - rule.Target, settings));
        return new(
            isRepairing ? rule.Target : staying.Count, staying.Count, isRepairing, release);
    }

    /// <summary>Whether a copy still counts: its node speaks, sleeps, or has not been missed for long.</summary>
    public static bool IsThere(HeldCopy copy, DateTimeOffset now) =>
        copy.Vitality is Vitality.Alive or Vitality.Asleep || now < MissedFrom(copy);

    /// <summary>From when on an absent node's copies no longer count: a grace after it should have been back.
    /// </summary>
    public static DateTimeOffset MissedFrom(HeldCopy copy) =>
        (copy.NextOn > copy.LastSeen ? copy.NextOn : copy.LastSeen) + Grace;

    /// <summary>Those that the others miss least: one by one the copy whose going leaves the least chance of loss.
    /// </summary>
    static List<long> Trim(List<HeldCopy> copies, int count, PolicySettings settings)
    {
        var left = copies.ToList();
        var dropped = new List<long>();
        for (var i = 0; i < count; i++)
        {
            var least = left.MinBy(copy => (Worth(copy, left, settings), copy.NodeId))!;
            left.Remove(least);
            dropped.Add(least.NodeId);
        }
        return dropped;
    }

    static double Worth(HeldCopy copy, List<HeldCopy> all, PolicySettings settings) =>
        copy.Credibility * Score.Diversity(
            copy.Domain, all.Where(other => other != copy).Select(other => other.Domain).ToArray(), settings);
}
