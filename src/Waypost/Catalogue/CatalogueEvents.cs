using System.Text.Json.Serialization;
using Waypost.Events;

namespace Waypost.Catalogue;

/// <summary>An item appeared in the catalogue.</summary>
/// <param name="Collection">Its collection.</param>
/// <param name="ItemId">Its id there.</param>
/// <param name="Bbox">Its box as the item states it; absent where it has no place.</param>
public sealed record ItemCreated(
    string Collection, string ItemId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double[]? Bbox) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "item.created";
}

/// <summary>An item of the catalogue has a new content.</summary>
/// <param name="Collection">Its collection.</param>
/// <param name="ItemId">Its id there.</param>
/// <param name="Bbox">Its box as the item states it; absent where it has no place.</param>
public sealed record ItemUpdated(
    string Collection, string ItemId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double[]? Bbox) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "item.updated";
}

/// <summary>An item was taken out of the catalogue.</summary>
/// <param name="Collection">The collection it was in.</param>
/// <param name="ItemId">Its id there.</param>
/// <param name="Bbox">Where it was; absent where it had no place.</param>
public sealed record ItemDeleted(
    string Collection, string ItemId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double[]? Bbox) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "item.deleted";
}

/// <summary>A collection appeared in the catalogue.</summary>
/// <param name="Collection">Its id.</param>
public sealed record CollectionCreated(string Collection) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "collection.created";
}

/// <summary>A collection of the catalogue has a new content.</summary>
/// <param name="Collection">Its id.</param>
public sealed record CollectionUpdated(string Collection) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "collection.updated";
}

/// <summary>Another organization may read a collection.</summary>
/// <param name="Collection">Its id.</param>
/// <param name="WithOrg">Who may.</param>
/// <param name="View">Which form of it.</param>
public sealed record CollectionShared(string Collection, string WithOrg, SharedView View) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "collection.shared";
}

/// <summary>Another organization may read a collection no longer.</summary>
/// <param name="Collection">Its id.</param>
/// <param name="WithOrg">Who might.</param>
public sealed record CollectionUnshared(string Collection, string WithOrg) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "collection.unshared";
}

/// <summary>Outsiders see a collection, or no longer do.</summary>
/// <param name="Collection">Its id.</param>
/// <param name="External">Whether they do.</param>
public sealed record CollectionVisibilityChanged(string Collection, bool External) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "collection.visibility_changed";
}

/// <summary>A collection was taken out of the catalogue; its items had gone before.</summary>
/// <param name="Collection">Its id.</param>
public sealed record CollectionDeleted(string Collection) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "collection.deleted";
}

/// <summary>Many items of a collection were written at once; <c>/changes</c> names them.</summary>
/// <param name="Collection">Their collection.</param>
/// <param name="Created">How many were not there before.</param>
/// <param name="Updated">How many replaced an older content.</param>
/// <param name="Unchanged">How many were sent and were there already, just so.</param>
public sealed record ItemsWritten(string Collection, int Created, int Updated, int Unchanged) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "items.written";
}

/// <summary>Many items of a collection were taken out at once; <c>/changes</c> names them.</summary>
/// <param name="Collection">The collection they were in.</param>
/// <param name="Deleted">How many.</param>
public sealed record ItemsDeleted(string Collection, int Deleted) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "items.deleted";
}
