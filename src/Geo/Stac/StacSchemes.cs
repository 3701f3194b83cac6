namespace Waypost.Geo.Stac;

/// <summary>
/// The URI schemes whose addresses may be seen from outside: always <c>http</c> and <c>https</c>, and those that the
/// operator names.
/// </summary>
public sealed class StacSchemes
{
    readonly string[] all;

    /// <summary>http, https and these.</summary>
    /// <param name="more">Names such as <c>s3</c>, without a colon, in either case.</param>
    /// <exception cref="ArgumentException">One is not a scheme (RFC 3986 section 3.1).</exception>
    public StacSchemes(IEnumerable<string> more)
    {
        all =
        [
            .. (string[])["http", "https"],
            .. more.Select(scheme => IsScheme(scheme)
                ? scheme.ToLowerInvariant()
                : throw new ArgumentException($"'{scheme}' is not the name of a URI scheme.", nameof(more))),
        ];
        all = [.. all.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>http and https, nothing else.</summary>
    public static StacSchemes Web { get; } = new([]);

    /// <summary>The names in order, with commas: two of the same text hide the same.</summary>
    public override string ToString() => string.Join(',', all);

    internal bool Allows(ReadOnlySpan<char> scheme)
    {
        foreach (var one in all)
        {
            if (scheme.Equals(one, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    internal static bool IsScheme(string text) => text.Length > 0 && char.IsAsciiLetter(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '+' or '-' or '.');
}
