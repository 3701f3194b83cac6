using Waypost.Storage;

namespace Waypost.Events;

/// <summary>Which types of events somebody wants: names, and names ending in a wildcard (<c>job.*</c>,
/// <c>*</c>).</summary>
public sealed class EventFilter
{
    /// <summary>The most patterns one filter may have.</summary>
    public const int MostPatterns = 50;

    /// <summary>Every event.</summary>
    public static readonly EventFilter All = new([]);

    readonly string[] names;
    readonly string[] prefixes;

    EventFilter(IReadOnlyList<string> patterns)
    {
        Patterns = patterns;
        prefixes = [.. patterns.Where(p => p.EndsWith('*')).Select(p => p[..^1])];
        names = [.. patterns.Where(p => !p.EndsWith('*'))];
    }

    /// <summary>The patterns as they were given; none means every event.</summary>
    public IReadOnlyList<string> Patterns { get; }

    /// <summary>Makes a filter of patterns.</summary>
    /// <param name="patterns">Names or names ending in <c>*</c>.</param>
    /// <param name="unknown">The patterns that no known type of event matches; empty when all is well.</param>
    public static EventFilter Of(IEnumerable<string> patterns, out IReadOnlyList<string> unknown)
    {
        string[] distinct =
            [.. patterns.Select(p => p.Trim()).Where(p => p.Length > 0).Distinct(StringComparer.Ordinal)];
        unknown = [.. distinct.Where(p => !EventTypes.All.Any(new EventFilter([p]).Matches))];
        return new EventFilter(distinct);
    }

    /// <summary>Whether an event of this type is wanted.</summary>
    public bool Matches(string type) => Patterns.Count == 0
        || names.Contains(type, StringComparer.Ordinal)
        || prefixes.Any(prefix => type.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The condition on <c>events.type</c> that says the same.</summary>
    internal Sql Condition()
    {
        if (Patterns.Count == 0) return $"true";
        var byName = names.Select(name => (Sql)$"type = {name}");
        var byPrefix = prefixes.Select(prefix => (Sql)$"substr(type, 1, {prefix.Length}) = {prefix}");
        return $"({Sql.Join($" or ", byName.Concat(byPrefix))})";
    }
}

/// <summary>Every type of event there is, so that a subscription to a misspelt one is refused.</summary>
public static class EventTypes
{
    /// <summary>The types, in the order of the modules that emit them.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "organization.created", "key.created", "key.rotated", "key.revoked",
        "webhook.disabled", "webhook.ping", "delivery.sent", "delivery.failed",
        "job.submitted", "job.started", "job.stage_completed", "job.progress", "job.completed",
        "job.completed_with_errors", "job.failed", "job.cancelled", "job.paused", "job.resumed",
        "schedule.fired", "schedule.skipped",
        "collection.created", "collection.updated", "collection.deleted", "collection.shared", "collection.unshared",
        "collection.visibility_changed",
        "item.created", "item.updated", "item.deleted", "items.written", "items.deleted",
        "request.accepted", "request.processing", "request.completed", "request.failed",
        "rescue.assets_written", "rescue.imported", "rescue.rescuer_registered", "rescue.reserved",
        "rescue.released", "rescue.reported", "rescue.assets_ranked",
        "rescue.weights_changed", "rescue.prioritized",
        // The operations contract's, so that its subscriptions are taken as they stand.
        "entity.created", "entity.updated", "entity.deleted", "entity.position_changed",
        "mission.created", "mission.status_changed", "mission.assigned", "mission.completed",
        "system.health_check", "system.alert", "system.configuration_changed",
    ];
}
