using Waypost.Geo.Stac;

namespace Waypost.Catalogue;

/// <summary>What is done about a document that has faults.</summary>
public enum Validation
{
    /// <summary>What has only one sensible meaning is put right and reported; the rest is refused.</summary>
    Repair,

    /// <summary>Any fault is refused.</summary>
    Strict,
}

/// <summary>How documents are made ready to be kept.</summary>
/// <param name="Visible">The schemes of the addresses that the external view shows.</param>
/// <param name="Validation">What is done about faults.</param>
public sealed record Preparing(StacSchemes Visible, Validation Validation)
{
    /// <summary>Counts the changes to what preparing a document yields.</summary>
    const int Version = 3;

    /// <summary>Names what rows were prepared to: where two differ, documents have to be prepared again.</summary>
    public string Form => $"{Version}:{Visible}";

    /// <summary>Web addresses are visible, and what can be repaired is.</summary>
    public static Preparing Default { get; } = new(StacSchemes.Web, Validation.Repair);
}
