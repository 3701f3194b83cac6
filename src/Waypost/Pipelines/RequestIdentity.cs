using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Waypost.Access;

namespace Waypost.Pipelines;

/// <summary>What makes two submissions the same request: the client's own names for the data, within its organization.
/// </summary>
/// <param name="Client">The application behind the key.</param>
/// <param name="Dataset">The client's data set.</param>
/// <param name="Resource">The resource within the data set.</param>
/// <param name="Version">The version of the resource; null for a draft.</param>
public sealed partial record RequestIdentity(string Client, string Dataset, string Resource, string? Version)
{
    const int LongestId = 255;
    const int LongestVersion = 50;
    const int HexDigits = 32;

    /// <summary>How a draft is called where a version must be named.</summary>
    public const string Draft = "draft";

    /// <summary>The request's id: the same identity always has the same one.</summary>
    public string RequestId => Hash(Client, Dataset, Resource, Version ?? "");

    /// <summary>The id of the resource whatever its version.</summary>
    public string AssetId => Hash("asset", Client, Dataset, Resource);

    /// <summary>The id of this version of the resource.</summary>
    public string ReleaseId => Hash("release", Client, Dataset, Resource, Version ?? "");

    /// <summary>The item's id in the catalogue, as the platform contract forms it.</summary>
    public string ItemId => $"{Dataset}_{Resource}_{Version ?? Draft}";

    /// <summary>The item's id when another request already has the first choice: <c>a_b</c>, <c>c</c> and <c>a</c>,
    /// <c>b_c</c> form the same one.</summary>
    public string DistinctItemId => $"{ItemId}_{RequestId[..8]}";

    /// <summary>Refuses a name that could not be part of a URL and an item id.</summary>
    public static void Check(string field, string value)
    {
        var longest = field == "version_id" ? LongestVersion : LongestId;
        if (value.Length > longest || !Name().IsMatch(value))
            throw Refused.Bad("INVALID_ID",
                $"{field} is not a name that can be used here: it must begin with a letter or a digit, go on with "
                + $"letters, digits, '.', '_' or '-', and have {longest} characters at the most.",
                $"Send a {field} that matches ^[a-zA-Z0-9][a-zA-Z0-9._-]*$.")
                .At(field);
    }

    // The lengths keep ("a|b", "c") and ("a", "b|c") apart whatever the names hold.
    static string Hash(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
            text.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part}|");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..HexDigits];
    }

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9._-]*\z")]
    private static partial Regex Name();
}

/// <summary>Says more about a refusal.</summary>
static class RefusedDetails
{
    /// <summary>The same refusal with the member <c>field</c>.</summary>
    public static Refused At(this Refused refused, string field) => refused.With(("field", field));

    /// <summary>The same refusal with further members.</summary>
    public static Refused With(this Refused refused, params ReadOnlySpan<(string Name, object? Value)> members)
    {
        var details = new Dictionary<string, object?>(refused.Details);
        foreach (var (name, value) in members) details[name] = value;
        return new Refused(refused.Status, refused.Code, refused.Message, refused.Remedy)
        {
            Details = details,
            RetryAfter = refused.RetryAfter,
        };
    }
}
