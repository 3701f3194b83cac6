using System.Text.Json;

namespace Waypost.Geo.Stac;

/// <summary>
/// What of a document may be seen from outside. Addresses are allowed by a list of schemes; everything else that could
/// tell where something lies inside is left out.
/// </summary>
/// <remarks>
/// An object with an <c>href</c> that is not an address of an allowed scheme, such as an asset or a link, is left out
/// with all that is in it; so is a link whose relation and a provider whose name is hidden. Of everything else, a
/// member is left out whose name or text is hidden, and so is an element of an array: a local path, a Windows or UNC
/// path, a URI of another scheme anywhere in it, whatever escapes and look-alikes it is written with. What is empty
/// then is left out too. Type, version, ids, geometry, extent and licence stay; a collection whose description is
/// hidden is described by its id. A valid document stays valid.
/// </remarks>
public static class StacRedaction
{
    /// <summary>The external form of an item or a collection; null when that is the document as it is.</summary>
    /// <param name="document">The document.</param>
    /// <param name="schemes">The schemes of the addresses that may be seen.</param>
    public static JsonElement? External(JsonElement document, StacSchemes schemes) =>
        StacForms.Write(document, StacFrame.None, schemes).External is { } external
            ? JsonElement.Parse(external) : null;

    /// <summary>The external form of an item's properties alone; null when that is all of them.</summary>
    /// <param name="properties">The properties.</param>
    /// <param name="schemes">The schemes of the addresses that may be seen.</param>
    public static JsonElement? ExternalProperties(JsonElement properties, StacSchemes schemes)
    {
        using var twin = new StacTwin(schemes, null);
        var reader = new Utf8JsonReader(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(properties));
        reader.Read();
        twin.Value(ref reader, StacPlace.Properties);
        return twin.IsSame ? null : JsonElement.Parse(twin.Outer.Written);
    }

    /// <summary>True when a text must not be seen from outside.</summary>
    /// <param name="text">Any text, such as an id or a title.</param>
    /// <param name="schemes">The schemes of the addresses that may be seen.</param>
    public static bool IsHidden(string text, StacSchemes schemes) => HiddenText.IsHidden(text, schemes);
}
