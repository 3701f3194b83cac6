using System.Text.Json;

namespace Waypost.Geo.Stac;

/// <summary>What a part of a document is, as far as hiding and addresses of ours are concerned.</summary>
internal enum StacPlace
{
    /// <summary>Nothing special.</summary>
    Anywhere,

    /// <summary>An object whose members can be searched by.</summary>
    Properties,

    /// <summary>Assets by their keys.</summary>
    Assets,

    /// <summary>One asset, which cannot be without its address.</summary>
    Asset,

    /// <summary>A link, which cannot be without its address and its relation.</summary>
    Link,

    /// <summary>Something below an asset or a link; addresses in it may be ours.</summary>
    Hrefs,

    /// <summary>A list of providers.</summary>
    Providers,

    /// <summary>One provider, which cannot be without its name.</summary>
    Provider,

    /// <summary>What a collection says of its items' assets, by key.</summary>
    ItemAssets,

    /// <summary>One of them, which has two members at least.</summary>
    ItemAsset,

    /// <summary>Members by names that anybody chose, so that none of them has a meaning.</summary>
    Keyed,
}

/// <summary>The JSON type of a property, as a list of what can be searched by states it.</summary>
public enum PropertyType
{
    /// <summary>Null, which says nothing of the type.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A string that is a moment as RFC 3339 has it.</summary>
    Moment,

    /// <summary>An array.</summary>
    Array,

    /// <summary>An object, whose members follow under dotted names.</summary>
    Object,
}

/// <summary>A property of an item.</summary>
/// <param name="Name">Its name below <c>properties</c>, dotted for a member of a member.</param>
/// <param name="Type">What its value is.</param>
/// <param name="IsVisible">Whether the external view has it.</param>
public readonly record struct PropertyOfItem(string Name, PropertyType Type, bool IsVisible)
{
    /// <summary>Objects in objects that are looked into.</summary>
    public const int DepthLimit = 3;

    /// <summary>The type of the value that a reader stands on.</summary>
    internal static PropertyType TypeOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => PropertyType.Object,
        JsonTokenType.StartArray => PropertyType.Array,
        JsonTokenType.Number => PropertyType.Number,
        JsonTokenType.True or JsonTokenType.False => PropertyType.Boolean,
        JsonTokenType.String => IsMoment(reader.ValueSpan) ? PropertyType.Moment : PropertyType.Text,
        _ => PropertyType.Null,
    };

    static bool IsMoment(ReadOnlySpan<byte> text) =>
        text is [_, _, _, _, (byte)'-', _, _, (byte)'-', _, _, (byte)'T' or (byte)'t', _, _, (byte)':', _, _,
            (byte)':', _, _, ..]
        && text[^1] is (byte)'Z' or (byte)'z' or (>= (byte)'0' and <= (byte)'9') && text.Length >= 20
        && text[..4].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
        && text[11..13].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
}

/// <summary>An address of our own: a character that stands for where it begins, the rest, and whether the external view
/// has anything there.</summary>
/// <param name="href">An address in a document.</param>
/// <returns>Null when it is not one of ours.</returns>
public delegate (char Root, string Path, bool IsOutside)? StacOwnAddress(string href);
