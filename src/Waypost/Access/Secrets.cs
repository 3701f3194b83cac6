using System.Security.Cryptography;
using System.Text;

namespace Waypost.Access;

/// <summary>Seals what must be given back later (webhook secrets, tokens) so that a stolen database says
/// nothing.</summary>
/// <remarks>AES-256-GCM with a fresh nonce each; the key is derived from WAYPOST_SECRET, or from a key file in the data
/// folder that only its owner may read. A sealed text is <c>v1.</c> and base64 of key mark, nonce, tag and
/// text.</remarks>
public sealed class Secrets
{
    const string FileName = "secret.key";
    const string Version = "v1.";
    const int KeyBytes = 32;
    const int MarkBytes = 4;
    const int NonceBytes = 12;
    const int TagBytes = 16;

    readonly byte[] key;
    readonly byte[] mark;

    Secrets(byte[] key)
    {
        this.key = key;
        // Says which key sealed a text, without saying anything about the key.
        mark = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, MarkBytes, info: "waypost mark"u8.ToArray());
    }

    /// <summary>The key from the operator's own text (WAYPOST_SECRET), the same in every process.</summary>
    public static Secrets Of(string text) => new(HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(text), KeyBytes, info: "waypost secrets"u8.ToArray()));

    /// <summary>The key of the file in the data folder; it is made when absent, readable by its owner only.</summary>
    /// <exception cref="CannotStartException">The file holds something else.</exception>
    public static Secrets InFolder(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        var text = OwnersFile.ReadOrMake(path, () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));
        var bytes = new byte[KeyBytes];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length != KeyBytes)
            throw new CannotStartException(
                $"{Path.GetFullPath(path)} does not hold a key of {KeyBytes} bytes in base64. Restore it from a "
                + "backup, "
                + "or remove it to have a new one made: what was sealed with the old one is then lost.");
        return new Secrets(bytes);
    }

    /// <summary>Seals a text.</summary>
    public string Seal(string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var sealedText = new byte[MarkBytes + NonceBytes + TagBytes + plain.Length];
        var nonce = sealedText.AsSpan(MarkBytes, NonceBytes);
        mark.CopyTo(sealedText, 0);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(
            nonce, plain, sealedText.AsSpan(MarkBytes + NonceBytes + TagBytes),
            sealedText.AsSpan(MarkBytes + NonceBytes, TagBytes));
        return Version + Convert.ToBase64String(sealedText);
    }

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    /// <exception cref="SecretLostException">It was sealed with another key, or changed since.</exception>
    public string Open(string sealedText)
    {
        var bytes = Bytes(sealedText);
        if (!bytes.AsSpan(0, MarkBytes).SequenceEqual(mark))
            throw new SecretLostException(
                "A stored secret was sealed with another key: WAYPOST_SECRET or secret.key in the data folder has "
                + "changed. Bring the old one back, or set the secret again.");
        var plain = new byte[bytes.Length - MarkBytes - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(
                bytes.AsSpan(MarkBytes, NonceBytes), bytes.AsSpan(MarkBytes + NonceBytes + TagBytes),
                bytes.AsSpan(MarkBytes + NonceBytes, TagBytes), plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Damaged();
        }
        return Encoding.UTF8.GetString(plain);
    }

    static byte[] Bytes(string sealedText)
    {
        var bytes = new byte[sealedText.Length];
        if (!sealedText.StartsWith(Version, StringComparison.Ordinal)
            || !Convert.TryFromBase64String(sealedText[Version.Length..], bytes, out var length)
            || length < MarkBytes + NonceBytes + TagBytes)
            throw Damaged();
        return bytes[..length];
    }

    static SecretLostException Damaged() =>
        new("A stored secret was changed since it was sealed. Set the secret again.");
}

/// <summary>A sealed secret cannot be opened; the sentence says what to do.</summary>
public sealed class SecretLostException(string message) : Exception(message);
