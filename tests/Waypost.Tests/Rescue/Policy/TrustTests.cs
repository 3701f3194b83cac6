using Waypost.Rescue.Policy;
using Xunit;

namespace Waypost.Tests.Rescue.Policy;

/// <summary>Trust is earned slowly and lost fast; leases, verdicts and repair follow their rules.</summary>
public sealed class TrustTests
{
    static readonly DateTimeOffset Now = Fleet.Now;

    static readonly PolicySettings Settings = new();

    [Theory]
    // Quantiles of the beta distribution as tables give them: Beta(1,1), Beta(11,1), Beta(2,2), Beta(9,2), Beta(96,5).
    [InlineData(0, 0, 0.05)]
    [InlineData(10, 0, 0.76160)]
    [InlineData(1, 1, 0.13535)]
    [InlineData(8, 1, 0.60584)]
    [InlineData(95, 4, 0.91125)]
    public void The_lower_bound_is_the_quantile_of_the_beta_distribution(int valid, int invalid, double expected) =>
        Assert.Equal(expected, Trust.LowerBound(new TrustState(valid, invalid, 0, 1)), 3);

    [Fact]
    public void A_quota_grows_by_one_and_is_halved_and_the_bound_moves_with_the_evidence()
    {
        var random = new Random(7);
        var state = Trust.Newcomer;
        for (var i = 0; i < 500; i++)
        {
            var isRight = random.Next(4) > 0;
            var next = isRight ? Trust.Right(state) : Trust.Wrong(state);
            Assert.Equal(isRight ? state.Quota + 1 : Math.Max(1, state.Quota / 2), next.Quota);
            Assert.Equal(isRight, Trust.LowerBound(next) > Trust.LowerBound(state));
            state = next;
        }
    }

    [Fact]
    public void After_ten_right_ones_ever_fewer_are_verified_and_one_wrong_one_begins_anew()
    {
        var state = Trust.Newcomer;
        for (var i = 0; i < 9; i++) state = Trust.Right(state);
        Assert.Equal(1, Trust.VerificationChance(state, Settings));
        for (var i = 0; i < 31; i++) state = Trust.Right(state);
        Assert.Equal(1 / 40.0, Trust.VerificationChance(state, Settings), 9);
        for (var i = 0; i < 1000; i++) state = Trust.Right(state);
        Assert.Equal(Settings.VerificationFloor, Trust.VerificationChance(state, Settings));
        Assert.Equal(1, Trust.VerificationChance(Trust.Wrong(state), Settings));
    }

    [Fact]
    public void A_node_is_quarantined_by_two_wrong_ones_of_few_and_not_by_one()
    {
        Assert.False(Trust.IsQuarantined(Trust.Wrong(Trust.Newcomer), Settings));
        Assert.True(Trust.IsQuarantined(Trust.Wrong(Trust.Wrong(Trust.Newcomer)), Settings));
        Assert.False(Trust.IsQuarantined(new TrustState(100, 3, 0, 1), Settings));
    }

    [Fact]
    public void A_lease_lasts_by_its_bytes_between_its_bounds()
    {
        Assert.Equal(Settings.LeastLease, LeaseLength.Of(0, 1e6, 1, Settings));
        Assert.Equal(TimeSpan.FromSeconds(3 * 3600), LeaseLength.Of(3_600_000_000, 1e6, 1, Settings));
        Assert.Equal(TimeSpan.FromSeconds(6 * 3600), LeaseLength.Of(3_600_000_000, 1e6, 0.5, Settings));
        Assert.Equal(Settings.LongestLease, LeaseLength.Of(long.MaxValue, 0, 0, Settings));
    }

    [Fact]
    public void Two_independent_copies_or_one_and_the_publisher_prove_a_version()
    {
        Assert.IsType<Verdict.Unproven>(Verdict.Of([Copy(1, "a")], null, null));
        Assert.IsType<Verdict.Unproven>(Verdict.Of([Copy(1, "a"), Copy(2, "a") with { Operator = 1 }], null, null));
        Assert.IsType<Verdict.Unproven>(
            Verdict.Of([Copy(1, "a"), Copy(2, "a") with { IsQuarantined = true }], null, null));
        var two = Assert.IsType<Verdict.Verified>(Verdict.Of([Copy(1, "a"), Copy(2, "a")], null, null));
        Assert.Equal(("a", 2), (two.Root, two.Agreeing.Count));
        var published = Verdict.Of([Copy(1, "b"), Copy(2, "a") with { Sha256 = "AB" }], null, "ab");
        Assert.Equal([1], Assert.IsType<Verdict.Verified>(published).Wrong);
    }

    [Fact]
    public void Disagreement_wants_a_third_and_a_changed_source_is_nobodys_fault()
    {
        Assert.IsType<Verdict.Disputed>(Verdict.Of([Copy(1, "a"), Copy(2, "b")], null, null));
        var third = Verdict.Of([Copy(1, "a"), Copy(2, "b"), Copy(3, "b")], null, null);
        Assert.Equal([1], Assert.IsType<Verdict.Verified>(third).Wrong);
        var changed = Verdict.Of([Copy(1, "a") with { SourceMark = "v1" }, Copy(2, "b") with { SourceMark = "v2" }],
            null, null);
        Assert.Equal(["v1", "v2"], Assert.IsType<Verdict.SourceChanged>(changed).Marks);
    }

    [Fact]
    public void What_is_canonical_stays_so_however_many_say_otherwise()
    {
        var later = Enumerable.Range(2, 8).Select(i => Copy(i, "b")).ToList();
        var verdict = Assert.IsType<Verdict.Verified>(Verdict.Of([Copy(1, "a"), .. later], "a", null));
        Assert.Equal(("a", 8), (verdict.Root, verdict.Wrong.Count));
        // Two equally proven contents prove neither.
        Assert.IsType<Verdict.Disputed>(
            Verdict.Of([Copy(1, "a"), Copy(2, "a"), Copy(3, "b"), Copy(4, "b")], null, null));
    }

    [Fact]
    public void One_copy_too_few_is_repaired_only_below_the_least_and_then_up_to_the_target()
    {
        var rule = new ReplicaRule(2, 4);
        Assert.Equal((3, true), Planned(rule, 2, wasRepairing: true));
        Assert.Equal((2, false), Planned(rule, 2, wasRepairing: false));
        Assert.Equal((3, true), Planned(rule, 1, wasRepairing: false));
        Assert.Equal((4, false), Planned(rule, 4, wasRepairing: true));
        var trimmed = Repair.Plan(rule, Copies(6), false, Now, Settings).Release;
        Assert.Equal(3, trimmed.Distinct().Count());
    }

    [Fact]
    public void An_absent_node_is_waited_for_and_a_draining_one_is_released_when_others_are_there()
    {
        var rule = new ReplicaRule(2, 2);
        var copies = Copies(2);
        copies[1] = copies[1] with { Vitality = Vitality.Lost, LastSeen = Now.AddHours(-10), NextOn = Now.AddHours(2) };
        Assert.False(Repair.Plan(rule, copies, false, Now, Settings).IsRepairing);
        Assert.True(Repair.Plan(rule, copies, false, Now.AddHours(26), Settings).IsRepairing);

        var draining = Copies(2);
        draining[0] = draining[0] with { IsDraining = true };
        var plan = Repair.Plan(rule, draining, false, Now, Settings);
        Assert.Equal((true, 0), (plan.IsRepairing, plan.Release.Count));
        draining.Add(Copies(3)[2]);
        Assert.Equal([1], Repair.Plan(rule, draining, true, Now, Settings).Release);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void Nodes_that_compete_for_a_source_get_equal_shares_however_often_they_ask(int seed)
    {
        var random = new Random(seed);
        var (share, got, now) = (new FairShare(), new int[8], Now);
        for (var connection = 0; connection < 4000; connection++)
        {
            now = now.AddSeconds(1);
            for (var i = 0; i < 8; i++) share.Ask(i, 1, now);
            share.Free(1);
            // The first asks eight times as often as the last.
            var node = Array.FindIndex(new int[8], _ => random.Next(3) == 0);
            for (var tries = 0; tries < 200; tries++)
            {
                if (node >= 0 && share.MayTake(node))
                {
                    share.Take(node);
                    got[node]++;
                    break;
                }
                node = random.Next(8) < 5 ? random.Next(2) : random.Next(8);
            }
        }
        var jain = Math.Pow(got.Sum(), 2) / (8 * got.Sum(x => (double)x * x));
        Assert.True(jain >= 0.9, $"seed {seed}: {string.Join(' ', got)} is {jain}");
    }

    [Fact]
    public void Settings_name_each_value_that_is_out_of_its_range()
    {
        Assert.Empty(Settings.Problems());
        var wrong = Settings with { LossPerCopy = double.NaN, LaneShare = 2, LongestLease = TimeSpan.Zero };
        Assert.Equal(3, wrong.Problems().Count);
        Assert.Contains(
            wrong.Problems(), problem => problem.StartsWith("LossPerCopy is NaN", StringComparison.Ordinal));
    }

    static (int, bool) Planned(ReplicaRule rule, int copies, bool wasRepairing)
    {
        var plan = Repair.Plan(rule, Copies(copies), wasRepairing, Now, Settings);
        return (plan.Target, plan.IsRepairing);
    }

    static List<HeldCopy> Copies(int count) => [.. Enumerable.Range(1, count).Select(i => new HeldCopy(
        i, new Domain(i, i, i % 2, i), 0.9, true, Vitality.Alive, Now, Now, false))];

    static CopyReport Copy(int node, string root) => new(node, node, node, root, null, null, false);
}
