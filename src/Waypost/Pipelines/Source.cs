using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>Where a request's data comes from.</summary>
public enum SourceKind
{
    /// <summary>A file under an import folder.</summary>
    Import,

    /// <summary>A file of a web server.</summary>
    Url,

    /// <summary>A file that was uploaded before.</summary>
    Upload,
}

/// <summary>Where a request's data is, as a job's parameters carry it; never a path of the server.</summary>
/// <param name="Kind">How to get it.</param>
/// <param name="Name">The path below the import folders, the URL, or the upload's name.</param>
/// <param name="Sha256">The content that was meant, where it was known when the request came.</param>
/// <param name="Bytes">Its size, where that was known.</param>
public sealed record Source(SourceKind Kind, string Name, string? Sha256 = null, long? Bytes = null)
{
    const string UploadPrefix = "upload:";
    const string UploadsFolder = "uploads/";

    /// <summary>How a client writes it.</summary>
    public string Path => Kind == SourceKind.Upload ? UploadPrefix + Name : Name;

    /// <summary>The last part of its name: what a person calls the file.</summary>
    public string FileName => Kind == SourceKind.Url
        ? Uri.UnescapeDataString(new Uri(Name).AbsolutePath.Split('/')[^1])
        : Name.Split('/', '\\')[^1];

    /// <summary>Reads what a client wrote; whether it is there is looked at later.</summary>
    public static Source Parse(string path, string field)
    {
        if (path.StartsWith(UploadPrefix, StringComparison.OrdinalIgnoreCase))
            return new Source(SourceKind.Upload, Uploads.Checked(path[UploadPrefix.Length..], field));
        if (path.StartsWith(UploadsFolder, StringComparison.Ordinal))
            return new Source(SourceKind.Upload, Uploads.Checked(path[UploadsFolder.Length..], field));
        if (!path.Contains("://", StringComparison.Ordinal))
            return new Source(SourceKind.Import, path);
        if (Uri.TryCreate(path, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri.Host.Length > 0)
            return new Source(SourceKind.Url, uri.AbsoluteUri);
        throw Refused.Bad("SOURCE_SCHEME", $"{field} names a place that is not read here.",
            "Send an http or https URL, a path under an import folder, or upload:NAME of a file that was uploaded.")
            .At(field);
    }

    /// <summary>Where the content is kept once it is here: under its own hash, whoever sent it.</summary>
    public static string BlobKey(string org, string sha256) => Blobs.Key(org, "sources", sha256, "content");
}
