namespace Waypost.Rescue.Policy;

/// <summary>How long a lease lasts: as long as the work is expected to take at the rate that was seen, with slack.
/// </summary>
static class LeaseLength
{
    /// <summary>Of a new lease, or of one that is renewed with so many bytes still to come.</summary>
    /// <param name="bytesLeft">What is still to be moved.</param>
    /// <param name="bytesPerSecond">What the node was seen to make; at least 1.</param>
    /// <param name="duty">The share of the time that it is on.</param>
    /// <param name="settings">The bounds and the slack.</param>
    public static TimeSpan Of(long bytesLeft, double bytesPerSecond, double duty, PolicySettings settings)
    {
        var seconds = settings.LeaseSlack * Score.Eta(
            Math.Max(0, bytesLeft), bytesPerSecond, double.PositiveInfinity, duty);
        return seconds <= settings.LeastLease.TotalSeconds ? settings.LeastLease
            : seconds >= settings.LongestLease.TotalSeconds ? settings.LongestLease : TimeSpan.FromSeconds(seconds);
    }
}
