namespace Waypost.Rescue.Policy;

/// <summary>What can fail at once: copies in different domains are not lost together. 0 is unknown and shared with
/// nobody.</summary>
readonly record struct Domain(int Operator, int Network, int Country, int Disk);

/// <summary>What the policy needs to know of an asset.</summary>
/// <param name="Id">The asset's number in its organization.</param>
/// <param name="Source">Which source serves it.</param>
/// <param name="Weight">Its value, more than 0.</param>
/// <param name="Hazard">By <see cref="Score.Hazard"/>.</param>
/// <param name="Bytes">Its size; null while nobody knows it.</param>
/// <param name="Kind">Its kind, which tells what to reserve for an unknown size.</param>
/// <param name="Target">How many copies are wanted now (by <see cref="Repair"/>); 0 takes it out.</param>
/// <param name="Copies">Verified copies.</param>
/// <param name="InFlight">Live leases.</param>
/// <param name="CredibleCopies">Copies and leases, each weighted by its node's trust and survival.</param>
/// <param name="WaitingSince">Since when it has wanted a copy.</param>
/// <param name="IsOpen">False while it is probed, blocked or retired.</param>
/// <param name="FromPeers">A node that holds it can serve it, so the source is spared.</param>
/// <param name="Holders">The nodes that have a copy or a lease of it.</param>
readonly record struct AssetFacts(
    long Id, int Source, double Weight, double Hazard, long? Bytes, int Kind, int Target, int Copies, int InFlight,
    double CredibleCopies, DateTimeOffset WaitingSince, bool IsOpen, bool FromPeers, long[] Holders)
{
    /// <summary>How many copies are missing that nobody is making.</summary>
    public int Deficit => IsOpen ? Math.Max(0, Target - Copies - InFlight) : 0;
}

/// <summary>What a node may still take. The least of all its limits counts.</summary>
/// <param name="DeclaredBytes">What the volunteer gives to the campaign.</param>
/// <param name="HeldBytes">What it holds for the campaign.</param>
/// <param name="ReservedBytes">What its live leases will need.</param>
/// <param name="DiskFreeBytes">What its disk had free at the last heartbeat.</param>
/// <param name="DiskReserveBytes">What must stay free on it.</param>
/// <param name="TransferLeftBytes">What is left of this month's transfer; null is no limit.</param>
/// <param name="FreeSlots">How many more leases it may have.</param>
readonly record struct NodeCapacity(
    long DeclaredBytes, long HeldBytes, long ReservedBytes, long DiskFreeBytes, long DiskReserveBytes,
    long? TransferLeftBytes, int FreeSlots)
{
    /// <summary>Bytes that may still be promised to it: min(declared, free - reserve) less what is promised.</summary>
    public long AvailableBytes => Math.Max(
        0, Math.Min(DeclaredBytes - HeldBytes, DiskFreeBytes - DiskReserveBytes) - ReservedBytes);

    /// <summary>Bytes that it may still move.</summary>
    public long MovableBytes => Math.Max(0, TransferLeftBytes ?? long.MaxValue);

    /// <summary>The same node after one more lease.</summary>
    public NodeCapacity Reserve(long bytes) => this with
    {
        ReservedBytes = ReservedBytes + bytes,
        TransferLeftBytes = TransferLeftBytes - bytes,
        FreeSlots = FreeSlots - 1,
    };
}

/// <summary>Whether a node gets work at all.</summary>
enum NodeStanding { Active, Asleep, Paused, Draining, Suspect, Quarantined, Gone }

/// <summary>What the policy needs to know of a node.</summary>
/// <param name="Id">The node's number in its organization.</param>
/// <param name="Capacity">What it may still take.</param>
/// <param name="BytesPerSecond">What one of its transfers makes while it is on.</param>
/// <param name="Duty">The share of the time that it is on, 0 to 1.</param>
/// <param name="Credibility">Trust x survival, 0 to 1: what its copy counts.</param>
/// <param name="Domain">What it fails together with.</param>
/// <param name="Standing">Whether it gets work.</param>
/// <param name="StandingUntil">When that may change by itself.</param>
readonly record struct NodeFacts(
    long Id, NodeCapacity Capacity, double BytesPerSecond, double Duty, double Credibility, Domain Domain,
    NodeStanding Standing = NodeStanding.Active, DateTimeOffset? StandingUntil = null);

/// <summary>A node's request.</summary>
/// <param name="NodeId">Who asks.</param>
/// <param name="Count">How many assets at the most.</param>
/// <param name="Chance">A random number in [0, 1) that decides about the giants' lane.</param>
readonly record struct Wanted(long NodeId, int Count, double Chance);

/// <summary>An asset that a node should get.</summary>
/// <param name="AssetId">Which.</param>
/// <param name="Score">S(a, n).</param>
/// <param name="ReservedBytes">What to reserve for it on the node.</param>
/// <param name="IsProbe">Its size is asked for first; nothing is downloaded.</param>
/// <param name="FromPeers">From other nodes; otherwise a token of its source goes with it.</param>
/// <param name="Why">Which rule chose it.</param>
readonly record struct Picked(
    long AssetId, double Score, long ReservedBytes, bool IsProbe, bool FromPeers, PickRule Why);

/// <summary>Which rule chose an asset.</summary>
enum PickRule
{
    /// <summary>It had the best score.</summary>
    BestScore,

    /// <summary>It was the giants' turn.</summary>
    Lane,

    /// <summary>Of what still fits, it fills the node best.</summary>
    BestFit,
}
