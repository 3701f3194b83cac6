using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Waypost.Geo.Stac;

/// <summary>One thing that was put right in a document.</summary>
/// <param name="Path">Where, as a JSON pointer: <c>/properties/start_datetime</c>.</param>
/// <param name="What">What was wrong there.</param>
/// <param name="Done">What was done about it.</param>
public sealed record StacRepairNote(string Path, string What, string Done);

/// <summary>
/// The changes that the rules of <see cref="StacRepair"/> make to a document's own members and to its properties,
/// collected and then written in one go. A rule sees what the rules before it decided.
/// </summary>
internal sealed class StacEdits(JsonElement document)
{
    readonly Dictionary<string, string?> members = new(StringComparer.Ordinal);
    readonly Dictionary<string, string?> properties = new(StringComparer.Ordinal);
    readonly List<StacRepairNote> notes = [];

    public IReadOnlyList<StacRepairNote> Notes => notes;

    public JsonElement Document => document;

    public JsonElement Properties { get; } =
        document.TryGetProperty("properties", out var found) && found.ValueKind == JsonValueKind.Object
            ? found : default;

    /// <summary>Sets a member of the document to a JSON text; null takes it out.</summary>
    public void Set(string name, string? json, string what, string done)
    {
        members[name] = json;
        notes.Add(new StacRepairNote("/" + name, what, done));
    }

    /// <summary>Sets a member of the properties to a JSON text.</summary>
    public void SetProperty(string name, string json, string what, string done)
    {
        properties[name] = json;
        notes.Add(new StacRepairNote("/properties/" + name, what, done));
    }

    /// <summary>A property as JSON text, as decided so far; null when it is not there.</summary>
    public string? Property(string name) => properties.TryGetValue(name, out var set) ? set
        : Properties.ValueKind == JsonValueKind.Object && Properties.TryGetProperty(name, out var value)
            ? value.GetRawText()
            : null;

    /// <summary>The document with the changes made; everything else byte for byte as it was.</summary>
    public ReadOnlyMemory<byte> Write()
    {
        var text = new ArrayBufferWriter<byte>(JsonMarshal.GetRawUtf8Value(document).Length + 512);
        Write(text, document, members, inside: properties.Count > 0 ? properties : null);
        return text.WrittenMemory;
    }

    static void Write(
        ArrayBufferWriter<byte> text, JsonElement json, Dictionary<string, string?> edits,
        Dictionary<string, string?>? inside)
    {
        var separator = "{"u8;
        foreach (var member in json.EnumerateObject())
        {
            if (edits.Count > 0 && edits.ContainsKey(member.Name))
                continue;
            text.Write(separator);
            separator = ","u8;
            text.Write("\""u8);
            text.Write(JsonMarshal.GetRawUtf8PropertyName(member));
            text.Write("\":"u8);
            if (inside is not null && member.NameEquals("properties"u8))
                Write(text, member.Value, inside, null);
            else
                text.Write(JsonMarshal.GetRawUtf8Value(member.Value));
        }
        foreach (var (name, value) in edits)
        {
            if (value is null)
                continue;
            text.Write(separator);
            separator = ","u8;
            Encoding.UTF8.GetBytes($"\"{name}\":{value}", text);
        }
        text.Write(separator[0] == '{' ? "{}"u8 : "}"u8);
    }
}
