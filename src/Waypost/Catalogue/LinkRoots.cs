using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Waypost.Catalogue;

/// <summary>The addresses of this server as one caller sees it, put into documents when they are answered.</summary>
/// <remarks>
/// A stored document has a placeholder where an address of ours begins: one of four characters of Unicode's private use
/// area, which our writer would have escaped had they been anybody's content. Serving is then a copy with the
/// placeholders replaced, without parsing. A caller under <c>/api/v1/{org_id}</c> is kept there by every link.
/// </remarks>
public sealed class LinkRoots
{
    /// <summary>Where the routes begin that are neither STAC nor under <c>/api</c>: <c>/platform</c>,
    /// <c>/tiles</c>.</summary>
    internal const char Site = '\uE000';

    /// <summary>The landing page of the STAC API.</summary>
    internal const char Stac = '\uE001';

    /// <summary>Where the other routes under <c>/api</c> begin: <c>/api/features</c>, <c>/api/platform</c>.</summary>
    internal const char Api = '\uE002';

    /// <summary>The server itself, whoever asks.</summary>
    internal const char Host = '\uE003';

    static readonly SearchValues<char> Placeholders = SearchValues.Create([Site, Stac, Api, Host]);

    readonly string[] roots;

    /// <summary>The roots for a server that is reached at <paramref name="host"/>.</summary>
    /// <param name="host">Scheme, host and path base, without a slash at the end.</param>
    /// <param name="org">The organization whose twin of the routes is used; null at the root.</param>
    /// <param name="mount">Where everything begins there that a view other than the internal one shows; tiles,
    /// features and data have routes of their own in it, for its reader may not go to those outside.</param>
    public LinkRoots(string host, string? org, string? mount = null)
    {
        host = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(host);
        var twin = org is null ? host : $"{host}/api/v1/{org}";
        roots = (org, mount) switch
        {
            (_, not null) => [twin + mount, twin + mount, twin + mount, host],
            (null, _) => [host, host + "/api", host + "/api", host],
            _ => [twin, twin + "/stac", twin, host],
        };
    }

    /// <summary>The roots as the caller of this request reaches them.</summary>
    public static LinkRoots Of(HttpContext http) => Of(http, null);

    /// <summary>The roots as the caller of this request reaches them, where STAC begins at another place.</summary>
    internal static LinkRoots Of(HttpContext http, string? mount)
    {
        ArgumentNullException.ThrowIfNull(http);
        return new LinkRoots(PublicAddress.Of(http), http.GetRouteValue("org_id") as string, mount);
    }

    /// <summary>Where the routes begin that are neither STAC nor under <c>/api</c>; absolute.</summary>
    public string SiteRoot => roots[0];

    /// <summary>The landing page of the STAC API; absolute.</summary>
    public string StacRoot => roots[1];

    /// <summary>Where <c>/features</c> and other routes under <c>/api</c> begin; absolute.</summary>
    public string ApiRoot => roots[2];

    /// <summary>Scheme, host and path base; absolute.</summary>
    public string HostRoot => roots[3];

    /// <summary>The placeholder form of an address: null when it is not one of ours to make absolute.</summary>
    /// <remarks>Whatever an outside view has no route for is of no use to its readers, and tells them how things are
    /// inside: an organization's name, a request, a version.</remarks>
    internal static (char Root, string Path, bool IsOutside)? Split(string href)
    {
        if (Under(href, "/api/v1")) return (Host, href, false);
        if (Under(href, "/api/features")) return (Api, href["/api".Length..], true);
        if (Under(href, "/api/platform"))
            return (Api, href["/api".Length..], Under(href["/api".Length..], "/platform/data"));
        if (Under(href, "/api")) return (Stac, href["/api".Length..], IsOutside(href["/api".Length..]));
        if (Under(href, "/platform")) return (Site, href, Under(href, "/platform/data"));
        return Under(href, "/tiles") ? (Site, href, true) : null;
    }

    // The pages that every view of a catalogue has.
    static bool IsOutside(string path)
    {
        var end = path.AsSpan().IndexOfAny('?', '#');
        return (end < 0 ? path : path[..end]).Trim('/').Split('/') switch
        {
            [""] => true,
            ["collections"] or ["collections", _] => true,
            ["collections", _, "items"] or ["collections", _, "items", _] => true,
            ["collections", _, "browse", ..] => true,
            ["collections", _, "queryables" or "sortables" or "aggregate" or "aggregations"] => true,
            ["search" or "conformance" or "children" or "changes"] => true,
            ["queryables" or "sortables" or "collection-queryables" or "collection-sortables"] => true,
            ["aggregate" or "aggregations"] => true,
            _ => false,
        };
    }

    /// <summary>An address as these roots show it, back in the form in which it is sent to us (<c>/api/…</c>,
    /// <c>/tiles/…</c>); any other address as it is.</summary>
    internal string AsSent(string href)
    {
        foreach (var (root, before) in (ReadOnlySpan<(char, string)>)[(Stac, "/api"), (Api, "/api"), (Site, "")])
            if (Under(href, roots[root - Site]) && before + href[roots[root - Site].Length..] is var sent
                && Split(sent) is { } split && split.Root == root)
                return sent;
        return Under(href, HostRoot) && href[HostRoot.Length..] is var rest && Split(rest) is { Root: Host }
            ? rest : href;
    }

    /// <summary>Writes a stored document with the addresses put in.</summary>
    internal void Write(ReadOnlySpan<char> stored, IBufferWriter<byte> to)
    {
        while (true)
        {
            var at = stored.IndexOfAny(Placeholders);
            Encoding.UTF8.GetBytes(at < 0 ? stored : stored[..at], to);
            if (at < 0) return;
            Encoding.UTF8.GetBytes(roots[stored[at] - Site], to);
            stored = stored[(at + 1)..];
        }
    }

    /// <summary>A stored document with the addresses put in.</summary>
    internal string Expand(string stored)
    {
        var text = new ArrayBufferWriter<byte>(stored.Length + 512);
        Write(stored, text);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    // "/api" itself, "/api/…" and "/api?…", but not "/apiary".
    static bool Under(string href, string path) =>
        href.StartsWith(path, StringComparison.Ordinal)
        && (href.Length == path.Length || href[path.Length] is '/' or '?' or '#');
}
