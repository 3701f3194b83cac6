namespace Waypost.Rescue.Policy;

/// <summary>Deficit round robin between the nodes that compete for one scarce source, in a world where nodes ask.
/// </summary>
/// <remarks>
/// Each connection that comes free is credited to the nodes that have asked lately, in equal shares by weight. A node
/// takes one when its credit is a whole one; so one that asks ten times as often gets no more. Credit does not pile
/// up: who does not take leaves it to the others.
/// </remarks>
sealed class FairShare
{
    /// <summary>Who has not asked for so long competes no longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>No node saves up more than this.</summary>
    const double MostCredit = 2;

    /// <summary>No source has more nodes competing than are counted.</summary>
    const int MostContenders = 10_000;

    sealed class Contender
    {
        public double Weight { get; set; }
        public double Credit { get; set; }
        public DateTimeOffset AskedAt { get; set; }
    }

    readonly SortedDictionary<long, Contender> contenders = [];

    /// <summary>How many compete.</summary>
    public int Count => contenders.Count;

    /// <summary>A node asks for the source.</summary>
    public void Ask(long nodeId, double weight, DateTimeOffset now)
    {
        foreach (var gone in contenders.Where(pair => now - pair.Value.AskedAt > Patience).ToList())
            contenders.Remove(gone.Key);
        if (!contenders.TryGetValue(nodeId, out var contender))
        {
            if (contenders.Count == MostContenders) return;
            contenders.Add(nodeId, contender = new Contender());
        }
        (contender.Weight, contender.AskedAt) = (Math.Max(0.001, weight), now);
    }

    /// <summary>So many connections came free: their credit goes to all who compete, what one cannot hold to the
    /// rest.</summary>
    public void Free(double connections)
    {
        for (var round = 0; round < 8 && connections > 1e-9; round++)
        {
            var open = contenders.Values.Where(contender => contender.Credit < MostCredit).ToList();
            if (open.Count == 0) return;
            var weight = open.Sum(contender => contender.Weight);
            var given = 0.0;
            foreach (var contender in open)
            {
                var part = Math.Min(
                    MostCredit - contender.Credit, connections * contender.Weight / weight);
                contender.Credit += part;
                given += part;
            }
            connections -= given;
        }
    }

    /// <summary>Whether it is this node's turn: its credit is whole, or nobody's is and it has the most.</summary>
    public bool MayTake(long nodeId) => contenders.Count < 2
        || (contenders.TryGetValue(nodeId, out var contender)
            && (contender.Credit >= 1 - 1e-9
                || contenders.Values.All(other => other.Credit <= contender.Credit + 1e-9)));

    /// <summary>It took one.</summary>
    public void Take(long nodeId)
    {
        if (contenders.TryGetValue(nodeId, out var contender)) contender.Credit -= 1;
    }
}
