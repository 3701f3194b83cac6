using System.Collections.Concurrent;
using System.Globalization;

namespace Waypost.Access;

/// <summary>How many requests an organization may make; the three tiers of the operations contract, or no
/// limit.</summary>
public enum Tier
{
    /// <summary>Not limited: every organization until it is given a tier.</summary>
    Unlimited,

    /// <summary>10 requests per second, 20 at once.</summary>
    Basic,

    /// <summary>100 requests per second, 200 at once.</summary>
    Premium,

    /// <summary>1000 requests per second, 2000 at once.</summary>
    Enterprise,
}

/// <summary>How tiers are kept: by lower-case name, unlimited as null.</summary>
static class Tiers
{
    /// <summary>Reads a tier's column.</summary>
    public static Tier Parse(string? kept) => kept is null ? Tier.Unlimited : Enum.Parse<Tier>(kept, ignoreCase: true);

    /// <summary>What a tier's column holds.</summary>
    public static string? Kept(Tier tier) => tier == Tier.Unlimited ? null : tier.ToString().ToLowerInvariant();

    /// <summary>Requests per second, and how many at once; null where there is no limit.</summary>
    public static (double PerSecond, double Burst)? Limit(Tier tier) => tier switch
    {
        Tier.Basic => (10, 20),
        Tier.Premium => (100, 200),
        Tier.Enterprise => (1000, 2000),
        _ => null,
    };
}

/// <summary>A token bucket per organization, in this process; copies of the server each have their own.</summary>
sealed class RateLimits(TimeProvider clock)
{
    readonly ConcurrentDictionary<string, Bucket> buckets = new(StringComparer.Ordinal);

    /// <summary>Takes a token for the request, and says on the response what is left.</summary>
    /// <remarks>The headers are those of draft-ietf-httpapi-ratelimit-headers-10: <c>q</c> requests in a window of
    /// <c>w</c> seconds, <c>r</c> of them left, all of them again in <c>t</c> seconds.</remarks>
    /// <exception cref="Refused">None is left: 429.</exception>
    public void Take(Keys.Known known, HttpResponse response)
    {
        if (known.Caller.Role is Role.Node or Role.Service) return;
        if (Tiers.Limit(known.Tier) is not { } limit) return;

        var bucket = buckets.GetOrAdd(known.Caller.Org, _ => new Bucket());
        var left = bucket.Take(limit.PerSecond, limit.Burst, clock);
        var name = Tiers.Kept(known.Tier);
        var full = Math.Ceiling((limit.Burst - Math.Max(0, left)) / limit.PerSecond);
        response.Headers["RateLimit-Policy"] = string.Create(
            CultureInfo.InvariantCulture, $"\"{name}\";q={limit.Burst};w={limit.Burst / limit.PerSecond}");
        response.Headers["RateLimit"] = string.Create(
            CultureInfo.InvariantCulture, $"\"{name}\";r={Math.Floor(Math.Max(0, left))};t={full}");
        if (left < 0)
            throw new Refused(
                StatusCodes.Status429TooManyRequests, "RATE_LIMITED",
                $"The organization's tier {name} allows {limit.PerSecond} requests per second, {limit.Burst} at once.",
                "Wait as long as Retry-After says, or ask the administrator for a higher tier.")
            {
                RetryAfter = TimeSpan.FromSeconds(-left / limit.PerSecond),
            };
    }

    sealed class Bucket
    {
        readonly Lock gate = new();
        double used;
        long at;

        /// <summary>Takes one token and returns how many are left; below zero, how many were missing.</summary>
        public double Take(double perSecond, double burst, TimeProvider clock)
        {
            lock (gate)
            {
                var now = clock.GetTimestamp();
                if (at != 0) used = Math.Max(0, used - clock.GetElapsedTime(at, now).TotalSeconds * perSecond);
                at = now;
                if (used + 1 > burst) return burst - (used + 1);
                used++;
                return burst - used;
            }
        }
    }
}
