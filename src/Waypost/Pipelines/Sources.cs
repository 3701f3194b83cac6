using System.Security.Cryptography;
using Waypost.Access;
using Waypost.Delivery;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>A source that is here: a blob that cannot change any more.</summary>
/// <param name="BlobKey">The blob.</param>
/// <param name="Sha256">Its content's hash; the key is made of it.</param>
/// <param name="Bytes">Its size.</param>
public sealed record FetchedSource(string BlobKey, string Sha256, long Bytes);

/// <summary>Finds what a request names, and brings it here.</summary>
sealed class Sources(OpenedFolders folders, Blobs blobs, Outbound outbound, PipelinesSettings settings)
{
    const int Buffer = 1 << 17;
    static readonly TimeSpan DownloadWithin = TimeSpan.FromHours(6);
    static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    /// <summary>Says which content a source is, as far as that can be known without reading it, and refuses one that
    /// is not there.</summary>
    /// <exception cref="Refused">It is not there, not whole, or not to be called.</exception>
    public async Task<Source> Pin(Source source, string org, Db db, string field, CancellationToken ct)
    {
        switch (source.Kind)
        {
            case SourceKind.Url:
                await outbound.CheckResolved(new Uri(source.Name), ct);
                return source;
            case SourceKind.Import:
                var file = folders.Find(org, source.Name) ?? throw NotFound(source, field);
                return source with { Bytes = file.Length };
            default:
                var upload = await Uploads.Find(db, org, source.Name, ct) ?? throw NotFound(source, field);
                if (upload.Sha256 is null)
                    throw Refused.Conflict("UPLOAD_INCOMPLETE",
                        $"The upload {source.Name} is not whole yet.",
                            "HEAD says how much is here; send the rest first.")
                        .At(field);
                return source with { Sha256 = upload.Sha256, Bytes = upload.Bytes };
        }
    }

    /// <summary>Brings the source here as a blob, if it is not here already.</summary>
    /// <exception cref="TaskFailedException">It is gone, too large, or the other side did not give it.</exception>
    public async Task<FetchedSource> Fetch(
        Source source, string org, string scratch, IProgress<double> progress, CancellationToken ct)
    {
        if (source.Sha256 is { } known && blobs.Find(Source.BlobKey(org, known)) is { } here)
            return new FetchedSource(here.Key, known, here.Length);

        var path = Path.Combine(scratch, "source");
        var sha = source.Kind switch
        {
            SourceKind.Url => await Download(source, path, progress, ct),
            SourceKind.Import => await Copy(source, org, path, progress, ct),
            _ => throw Gone(source),
        };
        var key = Source.BlobKey(org, sha);
        var length = new FileInfo(path).Length;
        if (blobs.Find(key) is null) await blobs.PutFile(key, path, ct);
        else File.Delete(path);
        return new FetchedSource(key, sha, length);
    }

    async Task<string> Download(Source source, string path, IProgress<double> progress, CancellationToken ct)
    {
        try
        {
            await using var file = New(path);
            await outbound.Download(
                new Uri(source.Name), file, new DownloadLimits(settings.MostSourceBytes, DownloadWithin, Stall),
                new Share(progress), ct);
            file.Position = 0;
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct));
        }
        catch (OutboundFailedException failed)
        {
            throw new TaskFailedException(new TaskError(
                "SOURCE_UNREACHABLE", "SERVICE_UNAVAILABLE", failed.Message,
                "Check that the address gives the file to anybody, then resubmit.", UserFixable: true,
                failed.Transient ? ErrorClass.Transient : ErrorClass.Permanent));
        }
        catch (Refused refused)
        {
            throw new TaskFailedException(new TaskError(
                refused.Code, "PARAMETER_ERROR", refused.Message, refused.Remedy, UserFixable: true,
                ErrorClass.Permanent));
        }
    }

    async Task<string> Copy(Source source, string org, string path, IProgress<double> progress, CancellationToken ct)
    {
        var found = folders.Find(org, source.Name) ?? throw Gone(source);
        if (found.Length > settings.MostSourceBytes)
            throw new TaskFailedException(new TaskError(
                "SOURCE_TOO_LARGE", "PARAMETER_ERROR",
                $"The file has {found.Length} bytes; up to {settings.MostSourceBytes} are accepted.",
                "Cut it into several files, or ask the operator.", UserFixable: true, ErrorClass.Permanent));
        await using var from = found.OpenRead();
        await using var to = New(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Buffer];
        for (var done = 0L; ;)
        {
            var count = await from.ReadAsync(buffer, ct);
            if (count == 0) return Convert.ToHexStringLower(hash.GetHashAndReset());
            hash.AppendData(buffer, 0, count);
            await to.WriteAsync(buffer.AsMemory(0, count), ct);
            done += count;
            progress.Report((double)done / Math.Max(1, found.Length));
        }
    }

    sealed class Share(IProgress<double> progress) : IProgress<(long Done, long? Total)>
    {
        public void Report((long Done, long? Total) value)
        {
            if (value.Total is > 0 and var total) progress.Report((double)value.Done / total);
        }
    }

    static FileStream New(string path) =>
        new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, Buffer, FileOptions.Asynchronous);

    static Refused NotFound(Source source, string field) => Refused.Bad(
        "SOURCE_NOT_FOUND",
        source.Kind == SourceKind.Upload
            ? $"There is no upload named {source.Name}."
            : "No import folder of this organization has a file of that name.",
        source.Kind == SourceKind.Upload
            ? $"Send it with PUT /platform/uploads/{Uri.EscapeDataString(source.Name)}."
            : "Name a file below an import folder, such as incoming/a.tif; or upload it, or give an http(s) URL.")
        .At(field);

    static TaskFailedException Gone(Source source) => new(new TaskError(
        "SOURCE_NOT_FOUND", "DATA_MISSING", $"The source {source.FileName} is not there any more.",
        "Put it back, or send it again, then resubmit.", UserFixable: true, ErrorClass.Permanent));
}
