using Waypost.Catalogue;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>Everything a client may want to know about a request. Every member is always there.</summary>
/// <param name="Success">True: the request was found.</param>
/// <param name="RequestId">The request.</param>
/// <param name="Status">Where it is.</param>
/// <param name="ProgressPercent">How far, 0 to 100; 100 only when it is completed.</param>
/// <param name="Message">Where it is, for a person.</param>
/// <param name="Endpoints">The URLs of what was made; null before it is completed.</param>
/// <param name="StacMetadata">The catalogued item; null before it is completed.</param>
/// <param name="Asset">The resource, whatever its version.</param>
/// <param name="Release">This version of it.</param>
/// <param name="JobStatus">The same as status, as the final platform contract calls it.</param>
/// <param name="Progress">How far its jobs are.</param>
/// <param name="Error">Why it failed; null unless it did.</param>
/// <param name="Job">The job it is at.</param>
/// <param name="Warnings">What was found that did not stop the work.</param>
/// <param name="Outputs">What was made; null before it is completed.</param>
/// <param name="Services">How what was made is served; null before it is completed.</param>
/// <param name="Approval">Where it would be approved; null: a completed request counts as approved.</param>
/// <param name="Versions">All versions of this resource, oldest first.</param>
/// <param name="CallbackStatus">Where the answer to its callback is; null without one.</param>
/// <param name="CreatedAt">When it was first submitted.</param>
/// <param name="StartedAt">When a worker began with this revision.</param>
/// <param name="CompletedAt">When this revision ended.</param>
/// <param name="EstimatedCompletion">When it will be done, from past runs; null while there are too few.</param>
public sealed record RequestStatusBody(
    bool Success, string RequestId, RequestStatus Status, int ProgressPercent, string Message,
    Dictionary<string, string>? Endpoints, Json? StacMetadata, StatusAsset Asset, StatusRelease Release,
    RequestStatus JobStatus, StatusProgress Progress, RequestError? Error, StatusJob? Job,
    IReadOnlyList<StatusWarning> Warnings, StatusOutputs? Outputs, StatusServices? Services, Json? Approval,
    IReadOnlyList<StatusVersion> Versions, CallbackStatus? CallbackStatus, DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, DateTimeOffset? EstimatedCompletion);

/// <summary>A resource, whatever its version.</summary>
public sealed record StatusAsset(string AssetId, string DatasetId, string ResourceId, DataType DataType,
    int ReleaseCount);

/// <summary>One version of a resource.</summary>
/// <param name="ReleaseId">Its id.</param>
/// <param name="VersionId">The client's name for it; null for a draft.</param>
/// <param name="VersionOrdinal">Its place among the versions, from 1.</param>
/// <param name="Revision">How often it was worked on.</param>
/// <param name="ProcessingStatus">Where its work is.</param>
/// <param name="ApprovalState">approved when it is completed; pending_review before.</param>
/// <param name="ClearanceState">public or ouo, as the submission said; null when it did not.</param>
public sealed record StatusRelease(
    string ReleaseId, string? VersionId, int VersionOrdinal, int Revision, RequestStatus ProcessingStatus,
    string ApprovalState, string? ClearanceState);

/// <summary>How far a request's jobs are.</summary>
public sealed record StatusProgress(
    string WorkflowName, DateTimeOffset? StartedAt, int TasksTotal, int TasksDone,
    Dictionary<string, int> TasksByStatus, double PercentComplete);

/// <summary>The job that a request is at.</summary>
public sealed record StatusJob(
    string JobId, string JobType, JobState Status, int Step, int Steps, IReadOnlyList<StageShown> Stages,
    string StatusUrl);

/// <summary>Something that was found and did not stop the work.</summary>
public sealed record StatusWarning(string Code, string Message, long Count);

/// <summary>What a request made.</summary>
/// <param name="BlobPath">The file that was made, within the container; null for a vector.</param>
/// <param name="Container">What holds it; null for a vector.</param>
/// <param name="TableNames">The feature tables; empty for a raster.</param>
/// <param name="TableName">The first of them.</param>
/// <param name="Schema">What holds the tables.</param>
/// <param name="StacItemId">The item.</param>
/// <param name="StacCollectionId">Its collection.</param>
public sealed record StatusOutputs(
    string? BlobPath, string? Container, IReadOnlyList<string> TableNames, string? TableName, string? Schema,
    string StacItemId, string StacCollectionId);

/// <summary>How what a request made is served.</summary>
public sealed record StatusServices(
    string ServiceUrl, string? Preview, string StacCollection, string StacItem, string Viewer, string? Tiles);

/// <summary>One version in the list of a resource's versions.</summary>
public sealed record StatusVersion(
    string RequestId, string? VersionId, int VersionOrdinal, int Revision, RequestStatus Status,
    DateTimeOffset CreatedAt);
