using Waypost.Events;

namespace Waypost.Rescue;

/// <summary>Assets were added or changed by an import; <c>/rescue/assets</c> shows them.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Created">How many assets were not there before.</param>
/// <param name="Changed">How many have something new.</param>
public sealed record AssetsWritten(long ImportId, int Created, int Changed) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "rescue.assets_written";
}

/// <summary>An import has ended.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Format"><c>ckan</c>, <c>csv</c> or <c>database</c>.</param>
/// <param name="Source">Which catalogue it read.</param>
/// <param name="Created">How many assets were not there before.</param>
/// <param name="Changed">How many have something new.</param>
/// <param name="Vanished">How many datasets the catalogue no longer has.</param>
/// <param name="Failed">How many of what was sent could not be kept.</param>
public sealed record RescueImported(
    long ImportId, string Format, string Source, long Created, long Changed, long Vanished, long Failed) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "rescue.imported";
}
