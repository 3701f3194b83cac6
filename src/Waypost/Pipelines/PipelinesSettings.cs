using Waypost.Access;

namespace Waypost.Pipelines;

/// <summary>What an operator decides about the pipelines.</summary>
public sealed record PipelinesSettings
{
    /// <summary>Folders that requests may name files of: <c>/srv/incoming</c> for the default organization,
    /// <c>acme=/srv/acme</c> for another one. A request says <c>incoming/2025/a.tif</c>; never anything
    /// outside.</summary>
    public IReadOnlyList<string> ImportFolders { get; init; } = [];

    /// <summary>The largest file that is uploaded or downloaded, in bytes.</summary>
    public long MostSourceBytes { get; init; } = 20L << 30;

    /// <summary>How long an upload that was not finished is kept after its last byte.</summary>
    public TimeSpan KeepUnfinishedUploads { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Says what is wrong with these settings; null when nothing is.</summary>
    public string? Problem()
    {
        if (MostSourceBytes <= 0) return "pipelines.most_source_bytes must be more than 0.";
        if (KeepUnfinishedUploads <= TimeSpan.Zero) return "pipelines.keep_unfinished_uploads must be more than 0.";
        return OpenedFolders.Problem("pipelines.import_folders", ImportFolders);
    }
}
