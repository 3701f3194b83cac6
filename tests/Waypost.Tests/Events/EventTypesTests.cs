using System.Reflection;
using Waypost.Events;
using Xunit;

namespace Waypost.Tests.Events;

public sealed class EventTypesTests
{
    [Fact]
    public void Every_type_of_event_that_the_server_emits_can_be_subscribed_to()
    {
        var emitted = typeof(IEvent).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IEvent)))
            .Select(type =>
                (string)type.GetProperty("EventType", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!)
            .ToList();

        Assert.NotEmpty(emitted);
        Assert.Empty(emitted.Except(EventTypes.All));
        Assert.Equal(emitted.Distinct(), emitted);
    }

    [Theory]
    [InlineData("*", "job.completed", true)]
    [InlineData("job.*", "job.completed", true)]
    [InlineData("job.*", "jobs.completed", false)]
    [InlineData("job.completed", "job.completed_with_errors", false)]
    [InlineData("job.completed*", "job.completed_with_errors", true)]
    public void A_pattern_matches_what_it_says(string pattern, string type, bool matches) =>
        Assert.Equal(matches, EventFilter.Of([pattern], out _).Matches(type));

    [Fact]
    public void What_no_type_matches_is_named() =>
        Assert.Equal(["jobs.*", "*.created"], Unknown("job.*", "jobs.*", "*.created"));

    static IReadOnlyList<string> Unknown(params string[] patterns)
    {
        EventFilter.Of(patterns, out var unknown);
        return unknown;
    }
}
