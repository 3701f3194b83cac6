using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Waypost.Geo.Stac;

/// <summary>
/// Writes JSON in one canonical form twice at once: whole, and as the external view has it. What turns out to be
/// hidden is taken back out of the external text, so that nothing of it is ever copied over.
/// </summary>
/// <remarks>
/// Canonical means: no blanks, strings without needless escapes, numbers as they were written. Characters of
/// Unicode's private use area from U+E000 to U+E003 stand for addresses of our own and are escaped where they are
/// anybody's content.
/// </remarks>
internal sealed class StacTwin(StacSchemes schemes, StacOwnAddress? own) : IDisposable
{
    /// <summary>Bytes by which a string can become suspicious: what paths, addresses, escapes and look-alikes are
    /// made of.</summary>
    static readonly SearchValues<byte> Suspicious = SearchValues.Create(
        [.. "/\\:%&"u8, .. Enumerable.Range(0, 32).Select(code => (byte)code),
            .. Enumerable.Range(127, 129).Select(code => (byte)code)]);

    /// <summary>The first byte of the characters that stand for our addresses.</summary>
    const byte PrivateUse = 0xEE;

    /// <summary>The document as it is kept.</summary>
    public Utf8Text Whole { get; } = new();

    /// <summary>The document as the external view has it.</summary>
    public Utf8Text Outer { get; } = new();

    /// <summary>True until something was hidden.</summary>
    public bool IsSame { get; private set; } = true;

    /// <summary>True once a visible asset with bands was written.</summary>
    public bool HasVisibleBands { get; private set; }

    /// <summary>Where in the external text the properties' own bands are, with the comma before them.</summary>
    public Range? Bands { get; private set; }

    /// <summary>What was found in the properties.</summary>
    public List<PropertyOfItem> Properties { get; } = [];

    public void Dispose()
    {
        Whole.Dispose();
        Outer.Dispose();
    }

    /// <summary>Writes to both.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        Whole.Add(json);
        Outer.Add(json);
    }

    /// <summary>A comma in both, where one is needed.</summary>
    public void Separate()
    {
        Whole.Separate();
        Outer.Separate();
    }

    /// <summary>Takes everything out of the external text that was written since it had this length.</summary>
    public void Hide(int since)
    {
        Outer.Length = since;
        IsSame = false;
    }

    /// <summary>Copies the member whose name the reader stands on; hidden when its name or its value is.</summary>
    /// <returns>Whether it is visible.</returns>
    public bool Member(ref Utf8JsonReader reader, StacPlace place, string? path = null)
    {
        var mark = Outer.Length;
        Separate();
        // Who registered something, and with what, is kept under names of our own for those inside.
        var visible = !reader.ValueSpan.StartsWith("waypost:"u8);
        visible &= String(ref reader, isName: true);
        Raw(":"u8);
        reader.Read();
        visible &= Value(ref reader, place, path);
        if (!visible)
            Hide(mark);
        return visible;
    }

    /// <summary>Copies the name that the reader stands on, whatever it is, and goes on to the value.</summary>
    public void Name(ref Utf8JsonReader reader)
    {
        Copy(ref reader);
        Raw(":"u8);
        reader.Read();
    }

    /// <summary>Copies the value that the reader stands on, and leaves the reader on its last token.</summary>
    /// <returns>Whether it is visible; the caller takes it back if it is not.</returns>
    public bool Value(ref Utf8JsonReader reader, StacPlace place, string? path = null)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Object(ref reader, place, path);
            case JsonTokenType.StartArray:
                return Array(ref reader, place);
            case JsonTokenType.String:
                return String(ref reader, isName: false);
            default:
                Raw(reader.ValueSpan);
                return true;
        }
    }

    bool Object(ref Utf8JsonReader reader, StacPlace place, string? path)
    {
        Raw("{"u8);
        var (had, left, visible, bands) = (0, 0, true, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            had++;
            var needed = IsNeeded(ref reader, place);
            var isBands = place == StacPlace.Asset && reader.ValueTextEquals("bands"u8);
            var shown = place == StacPlace.Properties ? Property(ref reader, path)
                : needed && IsHref(ref reader) ? Href(ref reader, place)
                : Member(ref reader, Inner(ref reader, place));
            visible &= shown || !needed;
            bands |= isBands && shown;
            left += shown ? 1 : 0;
        }
        Raw("}"u8);
        // What is left of nothing but hidden things says only that they exist.
        visible &= left > 0 || had == 0;
        visible &= place != StacPlace.ItemAsset || left >= 2 || had == left;
        HasVisibleBands |= bands && visible;
        return visible;
    }

    bool Array(ref Utf8JsonReader reader, StacPlace place)
    {
        Raw("["u8);
        var (had, left) = (0, 0);
        var inner = place == StacPlace.Providers ? StacPlace.Provider
            : place is StacPlace.Hrefs or StacPlace.Asset ? StacPlace.Hrefs : StacPlace.Anywhere;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            had++;
            var mark = Outer.Length;
            Separate();
            if (Value(ref reader, inner))
                left++;
            else
                Hide(mark);
        }
        Raw("]"u8);
        return left > 0 || had == 0;
    }

    /// <summary>The place of the members of a member.</summary>
    static StacPlace Inner(ref Utf8JsonReader reader, StacPlace place) => place switch
    {
        StacPlace.Assets => StacPlace.Asset,
        StacPlace.ItemAssets => StacPlace.ItemAsset,
        StacPlace.Asset or StacPlace.Link or StacPlace.Hrefs => StacPlace.Hrefs,
        _ => reader.ValueTextEquals("providers"u8) ? StacPlace.Providers : StacPlace.Anywhere,
    };

    /// <summary>True for a member that hides its object when it is hidden: an address, or what STAC cannot be
    /// without. The names of assets are names whatever they are.</summary>
    static bool IsNeeded(ref Utf8JsonReader reader, StacPlace place) => place switch
    {
        StacPlace.Assets or StacPlace.ItemAssets or StacPlace.Keyed => false,
        StacPlace.Link => IsHref(ref reader) || reader.ValueTextEquals("rel"u8),
        StacPlace.Provider => IsHref(ref reader) || reader.ValueTextEquals("name"u8),
        _ => IsHref(ref reader),
    };

    /// <summary>A member of the properties, noted for the list of what can be searched by.</summary>
    bool Property(ref Utf8JsonReader reader, string? path)
    {
        var name = reader.GetString()!;
        var at = Properties.Count;
        var place = name == "providers" ? StacPlace.Providers : StacPlace.Anywhere;
        Properties.Add(default);
        var full = path is null ? name : path + "." + name;
        var ahead = reader;
        ahead.Read();
        var type = PropertyOfItem.TypeOf(ref ahead);
        if (type == PropertyType.Object && full.Count(letter => letter == '.') < PropertyOfItem.DepthLimit)
            place = StacPlace.Properties;
        var mark = Outer.Length;
        var shown = IsHref(ref reader) ? Href(ref reader, place) : Member(ref reader, place, full);
        if (path is null && name == "bands" && shown)
            Bands = mark..Outer.Length;
        Properties[at] = new PropertyOfItem(full, type, shown);
        for (var i = at + 1; !shown && i < Properties.Count; i++)
            Properties[i] = Properties[i] with { IsVisible = false };
        return shown;
    }

    /// <summary>An address: one of ours, or one whose scheme is allowed, or hidden with all of the object around
    /// it.</summary>
    bool Href(ref Utf8JsonReader reader, StacPlace place)
    {
        var mark = Outer.Length;
        Separate();
        Name(ref reader);
        var visible = reader.TokenType == JsonTokenType.String && Address(ref reader, place);
        if (reader.TokenType != JsonTokenType.String)
            Value(ref reader, StacPlace.Anywhere);
        if (!visible)
            Hide(mark);
        return visible;
    }

    bool Address(ref Utf8JsonReader reader, StacPlace place)
    {
        var href = reader.GetString()!;
        if (own is not null && place is StacPlace.Asset or StacPlace.Link or StacPlace.Hrefs
            && own(href) is { } ours)
        {
            Raw("\""u8);
            Span<char> root = [ours.Root];
            Whole.Add(root);
            Outer.Add(root);
            var path = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(ours.Path);
            Whole.Add(path);
            Outer.Add(path);
            Raw("\""u8);
            return ours.IsOutside && !HiddenText.IsHidden(string.Concat("https://w", ours.Path), schemes);
        }
        Copy(ref reader);
        return HiddenText.IsVisibleHref(href, schemes);
    }

    /// <summary>Copies a string or a name, and says whether it is visible.</summary>
    bool String(ref Utf8JsonReader reader, bool isName)
    {
        Copy(ref reader);
        if (reader.ValueIsEscaped)
            return IsVisible(reader.GetString(), isName);
        var first = reader.ValueSpan.IndexOfAny(Suspicious);
        return first < 0 || IsPlain(reader.ValueSpan, first) || IsVisible(reader.ValueSpan, isName);
    }

    /// <summary>True for what is seen to be harmless at a glance: slashes within words (<c>image/png</c>), and colons
    /// after what is none of the schemes that are hidden without a slash, file, arn and data.</summary>
    static bool IsPlain(ReadOnlySpan<byte> text, int first)
    {
        for (var i = first; i >= 0;)
        {
            var next = i + 1 < text.Length ? text[i + 1] : (byte)' ';
            var before = i > 0 ? text[i - 1] : (byte)' ';
            if (!char.IsAsciiLetterOrDigit((char)before) || text[i] switch
            {
                (byte)'/' => (next | 0x20) == 'v',
                (byte)':' => next is (byte)'/' or (byte)'\\' || (before | 0x20) is 'e' or 'n' or 'a',
                _ => true,
            })
                return false;
            var more = text[(i + 1)..].IndexOfAny(Suspicious);
            i = more < 0 ? -1 : i + 1 + more;
        }
        return true;
    }

    /// <summary>Copies a string or a name to both.</summary>
    void Copy(ref Utf8JsonReader reader)
    {
        Raw("\""u8);
        if (reader.ValueIsEscaped || reader.ValueSpan.Contains(PrivateUse))
            Raw(Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(reader.GetString()!)));
        else
            Raw(reader.ValueSpan);
        Raw("\""u8);
    }

    bool IsVisible(ReadOnlySpan<byte> utf8, bool isName)
    {
        const int Small = 512;
        char[]? lent = null;
        var room = utf8.Length <= Small ? stackalloc char[Small] : lent = ArrayPool<char>.Shared.Rent(utf8.Length);
        var visible = IsVisible(room[..Encoding.UTF8.GetChars(utf8, room)], isName);
        if (lent is not null)
            ArrayPool<char>.Shared.Return(lent);
        return visible;
    }

    bool IsVisible(ReadOnlySpan<char> text, bool isName) =>
        isName ? !HiddenText.IsHiddenName(text, schemes) : !HiddenText.IsHidden(text, schemes);

    static bool IsHref(ref Utf8JsonReader reader) => reader.ValueIsEscaped
        ? string.Equals(reader.GetString(), "href", StringComparison.OrdinalIgnoreCase)
        : reader.ValueSpan.Length == 4 && Ascii.EqualsIgnoreCase(reader.ValueSpan, "href"u8);
}
