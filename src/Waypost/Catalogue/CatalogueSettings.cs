using Waypost.Access;
using Waypost.Geo.Stac;

namespace Waypost.Catalogue;

/// <summary>What outsiders may see of catalogues, and whose anybody may.</summary>
/// <param name="ExternalSchemes">Schemes of addresses that the external view shows beside http and https
/// (<c>s3</c>): whatever leads elsewhere is left out of it.</param>
/// <param name="OpenExternal">Organizations whose external view anybody may read without a key, at
/// <c>/api/v1/{org_id}/external</c>.</param>
public sealed record CatalogueSettings(IReadOnlyList<string> ExternalSchemes, IReadOnlyList<string> OpenExternal)
{
    // What these schemes lead to is on somebody's machine, or in the page that follows the link.
    static readonly string[] NeverShown = ["file", "data", "javascript", "vbscript", "blob", "about"];

    /// <summary>Only http and https, and nobody's catalogue open.</summary>
    public CatalogueSettings() : this([], [])
    {
    }

    /// <summary>A catalogue counts as stale when nothing was put in for longer than this.</summary>
    public double StaleAfterHours { get; init; } = 48;

    /// <summary>Folders whose files are served under <c>/catalogue/</c> to whoever may see the external view:
    /// <c>/srv/matchups</c> for the default organization, <c>acme=/srv/acme</c> for another one. Only files of data and
    /// pictures are served, and none below a folder that is named like a collection that outsiders do not see.
    /// </summary>
    public IReadOnlyList<string> AssetFolders { get; init; } = [];

    /// <summary>How much work a search does at the most.</summary>
    internal SearchLimits Search { get; init; } = new();

    /// <summary>http, https and the others.</summary>
    internal StacSchemes Schemes { get; } = new(ExternalSchemes.Where(IsScheme));

    /// <summary>Says what is wrong with these settings; null when nothing is.</summary>
    public string? Problem()
    {
        if (ExternalSchemes.FirstOrDefault(scheme => !IsScheme(scheme)) is { } scheme)
            return $"catalogue.external_schemes has the entry '{scheme}', which is not the scheme of an address, in "
                + "lower-case letters without a colon (s3).";
        if (ExternalSchemes.FirstOrDefault(NeverShown.Contains) is { } never)
            return $"catalogue.external_schemes has the entry '{never}': what it leads to is never for outsiders.";
        if (OpenExternal.FirstOrDefault(org => !Organizations.IsId(org)) is { } org)
            return $"catalogue.open_external has the entry '{org}', which cannot be an organization's id.";
        if (StaleAfterHours is not (> 0 and <= 1_000_000))
            return "catalogue.stale_after_hours must be more than 0 and up to 1000000.";
        return OpenedFolders.Problem("catalogue.asset_folders", AssetFolders);
    }

    // RFC 3986, section 3.1.
    static bool IsScheme(string text) =>
        text is [>= 'a' and <= 'z', ..] && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9')
            or '+' or '-' or '.');
}
