using Waypost.Rescue.Policy;
using Xunit;

namespace Waypost.Tests.Rescue.Policy;

/// <summary>What must follow when the question changes in a known way, whatever the right answer is.</summary>
public sealed class MetamorphicTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory, MemberData(nameof(Seeds))]
    public void One_more_node_never_lowers_coverage(int seed)
    {
        var fleet = Fleet.Random(new Random(seed), 150, 10, 3);
        var fewer = new Fleet { Assets = fleet.Assets, Sources = fleet.Sources, Nodes = fleet.Nodes[..9] };
        // Holders stay holders, so the tenth is unknown rather than absent.
        Assert.True(Coverage(fleet) >= Coverage(fewer) - 1e-12, $"seed {seed}");
    }

    [Theory, MemberData(nameof(Seeds))]
    public void More_room_never_lowers_coverage_of_assets_of_one_size(int seed)
    {
        // Of different sizes it can: a larger node takes a giant where it took small ones. That is bin packing.
        var random = new Random(seed);
        var fleet = Fleet.Random(random, 150, 6, 3);
        var even = fleet.Assets.Select(asset => asset with { Bytes = 1L << 30 }).ToList();
        var tight = fleet.Nodes.Select(node => node with
        {
            Capacity = new NodeCapacity(random.NextInt64(1L << 33), 0, 0, 1L << 50, 0, null, 1000),
        }).ToList();
        var lucky = random.Next(tight.Count);
        var roomier = tight.Select((node, i) => i != lucky ? node
            : node with { Capacity = node.Capacity with { DeclaredBytes = node.Capacity.DeclaredBytes * 2 } }).ToList();
        var before = Coverage(new Fleet { Assets = even, Sources = fleet.Sources, Nodes = tight });
        var after = Coverage(new Fleet { Assets = even, Sources = fleet.Sources, Nodes = roomier });
        Assert.True(after >= before - 1e-12, $"seed {seed}: {before} became {after}");
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Equal_nodes_may_change_places(int seed)
    {
        var fleet = Fleet.Random(new Random(seed), 150, 1, 3);
        var twin = fleet.Nodes[0] with { Domain = default };
        var assets = fleet.Assets.Select(asset => asset with { Holders = [], Copies = 0, InFlight = 0 }).ToList();
        List<List<long>> Served(long[] order)
        {
            var nodes = order.Order().Select(id => twin with { Id = id }).ToList();
            var matcher = new Fleet { Assets = assets, Sources = fleet.Sources, Nodes = nodes }.Matcher();
            return [.. order.Select(id => Ids(matcher.PickAndHold(new Wanted(id, 10, 0.999), Fleet.Now)))];
        }
        Assert.Equal(Served([1, 2, 3]), Served([3, 1, 2]));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Twice_the_sizes_and_twice_every_capacity_is_the_same_question(int seed)
    {
        var fleet = Fleet.Random(new Random(seed), 200, 8, 4);
        var doubled = new Fleet
        {
            Assets = [.. fleet.Assets.Select(asset => asset with { Bytes = asset.Bytes * 2 })],
            Sources = fleet.Sources.ToDictionary(s => s.Key, s => s.Value * 2),
            Nodes = [.. fleet.Nodes.Select(node => node with
            {
                BytesPerSecond = node.BytesPerSecond * 2,
                Capacity = node.Capacity with
                {
                    DeclaredBytes = node.Capacity.DeclaredBytes * 2,
                    HeldBytes = node.Capacity.HeldBytes * 2,
                    DiskFreeBytes = node.Capacity.DiskFreeBytes * 2,
                    DiskReserveBytes = node.Capacity.DiskReserveBytes * 2,
                    TransferLeftBytes = node.Capacity.TransferLeftBytes * 2,
                },
            })],
        };
        var (one, other) = (fleet.Matcher(), doubled.Matcher());
        foreach (var node in fleet.Nodes)
            Assert.Equal(
                Ids(one.PickAndHold(new Wanted(node.Id, 15, 0.999), Fleet.Now)),
                Ids(other.PickAndHold(new Wanted(node.Id, 15, 0.999), Fleet.Now)));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void A_greater_weight_never_delays_an_asset(int seed)
    {
        var random = new Random(seed);
        var fleet = Fleet.Random(random, 150, 8, 3);
        var at = random.Next(fleet.Assets.Count);
        var assets = fleet.Assets.ToList();
        assets[at] = assets[at] with { Weight = assets[at].Weight * (1 + random.NextDouble() * 5) };
        var heavier = new Fleet { Assets = assets, Sources = fleet.Sources, Nodes = fleet.Nodes };
        var id = assets[at].Id;
        Assert.True(FirstGrant(heavier, id) <= FirstGrant(fleet, id), $"seed {seed}");
    }

    /// <summary>The share of the value that has or gets a copy when every node asks until nobody gets more.</summary>
    static double Coverage(Fleet fleet)
    {
        var matcher = fleet.Matcher();
        var covered = fleet.Assets.Where(asset => asset.Holders.Length > 0).Select(asset => asset.Id).ToHashSet();
        foreach (var node in fleet.Nodes)
            covered.UnionWith(Ids(matcher.PickAndHold(new Wanted(node.Id, 1000, 0.999), Fleet.Now)));
        return fleet.Assets.Where(asset => covered.Contains(asset.Id)).Sum(asset => asset.Weight);
    }

    /// <summary>At which grant the asset is given away for the first time when nodes ask in turn, one by one.</summary>
    static int FirstGrant(Fleet fleet, long id)
    {
        var matcher = fleet.Matcher();
        for (var turn = 0; turn < 600; turn++)
        {
            var node = fleet.Nodes[turn % fleet.Nodes.Count];
            if (Ids(matcher.PickAndHold(new Wanted(node.Id, 1, 0.999), Fleet.Now)).Contains(id)) return turn;
        }
        return int.MaxValue;
    }

    static List<long> Ids(IReadOnlyList<Picked> picked) => [.. picked.Select(p => p.AssetId)];
}
