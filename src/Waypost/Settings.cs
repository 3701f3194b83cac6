using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Delivery;
using Waypost.Events;
using Waypost.Hosting;
using Waypost.Pipelines;
using Waypost.Rescue;
using Waypost.Storage;

namespace Waypost;

/// <summary>Everything the server can be told, validated before it starts.</summary>
sealed record Settings
{
    /// <summary>Where it listens: <c>http://127.0.0.1:8080</c>.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>How much it logs.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The clock that everything asks.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where everything is kept.</summary>
    public required StorageSettings Storage { get; init; }

    /// <summary>Who may do what without a key.</summary>
    public AccessSettings Access { get; init; } = new(null, null);

    /// <summary>How much of the event log is kept.</summary>
    public EventsSettings Events { get; init; } = new();

    /// <summary>Which proxies may say how the server is reached.</summary>
    public LinkSettings Links { get; init; } = LinkSettings.TrustNobody;

    /// <summary>What outsiders may see of catalogues, and whose anybody may.</summary>
    public CatalogueSettings Catalogue { get; init; } = new();

    /// <summary>Where the server may connect to on behalf of somebody.</summary>
    public OutboundSettings Outbound { get; init; } = new();

    /// <summary>How webhooks and notices are sent.</summary>
    public DeliverySettings Delivery { get; init; } = new();

    /// <summary>How browsers of elsewhere may use the server.</summary>
    public WebSettings Web { get; init; } = new();

    /// <summary>Where requests may find their data, and how much of it.</summary>
    public PipelinesSettings Pipelines { get; init; } = new();

    /// <summary>How the rescue speaks with the services it works with.</summary>
    public RescueSettings Rescue { get; init; } = new();

    /// <summary>Says what is wrong with these settings; null when nothing is.</summary>
    public string? Problem() => Storage.Problem() ?? Events.Problem() ?? Outbound.Problem() ?? Delivery.Problem()
        ?? Catalogue.Problem() ?? Web.Problem() ?? Pipelines.Problem() ?? Rescue.Problem();
}
