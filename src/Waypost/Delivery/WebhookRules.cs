using Waypost.Access;
using Waypost.Events;

namespace Waypost.Delivery;

/// <summary>What a webhook may be, and the refusal for each rule that is broken.</summary>
static class WebhookRules
{
    /// <summary>The refusal of types that do not exist, or of too many.</summary>
    public static Refused UnknownTypes(string field, IReadOnlyList<string> unknown) => new(
        StatusCodes.Status400BadRequest, "UNKNOWN_EVENT_TYPE",
        unknown.Count == 0
            ? $"{field} may have {EventFilter.MostPatterns} entries at the most."
            : $"{field} names types of events that do not exist: {string.Join(", ", unknown)}.",
        "Use names of the list in known, or a wildcard at the end, as in job.*.")
    {
        Details = new Dictionary<string, object?>
        {
            ["field"] = field, ["unknown"] = unknown, ["known"] = EventTypes.All,
        },
    };
}
