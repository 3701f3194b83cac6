using Xunit;

namespace Waypost.Tests.Simulation;

/// <summary>The policy that is shipped, in the simulated world; <c>bench/run policies</c> compares them all.</summary>
public sealed class RescuePolicyTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void The_shipped_policy_saves_most_of_the_value_in_a_day_and_nearly_all_in_a_month_and_hurts_no_source(
        int seed)
    {
        var samples = new RescueSimulation(new RescueWorld(seed), RescueVariant.Default, seed).Run(1, 30).ToList();
        Assert.True(samples[0].ValueWithCopy >= 0.94, $"seed {seed}: {samples[0]}");
        Assert.True(samples[0].Wasted <= 0.01, $"seed {seed}: {samples[0]}");
        Assert.True(samples[1].ValueWithCopy >= 0.99, $"seed {seed}: {samples[1]}");
        Assert.True(samples[1].Overloads == 0, $"seed {seed}: {samples[1]}");
    }

    [Fact]
    public void The_existing_dispatchers_policy_saves_a_fraction_of_it_and_wastes_most_of_what_is_moved()
    {
        var sample = new RescueSimulation(new RescueWorld(1), RescueVariant.Upstream, 1).Run(1).Single();
        Assert.InRange(sample.ValueWithCopy, 0.05, 0.4);
        Assert.True(sample.Wasted > 0.5 && sample.Overloads > 1000, $"{sample}");
    }

    [Fact]
    public void One_seed_gives_one_course()
    {
        RescueSample Run() =>
            new RescueSimulation(new RescueWorld(3), RescueVariant.Default, 3).Run(0.2).Single();
        Assert.Equal(Run(), Run());
    }
}
