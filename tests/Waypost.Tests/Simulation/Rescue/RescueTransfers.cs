using Waypost.Rescue.Policy;

namespace Waypost.Tests.Simulation;

/// <summary>Asking for work, and what becomes of a transfer.</summary>
sealed partial class RescueSimulation
{
    const int PeersServedAtOnce = 2, MostTries = 12;

    void Ask(int id)
    {
        var (node, state) = (world.Volunteers[id], nodes[id]);
        if (state.IsGone || !node.IsOn(now)) return;
        var free = Slots - state.Works.Count;
        var before = state.Works.Count;
        if (free > 0)
        {
            TellNode(id);
            foreach (var asset in Choose(id, free)) Grant(id, asset);
        }
        if (state.Works.Count == Slots) return;
        // Nothing to do: ask again, ever more rarely; what begins or ends wakes it before.
        state.Backoff = state.Works.Count > before ? 60 : Math.Min(7200, Math.Max(60, state.Backoff * 2));
        AskAt(id, now + state.Backoff * (1 + (random.NextDouble() * 0.1)));
    }

    IEnumerable<int> Choose(int id, int free) => variant.Order switch
    {
        RescueOrder.Matcher => matcher.PickAndHold(new Wanted(id, free, random.NextDouble()), Clock)
            .Select(picked => (int)picked.AssetId).ToList(),
        RescueOrder.TopHundred => Planned(id, free, TopHundred),
        RescueOrder.AnyUnrescued => Planned(id, free, AnyUnrescued),
        _ => ByRank(id, free).ToList(),
    };

    /// <summary>The older clients get a list and work through it, whatever happens meanwhile.</summary>
    List<int> Planned(int id, int free, Func<int, IEnumerable<int>> list)
    {
        var state = nodes[id];
        if (state.Planned.Count == 0 && state.Works.Count == 0)
            foreach (var asset in list(id)) state.Planned.Enqueue(asset);
        var chosen = new List<int>();
        while (chosen.Count < free && state.Planned.TryDequeue(out var next))
            if (!assets[next].Holders.Contains(id)) chosen.Add(next);
        return chosen;
    }

    IEnumerable<int> TopHundred(int id)
    {
        while (firstByRank < byRank.Length && assets[byRank[firstByRank]].IsRescued) firstByRank++;
        var left = world.Volunteers[id].Disk - nodes[id].Used;
        var seen = 0;
        for (var i = firstByRank; i < byRank.Length && seen < 100; i++)
        {
            if (assets[byRank[i]].IsRescued) continue;
            seen++;
            var bytes = world.Assets[byRank[i]].Bytes;
            if (bytes > left) continue;
            left -= bytes;
            yield return byRank[i];
        }
    }

    IEnumerable<int> AnyUnrescued(int id)
    {
        var left = world.Volunteers[id].Disk - nodes[id].Used;
        for (var tries = 0; tries < 100; tries++)
        {
            var asset = random.Next(assets.Length);
            if (assets[asset].IsRescued || world.Assets[asset].Bytes > left) continue;
            left -= world.Assets[asset].Bytes;
            yield return asset;
        }
    }

    IEnumerable<int> ByRank(int id, int free)
    {
        while (firstByRank < byRank.Length && assets[byRank[firstByRank]].IsRescued) firstByRank++;
        var left = world.Volunteers[id].Disk - nodes[id].Used - nodes[id].Reserved;
        for (var i = firstByRank; i < byRank.Length && free > 0; i++)
        {
            var asset = byRank[i];
            if (assets[asset] is { IsRescued: true } or { Makers.Count: > 0 } or { IsResting: true }) continue;
            if (world.Assets[asset].Bytes > left) continue;
            left -= world.Assets[asset].Bytes;
            free--;
            yield return asset;
        }
    }

    void Grant(int id, int asset)
    {
        var work = new Work(id, asset) { Left = world.Assets[asset].Bytes, GrantedAt = now };
        nodes[id].Works.Add(work);
        nodes[id].Reserved += world.Assets[asset].Bytes;
        assets[asset].Makers.Add(id);
        TryBegin(work);
        Tell(asset);
    }

    /// <summary>Begins or goes on: from a peer when one serves, else from the source as it allows.</summary>
    void TryBegin(Work work)
    {
        var asset = world.Assets[work.Asset];
        work.Peer = variant.IsModern ? BestPeer(work) : -1;
        if (work.Peer >= 0)
        {
            nodes[work.Peer].Uploads++;
            Run(work, world.Volunteers[work.Peer].Up / PeersServedAtOnce);
            return;
        }
        var source = world.Sources[asset.Source];
        if (Sources.Room(limits, states[source.Id], Clock).Connections < 1) { Later(work); return; }
        Lend(source.Id, Sources.Take(limits, states[source.Id], Clock));
        work.LentAt = now;
        if (now >= source.DarkAt) Refuse(work, SourceOutcome.Failed, null);
        else if (realInFlight[source.Id] >= source.Bears)
        {
            overloads++;
            Refuse(work, SourceOutcome.Overloaded, TimeSpan.FromMinutes(1));
        }
        else
        {
            realInFlight[source.Id]++;
            Run(work, source.PerConnection);
        }
    }

    void Run(Work work, double most)
    {
        (work.IsRunning, work.Since, work.Most, work.Rate, work.Tries) = (true, now + Connecting, most, 0, 0);
        Share(work.Node);
    }

    /// <summary>A volunteer's line is shared by what runs on it, whenever something begins or ends.</summary>
    void Share(int id)
    {
        var running = nodes[id].Works.Count(work => work.IsRunning);
        foreach (var work in nodes[id].Works)
        {
            if (!work.IsRunning) continue;
            Settle(work);
            work.Rate = Math.Min(work.Most, world.Volunteers[id].Down / running);
            work.Stamp++;
            At(work.Since + (work.Left / work.Rate), Kind.Arrived, id, work);
        }
    }

    void Settle(Work work)
    {
        var came = Math.Min(work.Left, Math.Max(0, now - work.Since) * work.Rate);
        moved += came;
        work.Moved += came;
        work.Left -= came;
        work.Since = Math.Max(work.Since, now);
    }

    void Refuse(Work work, SourceOutcome outcome, TimeSpan? retryAfter)
    {
        var source = world.Assets[work.Asset].Source;
        var back = Sources.Return(limits, states[source], start.AddSeconds(work.LentAt), outcome, retryAfter, Clock);
        // The older ones know no politeness: neither a pause nor a smaller cap.
        Lend(source, variant.KeepsLimits ? back
            : back with { Cap = limits.MostInFlight, ClosedUntil = default, Failures = 0 });
        Later(work);
    }

    /// <summary>Waits and tries again; in the end the lease is handed back and the asset rests for a while.</summary>
    void Later(Work work)
    {
        // What has come so far is worth a day of waiting for a peer to wake or a source to come back.
        work.Tries++;
        if (work.Tries < (work.Moved > 0 ? MostTries * 12 : MostTries))
        {
            At(now + (60 * Math.Min(10, work.Tries)), Kind.Retry, work.Node, work);
            return;
        }
        End(work);
        var state = assets[work.Asset];
        state.IsResting = true;
        At(now + 3600, Kind.Reopen, work.Asset);
        Tell(work.Asset);
        AskAt(work.Node, now + 1);
    }

    int BestPeer(Work work)
    {
        var best = -1;
        foreach (var holder in assets[work.Asset].Holders)
        {
            var state = nodes[holder];
            if (state.IsGone || state.Uploads >= PeersServedAtOnce || !world.Volunteers[holder].IsOn(now)) continue;
            if (best < 0 || world.Volunteers[holder].Up > world.Volunteers[best].Up) best = holder;
        }
        return best;
    }

    /// <summary>Stops moving bytes and gives back the connection; what came so far stays when it can be resumed.
    /// </summary>
    void Halt(Work work)
    {
        if (!work.IsRunning) return;
        Settle(work);
        work.IsRunning = false;
        work.Stamp++;
        if (work.Peer >= 0) nodes[work.Peer].Uploads--;
        else
        {
            var source = world.Assets[work.Asset].Source;
            realInFlight[source]--;
            Lend(source, Sources.Return(
                limits, states[source], start.AddSeconds(work.LentAt),
                work.Left <= 0 ? SourceOutcome.Served : SourceOutcome.Unknown, null, Clock));
        }
        work.Peer = -1;
    }

    void Arrive(Work work)
    {
        Settle(work);
        // What arithmetic has rounded off has come, too.
        work.Left = 0;
        Halt(work);
        End(work);
        Share(work.Node);
        var (state, asset, node) = (assets[work.Asset], world.Assets[work.Asset], nodes[work.Node]);
        var isLate = variant.Order == RescueOrder.ByRank && now - work.GrantedAt > FixedLease;
        // A copy that nobody needed is waste, and so is one whose lease went to another meanwhile.
        if (state.Holders.Count >= variant.Copies || isLate) wasted += asset.Bytes;
        if (isLate) { Tell(work.Asset); AskAt(work.Node, now); return; }
        node.Used += asset.Bytes;
        node.Held.Add(work.Asset);
        state.Holders.Add(work.Node);
        state.IsRescued = true;
        Tell(work.Asset);
        AskAt(work.Node, now);
    }

    void End(Work work)
    {
        Halt(work);
        if (work.Left > 0) wasted += work.Moved;
        work.IsOver = true;
        nodes[work.Node].Works.Remove(work);
        nodes[work.Node].Reserved -= world.Assets[work.Asset].Bytes;
        assets[work.Asset].Makers.Remove(work.Node);
    }

    void Switch(int id)
    {
        var node = world.Volunteers[id];
        if (nodes[id].IsGone) return;
        if (double.IsFinite(node.NextSwitch(now))) At(node.NextSwitch(now + 1e-3), Kind.Switch, id);
        if (node.IsOn(now + 1e-3)) { Wake(id); return; }
        foreach (var work in nodes[id].Works) Interrupt(work);
        // Whoever fetches from this one has to look for another.
        InterruptFetchesFrom(id);
    }

    void Wake(int id)
    {
        foreach (var work in nodes[id].Works) At(now + 1, Kind.Retry, id, work);
        AskAt(id, now + 2);
    }

    void Interrupt(Work work)
    {
        Halt(work);
        if (variant.IsModern) return;
        wasted += work.Moved;
        (work.Moved, work.Left) = (0, world.Assets[work.Asset].Bytes);
    }

    void InterruptFetchesFrom(int id)
    {
        foreach (var other in nodes)
            foreach (var work in other.Works)
            {
                if (work.Peer != id || !work.IsRunning) continue;
                Interrupt(work);
                Share(work.Node);
                At(now + 1, Kind.Retry, work.Node, work);
            }
    }

    void Leave(int id)
    {
        nodes[id].IsGone = true;
        foreach (var work in nodes[id].Works) Halt(work);
        InterruptFetchesFrom(id);
        At(now + GraceSeconds, Kind.Missed, id);
    }

    /// <summary>Nobody has heard of it for so long: its copies no longer count and its leases are others'.</summary>
    void Miss(int id)
    {
        var state = nodes[id];
        matcher.RemoveNode(id);
        foreach (var work in state.Works.ToList()) { End(work); Tell(work.Asset); }
        foreach (var asset in state.Held)
        {
            assets[asset].Holders.Remove(id);
            Tell(asset);
        }
    }

    void GoDark(int id)
    {
        foreach (var node in nodes)
            foreach (var work in node.Works)
            {
                if (!work.IsRunning || work.Peer >= 0 || world.Assets[work.Asset].Source != id) continue;
                Interrupt(work);
                Share(work.Node);
                At(now + 60, Kind.Retry, work.Node, work);
            }
    }

    void Lend(int source, SourceState state)
    {
        states[source] = state;
        matcher.SetSource(source, limits, state, world.Sources[source].PerConnection);
    }
}
