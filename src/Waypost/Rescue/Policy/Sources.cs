namespace Waypost.Rescue.Policy;

/// <summary>A time of the week in which a source is left alone, in the source's own time.</summary>
/// <param name="FromMinute">Minutes since Monday 00:00.</param>
/// <param name="ToMinute">Minutes since Monday 00:00; less than <paramref name="FromMinute"/> goes over Sunday night.
/// </param>
/// <param name="Offset">The source's time less UTC.</param>
readonly record struct WeeklyWindow(int FromMinute, int ToMinute, TimeSpan Offset)
{
    const int Week = 7 * 24 * 60;

    /// <summary>When the window that is open now closes; null when none is open.</summary>
    public DateTimeOffset? ClosesAt(DateTimeOffset now)
    {
        var local = now.ToOffset(Offset);
        var minute = ((int)local.DayOfWeek + 6) % 7 * 1440 + local.TimeOfDay.TotalMinutes;
        var length = (ToMinute - FromMinute + Week) % Week;
        var into = (minute - FromMinute + Week) % Week;
        return into < length ? now + TimeSpan.FromMinutes(length - into) : null;
    }
}

/// <summary>How politely a source is to be treated.</summary>
/// <param name="MostInFlight">Never more connections than this, at least 1.</param>
/// <param name="FirstInFlight">How many connections it gets before anything is known of it.</param>
/// <param name="RequestsPerMinute">How many requests may begin in a minute, more than 0.</param>
/// <param name="Burst">How many may begin at once after a pause, at least 1.</param>
/// <param name="CrawlDelay">What its robots.txt asks for between two requests.</param>
/// <param name="QuietInterval">After so long without an error it gets one connection more.</param>
/// <param name="Blackouts">When it is left alone.</param>
sealed record SourceLimits(
    int MostInFlight, int FirstInFlight, double RequestsPerMinute, int Burst, TimeSpan? CrawlDelay,
    TimeSpan QuietInterval, IReadOnlyList<WeeklyWindow> Blackouts)
{
    /// <summary>What a source gets that nobody has said anything about: as many connections as one browser opens.
    /// </summary>
    public static SourceLimits Recommended { get; } =
        new(6, 4, 60, 10, null, TimeSpan.FromMinutes(10), []);

    /// <summary>Tokens a second.</summary>
    public double Refill => CrawlDelay is { } delay && delay > TimeSpan.Zero
        ? Math.Min(RequestsPerMinute / 60, 1 / delay.TotalSeconds) : RequestsPerMinute / 60;

    /// <summary>Tokens at the most.</summary>
    public double Depth => CrawlDelay > TimeSpan.Zero ? 1 : Burst;
}

/// <summary>Where a source stands: the same numbers wherever they are kept.</summary>
/// <param name="Cap">Connections that it seems to bear; whole ones count.</param>
/// <param name="InFlight">Connections that were lent and not returned.</param>
/// <param name="Tokens">Requests that may begin, as of <paramref name="TokensAt"/>.</param>
/// <param name="TokensAt">When the tokens were counted.</param>
/// <param name="ClosedUntil">It said, or we decided, that it is left alone until then.</param>
/// <param name="QuietSince">When it last had an error or a raise.</param>
/// <param name="HalvedAt">When its cap was last halved: what was under way then says nothing new.</param>
/// <param name="Failures">Failures in a row; each doubles the pause.</param>
/// <param name="ErrorRate">The share of recent requests that failed, 0 to 1.</param>
readonly record struct SourceState(
    double Cap, int InFlight, double Tokens, DateTimeOffset TokensAt, DateTimeOffset ClosedUntil,
    DateTimeOffset QuietSince, DateTimeOffset HalvedAt, int Failures, double ErrorRate);

/// <summary>What came of a request to a source.</summary>
enum SourceOutcome
{
    /// <summary>It served.</summary>
    Served,

    /// <summary>429, 503 or a timeout: it asks for less.</summary>
    Overloaded,

    /// <summary>It failed in another way: the network, 5xx, a dead name.</summary>
    Failed,

    /// <summary>The node gave up or its lease ended: that says nothing of the source.</summary>
    Unknown,
}

/// <summary>Why a source lends no connection now.</summary>
enum SourceRefusal { None, Blackout, Closed, AtCap, NoToken }

/// <summary>How many connections a source lends now, and if none, why and until when at the latest known.</summary>
readonly record struct SourceRoom(int Connections, SourceRefusal Refusal, DateTimeOffset? Until);

/// <summary>Politeness, as functions from a state and what happened to the next state.</summary>
/// <remarks>Tokens conserve: <c>InFlight</c> is what was taken less what was returned, and never passes the cap at the
/// moment of taking. Halving may leave more under way than the cap: none is lent until they are back.</remarks>
static class Sources
{
    /// <summary>The longest pause that we impose on a failing source by ourselves.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(6);

    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);

    /// <summary>What a new request weighs in the error rate.</summary>
    const double Recent = 0.1;

    /// <summary>After so many failures in a row one connection at a time asks whether it is back.</summary>
    const int DarkAfter = 3;

    /// <summary>A source that nothing is known of.</summary>
    public static SourceState Begin(SourceLimits limits, DateTimeOffset now) => new(
        Math.Min(limits.FirstInFlight, limits.MostInFlight), 0, limits.Depth, now, DateTimeOffset.MinValue, now,
        DateTimeOffset.MinValue, 0, 0);

    /// <summary>What it lends now.</summary>
    public static SourceRoom Room(SourceLimits limits, SourceState state, DateTimeOffset now)
    {
        for (var i = 0; i < limits.Blackouts.Count; i++)
            if (limits.Blackouts[i].ClosesAt(now) is { } closes) return new(0, SourceRefusal.Blackout, closes);
        if (state.ClosedUntil > now) return new(0, SourceRefusal.Closed, state.ClosedUntil);
        var cap = state.Failures >= DarkAfter ? 1 : (int)Math.Max(1, Math.Floor(state.Cap));
        var free = cap - state.InFlight;
        if (free <= 0) return new(0, SourceRefusal.AtCap, null);
        // A whole token that arithmetic has rounded down is a whole token.
        var tokens = Tokens(limits, state, now) + 1e-9;
        return tokens >= 1 ? new(Math.Min(free, (int)tokens), SourceRefusal.None, null)
            : new(0, SourceRefusal.NoToken, now + TimeSpan.FromSeconds((1 - tokens) / limits.Refill));
    }

    /// <summary>Lends one connection. Ask <see cref="Room"/> first: to lend what is not there is a bug.</summary>
    public static SourceState Take(SourceLimits limits, SourceState state, DateTimeOffset now)
    {
        if (Room(limits, state, now).Connections < 1)
            throw new InvalidOperationException("A connection was taken from a source that lends none.");
        return state with
        {
            InFlight = state.InFlight + 1,
            Tokens = Math.Max(0, Tokens(limits, state, now) - 1),
            TokensAt = now,
        };
    }

    /// <summary>A connection comes back, with what came of it. An outcome that asks for less halves the cap, once for
    /// all that began before the last halving.</summary>
    /// <param name="limits">The source's limits.</param>
    /// <param name="state">Where it stands.</param>
    /// <param name="takenAt">When this connection was lent.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="retryAfter">What its answer asked for.</param>
    /// <param name="now">Now.</param>
    public static SourceState Return(
        SourceLimits limits, SourceState state, DateTimeOffset takenAt, SourceOutcome outcome, TimeSpan? retryAfter,
        DateTimeOffset now)
    {
        if (state.InFlight < 1)
            throw new InvalidOperationException("A connection came back to a source that had lent none.");
        var back = state with { InFlight = state.InFlight - 1 };
        if (retryAfter is { } asked && now + asked > back.ClosedUntil) back = back with { ClosedUntil = now + asked };
        return outcome switch
        {
            SourceOutcome.Served => Raise(limits, back with
            {
                Failures = 0,
                ErrorRate = back.ErrorRate * (1 - Recent),
            }, now),
            SourceOutcome.Overloaded => Less(back, takenAt, now),
            SourceOutcome.Failed => Pause(Less(back, takenAt, now) with { Failures = back.Failures + 1 }, now),
            _ => back,
        };
    }

    /// <summary>One more for a quiet interval in which it was used.</summary>
    static SourceState Raise(SourceLimits limits, SourceState state, DateTimeOffset now) =>
        now - state.QuietSince < limits.QuietInterval || state.Cap >= limits.MostInFlight ? state
            : state with { Cap = Math.Min(limits.MostInFlight, state.Cap + 1), QuietSince = now };

    static SourceState Less(SourceState state, DateTimeOffset takenAt, DateTimeOffset now)
    {
        var seen = state with { QuietSince = now, ErrorRate = state.ErrorRate * (1 - Recent) + Recent };
        return takenAt < state.HalvedAt ? seen
            : seen with { Cap = Math.Max(1, state.Cap / 2), HalvedAt = now };
    }

    static SourceState Pause(SourceState state, DateTimeOffset now)
    {
        if (state.Failures < DarkAfter) return state;
        var doublings = Math.Min(16, state.Failures - DarkAfter);
        var pause = FirstPause * Math.Pow(2, doublings);
        var until = now + (pause < LongestPause ? pause : LongestPause);
        return until > state.ClosedUntil ? state with { ClosedUntil = until } : state;
    }

    static double Tokens(SourceLimits limits, SourceState state, DateTimeOffset now) => Math.Min(
        limits.Depth, state.Tokens + Math.Max(0, (now - state.TokensAt).TotalSeconds) * limits.Refill);
}
