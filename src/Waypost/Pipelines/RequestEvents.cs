using Waypost.Events;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>A request was taken in, or begins its next revision.</summary>
public sealed record RequestAccepted(
    string RequestId, string ClientId, string DatasetId, string ResourceId, string? VersionId, DataType RequestType,
    int Revision) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "request.accepted";
}

/// <summary>A worker began with a request.</summary>
public sealed record RequestProcessing(string RequestId, string JobId) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "request.processing";
}

/// <summary>A request's result is in the catalogue.</summary>
public sealed record RequestCompleted(string RequestId, string Collection, string ItemId, int Revision) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "request.completed";
}

/// <summary>A request ended without a result.</summary>
public sealed record RequestFailed(string RequestId, RequestError Error, int Revision) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "request.failed";
}

/// <summary>Why a request failed.</summary>
/// <param name="Code">Stable, upper-case; listed in docs/problems.md.</param>
/// <param name="Category">DATA_MISSING, DATA_QUALITY, DATA_INCOMPATIBLE, PARAMETER_ERROR, SYSTEM_ERROR,
/// SERVICE_UNAVAILABLE or CONFIGURATION.</param>
/// <param name="Message">What happened, for a person.</param>
/// <param name="Remediation">What to do about it.</param>
/// <param name="UserFixable">Whether whoever submitted it can do that.</param>
public sealed record RequestError(string Code, string Category, string Message, string? Remediation, bool UserFixable)
{
    /// <summary>The error of a job, as a request shows it.</summary>
    public static RequestError Of(TaskError error) =>
        new(error.Code, error.Category, error.Message, error.Remediation, error.UserFixable);
}
