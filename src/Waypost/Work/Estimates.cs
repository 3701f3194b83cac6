using Waypost.Storage;

namespace Waypost.Work;

/// <summary>How long jobs usually take, from those that did.</summary>
public static class Estimates
{
    /// <summary>Below so many finished runs nothing is said.</summary>
    public const int FewestRuns = 5;

    const int MostRuns = 100;
    const double Percentile = 0.8;

    extension(Tx tx)
    {
        /// <summary>What four of five completed jobs of this kind and size class took at the most; null while there are
        /// fewer than <see cref="FewestRuns"/>.</summary>
        public async Task<TimeSpan?> UsualDuration(string org, string kind, string sizeClass)
        {
            var runs = await tx.All<Number>($"""
                select took_ms as n from work_jobs
                where org = {org} and kind = {kind} and size_class = {sizeClass} and state = 'Completed'
                order by finished_at desc limit {MostRuns}
                """);
            return Usual([.. runs.Select(run => run.N)]);
        }
    }

    /// <summary>The 80th percentile, by the nearest rank.</summary>
    internal static TimeSpan? Usual(IReadOnlyCollection<long> tookMs) => tookMs.Count < FewestRuns
        ? null
        : TimeSpan.FromMilliseconds(tookMs.Order().ElementAt((int)Math.Ceiling(Percentile * tookMs.Count) - 1));
}
