using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Waypost.Rescue.Library;

/// <summary>Where an asset is fetched from: an address that has been looked at, and what makes two of them the same.
/// </summary>
/// <param name="Text">The address as it was given; its other letters are escaped.</param>
/// <param name="Source">Who is asked for it: <c>https://data.example.gov:443</c>; <c>magnet:</c> for a swarm.</param>
/// <param name="Sha256">Of the address in its one form: scheme and host in small letters, no default port, no fragment;
/// of a magnet link what it names.</param>
public sealed partial record AssetUrl(string Text, string Source, byte[] Sha256)
{
    /// <summary>The longest address, in characters.</summary>
    public const int MostCharacters = 4_000;

    /// <summary>The schemes that volunteers' nodes can fetch.</summary>
    public static readonly IReadOnlyList<string> Schemes = ["http", "https", "ftp", "magnet"];

    const string Magnet = "magnet:";
    const int LongestExtension = 5;

    // Pages, however their address ends.
    static readonly string[] Pages = ["aspx", "htm", "html", "htmlx", "shtml"];

    /// <summary>Looks at an address.</summary>
    /// <param name="given">The address.</param>
    /// <param name="url">What it is; null when it cannot be fetched.</param>
    /// <returns>Why it cannot be fetched, as a sentence; null when it can.</returns>
    public static string? Read(string? given, out AssetUrl? url)
    {
        url = null;
        var text = given?.Trim() ?? "";
        if (text.Length == 0) return "There is no address.";
        if (text.Length > MostCharacters) return $"The address has more than {MostCharacters} characters.";
        if (text.Any(char.IsControl)) return "The address has a control character in it.";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || text.StartsWith('/'))
            return "The address is not whole: a scheme and a host, such as https://data.example.gov/a.csv, were "
                + "expected.";
        if (!Schemes.Contains(uri.Scheme))
            return $"The scheme {uri.Scheme} cannot be fetched; {string.Join(", ", Schemes)} can.";
        return uri.Scheme == "magnet" ? ReadMagnet(text, out url) : ReadAddress(text, uri, out url);
    }

    /// <summary>What kind of thing an address leads to, as the rescue database says it: <c>dir</c>, <c>web</c>, or the
    /// file's extension.</summary>
    public static string KindOf(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)) return "web";
        if (uri.Scheme == "magnet") return "magnet";
        var path = uri.AbsolutePath.Trim();
        if (path.Length > 1 && (path.EndsWith('/') || path.EndsWith("%2F", StringComparison.Ordinal))) return "dir";
        if (Extension().Match(path) is not { Success: true } found) return path == "/" ? "dir" : "web";
        var extension = found.Groups["extension"].Value;
        var isFile = extension == "geojson"
            || (extension.Length <= LongestExtension && !Pages.Contains(extension, StringComparer.Ordinal));
        return isFile ? extension : "web";
    }

    static string? ReadAddress(string text, Uri uri, out AssetUrl? url)
    {
        url = null;
        if (uri.Host.Length == 0) return "The address names no host.";
        // Whoever is given the work would read it.
        if (uri.UserInfo.Length > 0) return "The address has a name or a password in it, which nodes must not be told.";
        var whole = uri.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
        url = new AssetUrl(
            text.All(char.IsAscii) && !text.Contains(' ', StringComparison.Ordinal) ? text : uri.AbsoluteUri,
            $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}", Hash(whole));
        return null;
    }

    static string? ReadMagnet(string text, out AssetUrl? url)
    {
        url = null;
        var names = Topic().Matches(text).Select(match => match.Groups["topic"].Value.ToLowerInvariant())
            .Order(StringComparer.Ordinal).ToList();
        if (names.Count == 0 || !text.All(char.IsAscii))
            return "The magnet link names nothing: xt=urn:btih:… or xt=urn:btmh:… was expected.";
        url = new AssetUrl(text, Magnet, Hash(Magnet + string.Join('&', names)));
        return null;
    }

    static byte[] Hash(string whole) => SHA256.HashData(Encoding.UTF8.GetBytes(whole));

    [GeneratedRegex(@"[?&]xt(?:\.\d+)?=(?<topic>urn:bt(?:ih|mh):[0-9a-zA-Z]{32,})")]
    private static partial Regex Topic();

    [GeneratedRegex(@".\.(?<extension>tar\.[zZ]|[a-zA-Z7][a-zA-Z0-9]+)$")]
    private static partial Regex Extension();
}
