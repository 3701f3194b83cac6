using System.Text.Json;
using System.Text.Json.Serialization;
using Waypost.Storage;

namespace Waypost.Events;

/// <summary>An event as the log keeps it.</summary>
/// <param name="Id">The event's own id; a reader that sees it twice drops the second.</param>
/// <param name="Position">Its place in the log of all organizations, for loops of the server: every reader sees events
/// in this order, without gaps that fill later. It never leaves the server: its gaps would tell of others.</param>
/// <param name="OrgPosition">Its place among its organization's events, in the same order: 1, 2, 3 and so on.</param>
/// <param name="Org">Whose event it is.</param>
/// <param name="Type">What happened, in dotted words: <c>job.completed</c>.</param>
/// <param name="Subject">The id of the thing it happened to.</param>
/// <param name="At">When it happened.</param>
/// <param name="Body">The event's data.</param>
public sealed record LoggedEvent(
    Guid Id, long Position, long OrgPosition, string Org, string Type, string? Subject, DateTimeOffset At, Json Body)
    : IRow<LoggedEvent>
{
    byte[]? wire;

    /// <summary>The event as everybody outside receives it, on one line of JSON; written once, however many receive it.
    /// </summary>
    internal byte[] Wire => wire ??= JsonSerializer.SerializeToUtf8Bytes(ToWire(), Json.Options);

    /// <summary>Reads a row of <c>events</c> that has a position.</summary>
    public static LoggedEvent Read(Row row) => new(
        row.Id("id"), row.Long("position"), row.Long("org_position"), row.Text("org"), row.Text("type"),
        row.TextOrNull("subject"), row.Time("at"), row.Json("body"));

    /// <summary>The shape that streams, webhooks and scripts receive.</summary>
    public WireEvent ToWire() => new(Id, Type, At, Org, Subject, Body, new WireEventMetadata(OrgPosition));
}

/// <summary>An event as it leaves the server: one shape in streams, webhooks and pages.</summary>
/// <param name="EventId">Unique; a receiver that sees it twice drops the second.</param>
/// <param name="EventType">What happened: <c>job.completed</c>.</param>
/// <param name="Timestamp">When it happened, UTC.</param>
/// <param name="OrgId">Whose event it is.</param>
/// <param name="EntityId">The id of the thing it happened to.</param>
/// <param name="Data">The event's data; its members depend on the type.</param>
/// <param name="Metadata">Where it stands among its organization's events.</param>
public sealed record WireEvent(
    Guid EventId, string EventType, DateTimeOffset Timestamp, string OrgId, string? EntityId, Json Data,
    WireEventMetadata Metadata);

/// <summary>Where an event stands among its organization's events.</summary>
/// <param name="Position">Resume after this number to receive what follows; null for an event outside the log, such as
/// a webhook's ping.</param>
public sealed record WireEventMetadata(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Position);
