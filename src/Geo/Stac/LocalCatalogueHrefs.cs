namespace Waypost.Geo.Stac;

/// <summary>
/// What the hrefs of a catalogue on a disk mean: paths relative to the document that has them, absolute paths,
/// <c>file:</c> URLs, and everybody else's URLs. Paths are compared segment by segment, never as text.
/// </summary>
public static class LocalCatalogueHrefs
{
    const string FileScheme = "file:";

    /// <summary>The file that an href means; null when it is the URL of something else.</summary>
    /// <param name="href">As the document has it.</param>
    /// <param name="ofFile">The absolute path of the document.</param>
    public static string? PathOf(string href, string ofFile)
    {
        if (href.Length == 0) return null;
        if (!IsUrl(href))
            return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ofFile) ?? "/", href));
        if (!href.StartsWith(FileScheme, StringComparison.OrdinalIgnoreCase)) return null;
        var rest = href[FileScheme.Length..];
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var slash = rest.IndexOf('/', 2);
            var host = slash < 0 ? rest[2..] : rest[2..slash];
            // Another machine's file is not ours to read.
            if (host.Length > 0 && !host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return null;
            rest = slash < 0 ? "/" : rest[slash..];
        }
        return rest.Length == 0 ? null : Path.GetFullPath(Uri.UnescapeDataString(rest));
    }

    /// <summary>True for an href that has a scheme; one letter before a colon is a drive.</summary>
    public static bool IsUrl(string href)
    {
        var colon = href.IndexOf(':', StringComparison.Ordinal);
        if (colon < 2 || !char.IsAsciiLetter(href[0])) return false;
        // A colon in a later segment of a path belongs to a name: ./comparison:latest.nc
        return href.AsSpan(0, colon).IndexOfAnyExcept(SchemeLetters) < 0;
    }

    /// <summary>The path below a folder, with slashes; null when the file is not in it.</summary>
    public static string? Below(string folder, string path)
    {
        var relative = Path.GetRelativePath(folder, path).Replace('\\', '/');
        return relative is "." or ".." || relative.StartsWith("../", StringComparison.Ordinal)
            || Path.IsPathRooted(relative) ? null : relative;
    }

    /// <summary>The href by which one document of a catalogue names another: <c>./a.json</c>, <c>../b/c.json</c>.
    /// </summary>
    public static string Relative(string fromFile, string toFile)
    {
        var relative = Path.GetRelativePath(Path.GetDirectoryName(fromFile) ?? "/", toFile).Replace('\\', '/');
        return relative.StartsWith("../", StringComparison.Ordinal) ? relative : "./" + relative;
    }

    /// <summary>The <c>file:</c> URL of a path.</summary>
    public static string FileUrl(string path)
    {
        var slashed = path.Replace('\\', '/');
        return "file://" + (slashed.StartsWith('/') ? "" : "/") + Encode(slashed);
    }

    /// <summary>The URL of a file below a folder that is served.</summary>
    /// <param name="baseUrl">Where the folder is served.</param>
    /// <param name="below">The path below it, with slashes.</param>
    public static string Served(string baseUrl, string below) => baseUrl.TrimEnd('/') + "/" + Encode(below);

    static readonly System.Buffers.SearchValues<char> SchemeLetters = System.Buffers.SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    static string Encode(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
