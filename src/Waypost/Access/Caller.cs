using System.Security.Cryptography;
using System.Text;

namespace Waypost.Access;

/// <summary>Who is asking, and for whom. Built once per request; every statement's org comes from here.</summary>
/// <param name="KeyId">The key that was shown; null for an open read.</param>
/// <param name="Org">The organization whose rows this request may touch.</param>
/// <param name="Role">What the caller is.</param>
/// <param name="ClientId">The application behind the key, as the platform contract means it (<c>ddh</c>).</param>
/// <param name="Permissions">What the role allows, narrowed by the key's scopes.</param>
public sealed record Caller(
    Guid? KeyId, string Org, Role Role, string ClientId, IReadOnlySet<Permission> Permissions)
{
    /// <summary>The organization that exists from the first start.</summary>
    public const string DefaultOrg = "default";

    /// <summary>Someone without a key, where reads of the default organization are open.</summary>
    public static readonly Caller Anonymous =
        new(null, DefaultOrg, Role.Viewer, "anonymous", Roles.May(Role.Viewer));

    /// <summary>A monitor without a key, where measurements are open.</summary>
    public static readonly Caller Monitor = new(
        null, DefaultOrg, Role.Viewer, "monitor", new HashSet<Permission> { Permission.MetricsRead });

    /// <summary>A client of a compatible service, which has no key: it may do this one thing.</summary>
    public static Caller Keyless(Permission permission) => new(
        null, DefaultOrg, Role.Viewer, "anonymous", new HashSet<Permission> { permission });

    /// <summary>Lets an endpoint simply take a <see cref="Caller"/>.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => new(
        context.Features.Get<Caller>()
        ?? throw new InvalidOperationException("This route states no permission, so nobody was asked who calls."));

    /// <summary>What is kept of a key: its SHA-256, in hex.</summary>
    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>True when the caller may.</summary>
    public bool May(Permission permission) => Permissions.Contains(permission);
}
