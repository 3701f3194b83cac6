using Microsoft.Net.Http.Headers;
using Waypost.Access;
using Waypost.Geo.Stac;

namespace Waypost.Catalogue;

/// <summary>Serves the files of catalogues: what <c>catalogue ingest --assets-base-url</c> makes assets lead
/// to.</summary>
/// <remarks>
/// A folder that the operator names is open to whoever may see the organization's external view: that is what its files
/// are put there for. Files of data and pictures are served, by their names; whatever could be a catalogue, or a part
/// of one, is not, as the catalogue itself shows what of it may be seen. Nor is what lies below a folder that is named
/// like a collection which outsiders do not see: catalogues on disks keep each collection in a folder of its name.
/// </remarks>
sealed class ServedFiles(CatalogueSettings settings)
{
    // A file is whatever somebody put there: a browser must not run it with this server's rights.
    const string Sandbox = "default-src 'none'; sandbox";

    /// <summary>What data and pictures are called.</summary>
    static readonly HashSet<string> served = new(
        [
            ".tif", ".tiff", ".jp2", ".jpx", ".nc", ".nc4", ".cdf", ".h5", ".hdf", ".hdf5", ".he5", ".grb", ".grb2",
            ".grib", ".grib2", ".bufr", ".las", ".laz", ".copc", ".img", ".ovr", ".csv",
            ".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".pdf", ".mp4", ".webm",
        ],
        StringComparer.OrdinalIgnoreCase);

    readonly OpenedFolders folders = new(settings.AssetFolders);

    public static void Map(RouteGroupBuilder catalogue, string operations)
    {
        foreach (var method in new[] { HttpMethods.Get, HttpMethods.Head })
            catalogue.MapMethods("/{**path}", [method], File).Permit(Permission.CatalogueRead)
                .WithName($"{operations}{(method == HttpMethods.Get ? "Get" : "Head")}CatalogueFile").WithTags("STAC")
                .WithSummary("A file of the folders that the operator opened").Produces(200).ProducesProblem(404)
                .WithMetadata(new Microsoft.AspNetCore.Http.Timeouts.DisableRequestTimeoutAttribute());
    }

    static IResult File(HttpContext http, string path, View view, ServedFiles files)
    {
        var file = IsServed(path) ? files.folders.Find(view.Org, path) : null;
        // The real place counts as well: a link may lead from the folder of one collection into that of another.
        if (file is null || !IsServed(file.Name) || !IsShown(view, path)
            || !IsShown(view, files.folders.Below(view.Org, file)))
            throw Refused.NotFound($"The file {path}");
        http.Response.Headers.ContentSecurityPolicy = Sandbox;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        // It needs a key, and a cache between might give it to those without one.
        http.Response.Headers.CacheControl = "private, no-cache";
        var etag = FormattableString.Invariant($"\"{file.LastWriteTimeUtc.Ticks:x}-{file.Length:x}\"");
        return Results.File(
            file.FullName, StacAnalyses.MediaTypeOf(file.Name), lastModified: file.LastWriteTimeUtc,
            entityTag: new EntityTagHeaderValue(etag), enableRangeProcessing: true);
    }

    // An absolute path is nobody's business; what begins with a dot is meant to be overlooked.
    static bool IsServed(string path) =>
        !Path.IsPathRooted(path) && served.Contains(Path.GetExtension(path))
        && path.Split('/').All(part => part.Length > 0 && part[0] != '.');

    // Some file systems find a folder whatever the case of its letters.
    static bool IsShown(View view, string path) =>
        !path.Split('/', '\\').Any(part => view.Hidden.Contains(part, StringComparer.OrdinalIgnoreCase));
}
