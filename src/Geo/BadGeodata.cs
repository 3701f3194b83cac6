namespace Waypost.Geo;

/// <summary>Whose problem it is, in the words the platform contract uses for its error categories.</summary>
public enum GeodataCategory
{
    /// <summary>Something that should be there is not: no file, no pixels, no features, no CRS.</summary>
    DataMissing,

    /// <summary>The data is there and it is broken.</summary>
    DataQuality,

    /// <summary>The data is sound, in a form that is not read here.</summary>
    DataIncompatible,

    /// <summary>The request asked for something that does not fit the data.</summary>
    ParameterError,
}

/// <summary>Why a file cannot be used: a stable code, a sentence, and what its owner can do about it.</summary>
/// <param name="Code">Stable upper-case code, such as <c>RASTER_EMPTY</c>; listed in docs/problems.md.</param>
/// <param name="Category">Whose problem it is.</param>
/// <param name="Message">What was wrong and where, for a person; never a path of the server.</param>
/// <param name="Remediation">What to do about it.</param>
/// <param name="UserFixable">True when the owner of the data can mend it without us.</param>
public sealed record GeodataFault(
    string Code, GeodataCategory Category, string Message, string Remediation, bool UserFixable = true);

/// <summary>Something worth telling that did not stop the work.</summary>
/// <param name="Code">Stable upper-case code, such as <c>SOURCE_COG_INVALID</c>.</param>
/// <param name="Message">What was found and what was done about it.</param>
/// <param name="Count">How many times it was found.</param>
public sealed record GeodataWarning(string Code, string Message, long Count = 1);

/// <summary>Thrown by every reader in Geo when the input, not our code, is at fault.</summary>
public sealed class BadGeodataException(GeodataFault fault) : Exception(fault.Message)
{
    /// <summary>What was wrong and what to do.</summary>
    public GeodataFault Fault { get; } = fault;
}
