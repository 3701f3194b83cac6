using System.Net;
using System.Net.Sockets;
using Waypost.Access;

namespace Waypost.Delivery;

/// <summary>Where this server may connect to on behalf of somebody.</summary>
/// <param name="Allow">Hosts (<c>files.example.org</c>, <c>10.0.0.5</c>) or host and port (<c>localhost:9000</c>) that
/// may be called although their addresses are not public. The setting <c>outbound.allow</c>.</param>
public sealed record OutboundSettings(IReadOnlyList<string> Allow)
{
    /// <summary>Public addresses only.</summary>
    public OutboundSettings() : this([])
    {
    }

    /// <summary>Says what is wrong with these settings; null when nothing is.</summary>
    public string? Problem() =>
        Allow.FirstOrDefault(entry => !Uri.TryCreate("http://" + entry, UriKind.Absolute, out var uri)
        || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0) is { } wrong
            ? $"outbound.allow has the entry '{wrong}', which is not a host or host:port."
            : null;
}

/// <summary>Decides which addresses may be called: public ones, and those the operator has named.</summary>
sealed class OutboundRules(OutboundSettings settings)
{
    /// <summary>The code of every refusal here.</summary>
    public const string Code = "OUTBOUND_REFUSED";

    readonly HashSet<string> allowed =
        new(settings.Allow.Select(entry => entry.Trim()), StringComparer.OrdinalIgnoreCase);

    // What an address block is, in the words of the refusal. RFC 6890 and the registries it names.
    static readonly (IPNetwork Block, string Is)[] NotPublic =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "this network (0.0.0.0/8)"),
        (IPNetwork.Parse("10.0.0.0/8"), "private (RFC 1918)"),
        (IPNetwork.Parse("100.64.0.0/10"), "shared by carriers (RFC 6598)"),
        (IPNetwork.Parse("127.0.0.0/8"), "loopback"),
        (IPNetwork.Parse("168.63.129.16/32"), "a cloud's metadata address"),
        (IPNetwork.Parse("169.254.0.0/16"), "link-local, where clouds keep their metadata"),
        (IPNetwork.Parse("172.16.0.0/12"), "private (RFC 1918)"),
        (IPNetwork.Parse("192.0.0.0/24"), "reserved for protocols"),
        (IPNetwork.Parse("192.0.2.0/24"), "for documentation"),
        (IPNetwork.Parse("192.88.99.0/24"), "a relay of 6to4"),
        (IPNetwork.Parse("192.168.0.0/16"), "private (RFC 1918)"),
        (IPNetwork.Parse("198.18.0.0/15"), "for benchmarks"),
        (IPNetwork.Parse("198.51.100.0/24"), "for documentation"),
        (IPNetwork.Parse("203.0.113.0/24"), "for documentation"),
        (IPNetwork.Parse("224.0.0.0/4"), "multicast"),
        (IPNetwork.Parse("240.0.0.0/4"), "reserved"),
        (IPNetwork.Parse("::/128"), "unspecified"),
        (IPNetwork.Parse("::1/128"), "loopback"),
        (IPNetwork.Parse("2001::/23"), "reserved for protocols, Teredo among them"),
        (IPNetwork.Parse("2001:db8::/32"), "for documentation"),
        (IPNetwork.Parse("2002::/16"), "6to4, which hides another address"),
        (IPNetwork.Parse("3fff::/20"), "for documentation"),
        (IPNetwork.Parse("fc00::/7"), "unique local (private)"),
        (IPNetwork.Parse("fe80::/10"), "link-local"),
        (IPNetwork.Parse("ff00::/8"), "multicast"),
    ];

    static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Refuses an address that can be seen to be wrong before anything is resolved.</summary>
    /// <exception cref="Refused">OUTBOUND_REFUSED, with the rule and the setting to change.</exception>
    public void Check(Uri uri)
    {
        if (!uri.IsAbsoluteUri || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            throw Refused.Bad(Code, "Only http:// and https:// addresses are called.", "Give a full URL of that kind.");
        if (uri.UserInfo.Length > 0)
            throw Refused.Bad(Code, "The address carries a user name or password, which logs would show.",
                "Leave it out of the URL, and send credentials in a header.");
        if (IsAllowed(uri.IdnHost, uri.Port)) return;
        if (IPAddress.TryParse(uri.IdnHost, out var address)) CheckAddresses(uri.IdnHost, uri.Port, [address]);
        else if (uri.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || uri.IdnHost.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
            throw NotAllowed(uri.IdnHost, uri.Port, "loopback");
    }

    /// <summary>The addresses of a host, each of which may be called.</summary>
    /// <exception cref="Refused">One of them may not: a host with a public and a private address is a trap.</exception>
    public async Task<IPAddress[]> Resolve(string host, int port, CancellationToken ct)
    {
        var addresses = await Dns.GetHostAddressesAsync(host.Trim('[', ']'), ct);
        if (!IsAllowed(host, port)) CheckAddresses(host, port, addresses);
        return addresses;
    }

    /// <summary>What a non-public address is; null for a public one.</summary>
    internal static string? WhyNotPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return WhyNotPublic(address.MapToIPv4());
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && Nat64.Contains(address))
            return WhyNotPublic(new IPAddress(address.GetAddressBytes().AsSpan(12)));
        foreach (var (block, what) in NotPublic)
            if (block.BaseAddress.AddressFamily == address.AddressFamily && block.Contains(address)) return what;
        return address.AddressFamily == AddressFamily.InterNetworkV6 && !GlobalUnicast.Contains(address)
            ? "not a global unicast address"
            : null;
    }

    static void CheckAddresses(string host, int port, IEnumerable<IPAddress> addresses)
    {
        foreach (var address in addresses)
            if (WhyNotPublic(address) is { } why) throw NotAllowed(host, port, why);
    }

    // The address itself is left out where a name was given: what a name means inside is not told outside.
    static Refused NotAllowed(string host, int port, string why) => Refused.Bad(Code,
        $"The address of {host} is not public: it is {why}. This server calls public addresses only.",
        $"Use a public address, or have the operator add \"{host}:{port}\" to outbound.allow in waypost.json.");

    bool IsAllowed(string host, int port)
    {
        var bare = host.Trim('[', ']');
        var bracketed = bare.Contains(':', StringComparison.Ordinal) ? $"[{bare}]" : bare;
        return allowed.Contains(bare) || allowed.Contains(bracketed) || allowed.Contains($"{bracketed}:{port}");
    }
}
