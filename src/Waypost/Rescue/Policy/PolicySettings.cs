namespace Waypost.Rescue.Policy;

/// <summary>Every knob of the rescue policy, with the recommended value as its default.</summary>
/// <remarks>
/// The defaults are those that the policy comparison of <c>docs/decisions/008</c> was made with. A value out of its
/// range would not fail, it would quietly rescue the wrong things first; so <see cref="Problems"/> names each.
/// </remarks>
sealed record PolicySettings
{
    /// <summary>The chance that one fully credible copy is lost before it is needed, in (0, 1).</summary>
    public double LossPerCopy { get; init; } = 0.15;

    /// <summary>How strongly a long transfer counts against an asset: 0 not at all, 1 in proportion, in [0, 2].
    /// </summary>
    public double TimeExponent { get; init; } = 0.5;

    /// <summary>What any transfer costs beside its bytes (asking, connecting, verifying), from 1 s to 1 h.</summary>
    public TimeSpan Overhead { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How fast the value of a rank falls: weight = rank^-exponent, in [0, 3].</summary>
    public double RankExponent { get; init; } = 0.5;

    /// <summary>How much more a fully threatened asset counts than a safe one, in [0, 100].</summary>
    public double ThreatFactor { get; init; } = 3;

    /// <summary>How much more an asset counts whose source fails always, in [0, 100].</summary>
    public double SourceErrorFactor { get; init; } = 1;

    /// <summary>How much more an asset counts on the day that it is announced to go, in [0, 100].</summary>
    public double TakedownFactor { get; init; } = 9;

    /// <summary>How long before an announced end its urgency is felt, from 1 h to 365 days.</summary>
    public TimeSpan TakedownHorizon { get; init; } = TimeSpan.FromDays(7);

    /// <summary>What is left of a copy's worth for each failure domain it shares with another copy, in (0, 1].
    /// </summary>
    public double SharedDomainFactor { get; init; } = 0.5;

    /// <summary>The most copies and leases of one asset with one operator, from 1 to 100.</summary>
    public int CopiesPerOperator { get; init; } = 2;

    /// <summary>After waiting so long an asset counts twice, after twice as long three times; 1 h to 3,650 days.
    /// </summary>
    public TimeSpan AgingTime { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How often, on average over nodes, a request is first offered a giant, in [0, 1].</summary>
    public double LaneShare { get; init; } = 0.1;

    /// <summary>Which quantile of the sizes begins the giants, in [0.5, 0.999].</summary>
    public double LaneQuantile { get; init; } = 0.9;

    /// <summary>Whether an unknown size is asked for first; else the kind's 95th percentile is reserved.</summary>
    public bool ProbesUnknownSizes { get; init; } = true;

    /// <summary>What is reserved for an unknown size of a kind that nothing is known of, in bytes, 1 to 2^50.</summary>
    public long UnknownBytes { get; init; } = 1L << 30;

    /// <summary>How many assets one request may weigh before it takes the best it has seen, 100 to 10,000,000.
    /// </summary>
    public int ScanLimit { get; init; } = 20_000;

    /// <summary>How the phi of <see cref="Liveness"/> is judged: no new work from here on, in [1, 100].</summary>
    public double SuspectPhi { get; init; } = 8;

    /// <summary>From here on a node's leases go to others, in [<see cref="SuspectPhi"/>, 200].</summary>
    public double ReassignPhi { get; init; } = 12;

    /// <summary>The share of right copies under which a node is quarantined, in [0, 1).</summary>
    public double QuarantineTrust { get; init; } = 0.8;

    /// <summary>The least share of copies that are verified again however trusted the node, in [0, 1].</summary>
    public double VerificationFloor { get; init; } = 0.02;

    /// <summary>The shortest lease, 10 s to 1 day.</summary>
    public TimeSpan LeastLease { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest lease between two heartbeats, up to 30 days.</summary>
    public TimeSpan LongestLease { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many times the expected transfer time a lease lasts, in [1, 100].</summary>
    public double LeaseSlack { get; init; } = 3;

    /// <summary>What is wrong with these values: the knob, what it is and what it may be. Empty when all is well.
    /// </summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        Between(nameof(LossPerCopy), LossPerCopy, 0.0001, 0.9999);
        Between(nameof(TimeExponent), TimeExponent, 0, 2);
        Lasts(nameof(Overhead), Overhead, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Between(nameof(RankExponent), RankExponent, 0, 3);
        Between(nameof(ThreatFactor), ThreatFactor, 0, 100);
        Between(nameof(SourceErrorFactor), SourceErrorFactor, 0, 100);
        Between(nameof(TakedownFactor), TakedownFactor, 0, 100);
        Lasts(nameof(TakedownHorizon), TakedownHorizon, TimeSpan.FromHours(1), TimeSpan.FromDays(365));
        Between(nameof(SharedDomainFactor), SharedDomainFactor, 0.0001, 1);
        Between(nameof(CopiesPerOperator), CopiesPerOperator, 1, 100);
        Lasts(nameof(AgingTime), AgingTime, TimeSpan.FromHours(1), TimeSpan.FromDays(3650));
        Between(nameof(LaneShare), LaneShare, 0, 1);
        Between(nameof(LaneQuantile), LaneQuantile, 0.5, 0.999);
        Between(nameof(UnknownBytes), UnknownBytes, 1, 1L << 50);
        Between(nameof(ScanLimit), ScanLimit, 100, 10_000_000);
        Between(nameof(SuspectPhi), SuspectPhi, 1, 100);
        Between(nameof(ReassignPhi), ReassignPhi, SuspectPhi, 200);
        Between(nameof(QuarantineTrust), QuarantineTrust, 0, 0.9999);
        Between(nameof(VerificationFloor), VerificationFloor, 0, 1);
        Lasts(nameof(LeastLease), LeastLease, TimeSpan.FromSeconds(10), TimeSpan.FromDays(1));
        Lasts(nameof(LongestLease), LongestLease, LeastLease, TimeSpan.FromDays(30));
        Between(nameof(LeaseSlack), LeaseSlack, 1, 100);
        return problems;

        void Between(string knob, double value, double least, double most)
        {
            // Not a number is not between anything.
            if (!(value >= least && value <= most))
                problems.Add(FormattableString.Invariant(
                    $"{knob} is {value} and must lie between {least} and {most}."));
        }

        void Lasts(string knob, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
                problems.Add($"{knob} is {value} and must lie between {least} and {most}.");
        }
    }
}
