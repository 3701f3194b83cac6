using System.Net;

namespace Waypost.Catalogue;

/// <summary>Which proxies may say how this server is reached from outside.</summary>
/// <param name="TrustedProxies">Addresses (<c>10.0.0.2</c>) or networks (<c>10.0.0.0/8</c>) whose <c>Forwarded</c> and
/// <c>X-Forwarded-*</c> headers are believed. From anybody else they are ignored: whoever could set them would decide
/// where our links lead.</param>
public sealed record LinkSettings(IReadOnlyList<IPNetwork> TrustedProxies)
{
    /// <summary>No proxy is believed.</summary>
    public static readonly LinkSettings TrustNobody = new([]);

    /// <summary>Reads addresses and networks as configuration has them.</summary>
    /// <exception cref="FormatException">One is neither; the message names it.</exception>
    public static LinkSettings Parse(IEnumerable<string> trustedProxies) => new([.. trustedProxies.Select(Network)]);

    /// <summary>True when what this peer says about addresses is believed.</summary>
    public bool Trusts(IPAddress? peer)
    {
        if (peer is null) return false;
        var plain = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        foreach (var network in TrustedProxies)
            if (network.Contains(plain))
                return true;
        return false;
    }

    static IPNetwork Network(string text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        if (IPAddress.TryParse(text, out var address))
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        throw new FormatException(
            $"'{text}' is not a trusted proxy: an address (10.0.0.2) or a network (10.0.0.0/8) was expected.");
    }
}

/// <summary>The address under which a caller reaches this server: what links begin with.</summary>
public static class PublicAddress
{
    /// <summary>Scheme, host and path prefix of the request as its caller sent it, without a slash at the
    /// end.</summary>
    /// <remarks>Behind a trusted proxy the headers of RFC 7239 (<c>Forwarded</c>) or <c>X-Forwarded-Proto</c>,
    /// <c>-Host</c> and <c>-Prefix</c> say it; otherwise the request itself does.</remarks>
    public static string Of(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        var (scheme, host, prefix) = (http.Request.Scheme, http.Request.Host.Value ?? "", "");
        var settings = http.RequestServices.GetRequiredService<LinkSettings>();
        if (settings.TrustedProxies.Count > 0 && settings.Trusts(http.Connection.RemoteIpAddress))
        {
            var said = http.Request.Headers;
            scheme = Scheme(Forwarded(said, "proto") ?? First(said["X-Forwarded-Proto"])) ?? scheme;
            host = HostName(Forwarded(said, "host") ?? First(said["X-Forwarded-Host"])) ?? host;
            prefix = Prefix(First(said["X-Forwarded-Prefix"])) ?? "";
        }
        return $"{scheme}://{host}{prefix}{http.Request.PathBase.Value}".TrimEnd('/');
    }

    // The first element is what the outermost proxy saw: RFC 7239, section 4.
    static string? Forwarded(IHeaderDictionary headers, string parameter)
    {
        foreach (var pair in (First(headers["Forwarded"]) ?? "").Split(';', StringSplitOptions.TrimEntries))
            if (pair.Split('=', 2) is [var name, var value]
                && name.Equals(parameter, StringComparison.OrdinalIgnoreCase))
                return value.Trim('"');
        return null;
    }

    static string? First(Microsoft.Extensions.Primitives.StringValues values)
    {
        var first = values.ToString().Split(',')[0].Trim();
        return first.Length == 0 ? null : first;
    }

    static string? Scheme(string? said)
    {
        var scheme = said?.ToLowerInvariant();
        return scheme is "http" or "https" ? scheme : null;
    }

    static string? HostName(string? said) =>
        said is not null && Uri.TryCreate($"http://{said}/", UriKind.Absolute, out var uri)
        && uri.AbsolutePath == "/" && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? said
            : null;

    static string? Prefix(string? said) =>
        said is { Length: > 1 } && said[0] == '/' && said[1] != '/'
        && Uri.TryCreate("http://host" + said, UriKind.Absolute, out var uri)
            ? uri.AbsolutePath.TrimEnd('/')
            : null;
}
