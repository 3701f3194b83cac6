using Waypost.Rescue.Policy;
using Xunit;

namespace Waypost.Tests.Rescue.Policy;

/// <summary>The index finds what looking at everything finds, and what follows from the score follows.</summary>
public sealed class MatcherTests
{
    static readonly DateTimeOffset Now = Fleet.Now;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory, MemberData(nameof(Seeds))]
    public void A_node_gets_the_best_of_what_a_plain_scan_finds(int seed)
    {
        var random = new Random(seed);
        var fleet = Fleet.Random(random, 400, 12, 5, areSizesKnown: seed % 2 == 0);
        var matcher = fleet.Matcher();
        foreach (var node in fleet.Nodes)
        {
            var scanned = fleet.Scan(node);
            var picked = matcher.Pick(new Wanted(node.Id, 1, 0.999), Now);
            Assert.Equal(scanned.Count > 0 ? 1 : 0, picked.Count);
            if (picked.Count > 0) AssertClose(scanned[0].Score, picked[0].Score, $"seed {seed}, node {node.Id}");
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Many_at_once_are_the_best_in_order_as_long_as_they_fit(int seed)
    {
        var fleet = Fleet.Random(new Random(seed), 300, 6, 4);
        var matcher = fleet.Matcher();
        foreach (var node in fleet.Nodes)
        {
            var best = matcher.Pick(new Wanted(node.Id, 20, 0.999), Now)
                .TakeWhile(picked => picked.Why == PickRule.BestScore).ToList();
            var left = Math.Min(node.Capacity.AvailableBytes, node.Capacity.MovableBytes);
            var expected = new List<double>();
            foreach (var (id, score) in fleet.Scan(node))
            {
                var bytes = fleet.Assets.Single(asset => asset.Id == id).Bytes ?? 0;
                if (bytes > left) continue;
                left -= bytes;
                expected.Add(score);
            }
            for (var i = 0; i < best.Count; i++)
                AssertClose(expected[i], best[i].Score, $"seed {seed}, node {node.Id}, place {i}");
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void However_assets_come_change_and_go_the_best_is_found(int seed)
    {
        var random = new Random(seed);
        var fleet = Fleet.Random(random, 200, 5, 3);
        var matcher = fleet.Matcher();
        for (var step = 0; step < 300; step++)
        {
            var at = random.Next(fleet.Assets.Count);
            var other = Fleet.Random(random, 1, 5, 3).Assets[0] with { Id = fleet.Assets[at].Id };
            if (random.Next(3) == 0)
            {
                matcher.Remove(other.Id);
                fleet.Assets[at] = other with { IsOpen = false };
            }
            else
            {
                matcher.Put(other);
                fleet.Assets[at] = other;
            }
        }
        foreach (var node in fleet.Nodes)
        {
            var picked = matcher.Pick(new Wanted(node.Id, 1, 0.999), Now);
            var scanned = fleet.Scan(node);
            Assert.Equal(scanned.Count > 0 ? 1 : 0, picked.Count);
            if (picked.Count > 0) AssertClose(scanned[0].Score, picked[0].Score, $"seed {seed}, node {node.Id}");
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void A_node_never_gets_more_than_any_of_its_limits(int seed)
    {
        var random = new Random(seed);
        var fleet = Fleet.Random(random, 300, 8, 4);
        var matcher = fleet.Matcher();
        foreach (var node in fleet.Nodes)
        {
            var tight = node with { Capacity = node.Capacity with { FreeSlots = random.Next(0, 40) } };
            matcher.Put(tight);
            var picked = matcher.PickAndHold(new Wanted(node.Id, 50, random.NextDouble()), Now);
            var more = matcher.PickAndHold(new Wanted(node.Id, 50, random.NextDouble()), Now);
            var bytes = picked.Concat(more).Sum(p => p.ReservedBytes);
            Assert.InRange(bytes, 0, tight.Capacity.AvailableBytes);
            Assert.InRange(bytes, 0, tight.Capacity.MovableBytes);
            Assert.InRange(picked.Count + more.Count, 0, tight.Capacity.FreeSlots);
            Assert.Equal(picked.Count + more.Count, picked.Concat(more).Select(p => p.AssetId).Distinct().Count());
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Nobody_makes_more_copies_than_are_wanted_however_many_ask(int seed)
    {
        var random = new Random(seed);
        var fleet = Fleet.Random(random, 60, 15, 3);
        var matcher = fleet.Matcher();
        var granted = new Dictionary<long, List<long>>();
        for (var round = 0; round < 4; round++)
            foreach (var node in fleet.Nodes)
                foreach (var picked in matcher.PickAndHold(new Wanted(node.Id, 30, random.NextDouble()), Now))
                {
                    if (!granted.TryGetValue(picked.AssetId, out var to)) granted[picked.AssetId] = to = [];
                    to.Add(node.Id);
                }
        foreach (var asset in fleet.Assets)
        {
            var to = granted.GetValueOrDefault(asset.Id, []);
            Assert.InRange(to.Count, 0, Math.Max(0, asset.Target - asset.Copies - asset.InFlight));
            Assert.Equal(to.Count, to.Except(asset.Holders).Distinct().Count());
        }
    }

    [Fact]
    public void When_the_best_no_longer_fits_the_rest_is_filled_with_the_largest_that_do()
    {
        var matcher = new Matcher(new PolicySettings { LaneShare = 0 }, Now);
        matcher.Put(new NodeFacts(1, Room(1000), 1000, 1, 1, default));
        long[] sizes = [900, 590, 5, 10, 30, 60];
        for (var i = 0; i < sizes.Length; i++) matcher.Put(Asset(i + 1, sizes[i], Math.Pow(4, -i)));
        // 900 would be followed by 590, which does not fit; 60 and 30 fill what is left better than 5 and 20 do.
        var picked = matcher.Pick(new Wanted(1, 3, 0.9), Now);
        Assert.Contains(picked, p => p.Why == PickRule.BestFit);
        Assert.Equal([900, 60, 30], picked.Select(p => p.ReservedBytes));
    }

    [Fact]
    public void The_lane_gives_a_giant_to_a_node_with_room_and_to_no_other()
    {
        var settings = new PolicySettings { LaneShare = 1 };
        var matcher = new Matcher(settings, Now);
        matcher.Put(new NodeFacts(1, Room(1 << 30), 1000, 1, 1, default));
        matcher.Put(new NodeFacts(2, Room(1 << 16), 1000, 1, 1, default));
        for (var i = 1; i <= 100; i++) matcher.Put(Asset(i, i <= 85 ? 1000 : 1 << 20, 1));
        Assert.Equal(PickRule.Lane, matcher.Pick(new Wanted(1, 1, 0.5), Now)[0].Why);
        Assert.Equal(PickRule.BestScore, matcher.Pick(new Wanted(2, 1, 0), Now)[0].Why);
    }

    [Fact]
    public void An_unknown_size_is_asked_for_or_its_kinds_is_reserved()
    {
        foreach (var probes in new[] { true, false })
        {
            var matcher = new Matcher(new PolicySettings { ProbesUnknownSizes = probes }, Now);
            matcher.SetKind(7, 4000);
            matcher.Put(new NodeFacts(1, Room(5000), 1000, 1, 1, default));
            matcher.Put(Asset(1, 0, 1) with { Bytes = null, Kind = 7 });
            var picked = Assert.Single(matcher.Pick(new Wanted(1, 5, 0.9), Now));
            Assert.Equal((probes, probes ? 0 : 4000L), (picked.IsProbe, picked.ReservedBytes));
        }
    }

    static void AssertClose(double expected, double actual, string where) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-9 * Math.Abs(expected), $"{where}: {expected} is {actual}");

    static NodeCapacity Room(long bytes) => new(bytes, 0, 0, long.MaxValue / 2, 0, null, 100);

    static AssetFacts Asset(int id, long bytes, double weight) =>
        new(id, 0, weight, 1, bytes, 0, 3, 0, 0, 0, Now, true, false, []);
}
