namespace Waypost.Rescue.Policy;

/// <summary>What a node's verified and refuted copies say about it.</summary>
/// <param name="Valid">Copies that were found right.</param>
/// <param name="Invalid">Copies that were found wrong.</param>
/// <param name="ValidInARow">Right ones since the last wrong one.</param>
/// <param name="Quota">How many unverified copies and leases it may have.</param>
readonly record struct TrustState(int Valid, int Invalid, int ValidInARow, int Quota);

/// <summary>Trust is the lower bound of what the evidence allows: it has to be earned, and is lost fast.</summary>
static class Trust
{
    /// <summary>No node has more unverified work than this.</summary>
    public const int MostQuota = 1000;

    /// <summary>Before so many right copies in a row everything is verified.</summary>
    const int Probation = 10;

    /// <summary>How sure the bound is: one in twenty is worse.</summary>
    const double Tail = 0.05;

    /// <summary>A node that nothing is known of.</summary>
    public static TrustState Newcomer { get; } = new(0, 0, 0, 1);

    /// <summary>A copy of it was found right: one more at a time.</summary>
    public static TrustState Right(TrustState state) => new(
        state.Valid + 1, state.Invalid, state.ValidInARow + 1, Math.Min(MostQuota, state.Quota + 1));

    /// <summary>A copy of it was found wrong: half as many at a time, and everything is verified again.</summary>
    public static TrustState Wrong(TrustState state) =>
        new(state.Valid, state.Invalid + 1, 0, Math.Max(1, state.Quota / 2));

    /// <summary>The 5 % quantile of Beta(valid + 1, invalid + 1): in 19 of 20 such nodes a copy is right more often.
    /// </summary>
    public static double LowerBound(TrustState state)
    {
        double a = state.Valid + 1.0, b = state.Invalid + 1.0;
        if (state.Invalid == 0) return Math.Pow(Tail, 1 / a);
        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (BelowShare(middle, a, b) < Tail) low = middle;
            else high = middle;
        }
        return low;
    }

    /// <summary>Nothing of it counts until somebody looks: two wrong ones or more, and too many of all.</summary>
    public static bool IsQuarantined(TrustState state, PolicySettings settings) => state.Invalid >= 2
        && (state.Valid + 1.0) / (state.Valid + state.Invalid + 2) < settings.QuarantineTrust;

    /// <summary>How often a copy of it is verified by another: always at first, ever more rarely, never never.
    /// </summary>
    public static double VerificationChance(TrustState state, PolicySettings settings) =>
        state.ValidInARow < Probation ? 1 : Math.Max(settings.VerificationFloor, 1.0 / state.ValidInARow);

    /// <summary>The regularized incomplete beta function I_x(a, b), by its continued fraction (Lentz).</summary>
    static double BelowShare(double x, double a, double b)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        // The fraction converges fast on this side only; the other is its mirror.
        if (x > (a + 1) / (a + b + 2)) return 1 - BelowShare(1 - x, b, a);
        var front = Math.Exp(
            LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x))) / a;
        double fraction = 1, c = 1, d = 0;
        for (var i = 0; i <= 200; i++)
        {
            var m = i / 2;
            var numerator = i == 0 ? 1
                : i % 2 == 0 ? m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)))
                : -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NotZero(1 + (numerator * d));
            c = NotZero(1 + (numerator / c));
            fraction *= c * d;
            if (Math.Abs(1 - (c * d)) < 1e-12) break;
        }
        return front * (fraction - 1);
    }

    static double NotZero(double value) => Math.Abs(value) < 1e-300 ? 1e-300 : value;

    /// <summary>Stirling's series after shifting the argument up; exact to twelve digits for what is asked here.
    /// </summary>
    static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 12; x++) shift += Math.Log(x);
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI))
            + (1 / (12 * x)) - (1 / (360 * x * x * x)) + (1 / (1260 * Math.Pow(x, 5))) - shift;
    }
}
