namespace Waypost.Geo.Cql2;

/// <summary>
/// Thrown for an expression that is not CQL2, is larger than <see cref="Cql2Limits"/> allow, or compares what cannot
/// be compared. The message is for the person who wrote it and names the place.
/// </summary>
public sealed class BadCql2Exception(string place, string found, string expected)
    : Exception($"{(place.Length == 0 ? "The filter" : $"The filter at {place}")} has {found}; {expected}.")
{
    /// <summary><c>column 12</c> of a text, or the JSON pointer <c>/args/0</c>; empty for the whole expression.
    /// </summary>
    public string Place { get; } = place;

    /// <summary>What stands there.</summary>
    public string Found { get; } = found;

    /// <summary>What could stand there instead.</summary>
    public string Expected { get; } = expected;
}
