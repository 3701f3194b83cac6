using Waypost.Rescue.Policy;

namespace Waypost.Tests.Simulation;

/// <summary>How a variant chooses.</summary>
enum RescueOrder
{
    /// <summary>The shipped matcher.</summary>
    Matcher,

    /// <summary>The existing dispatcher: the first hundred by rank and size, to everybody, without a reservation.
    /// </summary>
    TopHundred,

    /// <summary>Any that nobody has.</summary>
    AnyUnrescued,

    /// <summary>The first by rank that nobody has or makes.</summary>
    ByRank,
}

/// <summary>A policy of the comparison.</summary>
/// <param name="Name">As the tables name it.</param>
/// <param name="Order">How it chooses.</param>
/// <param name="Settings">The matcher's knobs.</param>
/// <param name="Copies">How many copies it wants.</param>
/// <param name="KeepsLimits">Whether sources are treated politely.</param>
/// <param name="KnowsTheEnd">Whether it is told which sources go dark, and when.</param>
sealed record RescueVariant(
    string Name, RescueOrder Order, PolicySettings Settings, int Copies, bool KeepsLimits, bool KnowsTheEnd = false)
{
    /// <summary>The older ones can neither resume nor fetch from each other.</summary>
    public bool IsModern => Order == RescueOrder.Matcher;

    /// <summary>What is shipped.</summary>
    public static RescueVariant Default { get; } =
        new("default", RescueOrder.Matcher, new PolicySettings(), 3, true);

    public static RescueVariant Upstream { get; } = new("P0-upstream", RescueOrder.TopHundred, new(), 3, false);

    public static IReadOnlyList<RescueVariant> All { get; } =
    [
        Upstream,
        new("P1-random-set", RescueOrder.AnyUnrescued, new(), 1, false),
        new("P2-prio-fixed-lease", RescueOrder.ByRank, new(), 1, false),
        // A copy that hardly lowers the chance of loss is worth as much as the one before: rank decides alone.
        new("P3-prio-depth-R3", RescueOrder.Matcher, Plain(0) with { LossPerCopy = 0.999, SharedDomainFactor = 1 },
            3, true),
        new("P4-scarcity-R3", RescueOrder.Matcher, Plain(1), 3, true),
        new("P5-scarcity-no-hostcap", RescueOrder.Matcher, Plain(1), 3, false),
        new("P6-scarcity-no-size-term", RescueOrder.Matcher, Plain(0), 3, true),
        new("P7-scarcity-sqrt-size", RescueOrder.Matcher, Plain(0.5), 3, true),
        new("P8-scarcity-threat-aware", RescueOrder.Matcher, Plain(1), 3, true, KnowsTheEnd: true),
        Default,
    ];

    /// <summary>The score without aging to speak of and without the giants' lane.</summary>
    static PolicySettings Plain(double timeExponent) =>
        new() { TimeExponent = timeExponent, LaneShare = 0, AgingTime = TimeSpan.FromDays(3650) };
}
