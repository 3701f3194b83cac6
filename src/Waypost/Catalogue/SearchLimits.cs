namespace Waypost.Catalogue;

/// <summary>How much work a search does at the most. What is beyond it is not refused: a count is left out, a page
/// comes back short with a link to go on.</summary>
sealed record SearchLimits
{
    /// <summary>Up to so many found by an index are fetched, counted and sorted.</summary>
    public int Few { get; init; } = 5_000;

    /// <summary>Up to so many are sorted by what no index has in order; the one bound beyond which is refused.
    /// </summary>
    public int MostSorted { get; init; } = 20_000;

    /// <summary>Up to so many are looked at for one page, or to count, when neither index nor columns decide.</summary>
    public int MostLookedAt { get; init; } = 10_000;

    /// <summary>The first look at so many finds most pages; each further one is larger.</summary>
    public int FirstLook { get; init; } = 1_000;

    /// <summary>Up to so many entries of an index are gone through to count what a time or a place matches.</summary>
    public int MostEntries { get; init; } = 100_000;

    /// <summary>Up to so many are gone through by an aggregation that needs only their columns; up to
    /// <see cref="MostEntries"/> where their properties are needed.</summary>
    public int MostCounted { get; init; } = 1_000_000;
}
