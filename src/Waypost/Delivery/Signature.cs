using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Waypost.Delivery;

/// <summary>How a receiver knows that a message is ours, unchanged and recent.</summary>
/// <remarks>
/// Standard Webhooks (standardwebhooks.com): <c>webhook-id</c>, <c>webhook-timestamp</c> and <c>webhook-signature</c>,
/// which is <c>v1,</c> and the base64 HMAC-SHA256 of <c>id.timestamp.body</c>, once for each valid secret. Beside it
/// the
/// platform contract's <c>X-Platform-Signature</c>: <c>sha256=</c> and the hex HMAC-SHA256 of the raw body, keyed with
/// the secret's text as it was handed over, once for each valid secret with a comma between.
/// </remarks>
static class Signature
{
    /// <summary>What our own secrets begin with; base64 follows.</summary>
    public const string SecretPrefix = "whsec_";

    const int SecretBytes = 32;

    /// <summary>A new secret.</summary>
    public static string NewSecret() =>
        SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The headers that sign a message.</summary>
    /// <param name="messageId">The same for every attempt and replay of one message.</param>
    /// <param name="at">The moment of this attempt.</param>
    /// <param name="body">The body exactly as it is sent.</param>
    /// <param name="secrets">The valid secrets, the newest first; without one, only id and timestamp are told.</param>
    public static IEnumerable<(string Name, string Value)> Headers(
        string messageId, DateTimeOffset at, byte[] body, IReadOnlyList<string> secrets)
    {
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        yield return ("webhook-id", messageId);
        yield return ("webhook-timestamp", timestamp);
        if (secrets.Count == 0) yield break;
        byte[] content = [.. Encoding.UTF8.GetBytes($"{messageId}.{timestamp}."), .. body];
        yield return ("webhook-signature", string.Join(' ', secrets.Select(secret =>
            "v1," + Convert.ToBase64String(HMACSHA256.HashData(Key(secret), content)))));
        yield return ("X-Platform-Signature", string.Join(',', secrets.Select(secret =>
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)))));
    }

    static byte[] Key(string secret)
    {
        var key = new byte[secret.Length];
        return secret.StartsWith(SecretPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(secret[SecretPrefix.Length..], key, out var length)
            ? key[..length]
            : Encoding.UTF8.GetBytes(secret);
    }
}
