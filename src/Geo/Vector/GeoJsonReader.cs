using System.Runtime.CompilerServices;
using System.Text.Json;
using Waypost.Geo.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>
/// Reads GeoJSON (RFC 7946) feature by feature with bounded memory, whatever the file's size: a FeatureCollection with
/// its members in any order, a single feature, a bare geometry, one text on each line, or a text sequence (RFC 8142).
/// Nothing is repaired here.
/// </summary>
/// <param name="stream">The file, from its first byte; read once, to its end.</param>
/// <param name="limits">How much may be held in memory at once.</param>
public sealed class GeoJsonReader(Stream stream, GeoJsonLimits? limits = null) : IDisposable
{
    const int RecordSeparator = 0x1E;

    readonly int limit = (limits ?? GeoJsonLimits.Default).FeatureBytes;
    readonly ByteWindow window = new(stream, (limits ?? GeoJsonLimits.Default).FeatureBytes);
    readonly FeatureParsing parsing = new();
    long features, withGeometry;
    string? type, sha256;
    bool sawFeatures, needsComma;

    /// <summary>Bytes read so far, for progress.</summary>
    public long BytesRead => window.BytesRead;

    /// <summary>SHA-256 of the file, lower-case hex; known once every feature has been read.</summary>
    public string Sha256 => sha256 ?? throw new InvalidOperationException("The file has not been read to its end.");

    /// <summary>Lets go of what hashing holds; the stream stays its owner's.</summary>
    public void Dispose() => window.Dispose();

    /// <summary>The file's features in order.</summary>
    /// <exception cref="BadGeodataException">
    /// FILE_EMPTY, NOT_JSON, NOT_GEOJSON, JSON_TRUNCATED, VECTOR_EMPTY, UNSUPPORTED_FORMAT, UNSUPPORTED_CRS,
    /// COORDINATES_INVALID, COORDINATES_OUT_OF_RANGE, GEOMETRY_TOO_COMPLEX, FEATURE_TOO_LARGE or NESTING_TOO_DEEP,
    /// with the byte and the feature where it was found.
    /// </exception>
    public async IAsyncEnumerable<RawFeature> Read([EnumeratorCancellation] CancellationToken stop = default)
    {
        await Begin(stop);
        for (var first = await Peek(true, stop); first >= 0; first = await Peek(true, stop))
        {
            if (await Open(first, stop) is { } single)
            {
                yield return single;
                continue;
            }
            while (await NextInCollection(stop) is { } feature)
                yield return feature;
        }
        if (features == 0)
            throw VectorFaults.NoFeatures("The file has no features.");
        if (withGeometry == 0)
            throw VectorFaults.NoFeatures($"None of the file's {features} features has a geometry.");
        sha256 = window.Sha256Hex();
    }

    async ValueTask Begin(CancellationToken stop)
    {
        while (window.Bytes.Length < VectorFormat.HeadBytes && await window.More(stop))
        {
        }
        if (VectorFormat.Foreign(window.Bytes) is { } foreign)
            throw foreign;
        window.Skip(VectorFormat.ByteOrderMark(window.Bytes));
        if (await Peek(true, stop) < 0)
            throw VectorFaults.Empty();
    }

    /// <summary>
    /// Opens the next text. Null when it is a collection, whose features array has then been entered or is absent.
    /// </summary>
    async ValueTask<RawFeature?> Open(int first, CancellationToken stop)
    {
        if (first == '[')
        {
            throw VectorFaults.NotGeoJson($"byte {window.Position}", "begins an array, not an object",
                "Put the features into {\"type\":\"FeatureCollection\",\"features\":[…]}.");
        }
        if (first != '{')
            throw Unexpected(first, "an object");
        (type, sawFeatures, needsComma) = (null, false, false);
        window.Pin();
        window.Skip(1);
        if (!await WalkMembers(stop))
            return null;
        window.Rewind();
        return await Take(bareGeometry: type != "Feature", stop);
    }

    /// <summary>The next feature of the collection; null when its object has ended.</summary>
    async ValueTask<RawFeature?> NextInCollection(CancellationToken stop)
    {
        while (sawFeatures)
        {
            var next = await Need(stop);
            if (next == ']')
            {
                window.Skip(1);
                (sawFeatures, needsComma) = (false, true);
                await WalkMembers(stop);
                continue;
            }
            if (needsComma)
            {
                if (next != ',')
                    throw Unexpected(next, "a comma or the end of the features");
                window.Skip(1);
                next = await Need(stop);
            }
            if (next != '{')
                throw next is '[' or '"' or 'n' or 't' or 'f' or '-' or (>= '0' and <= '9')
                    ? VectorFaults.NotGeoJson($"feature {features} (byte {window.Position})", "is not an object")
                    : Unexpected(next, "a feature");
            needsComma = true;
            return await Take(bareGeometry: false, stop);
        }
        return null;
    }

    async ValueTask<RawFeature> Take(bool bareGeometry, CancellationToken stop)
    {
        var length = await Frame(FormattableString.Invariant($"Feature {features} (byte {window.Position})"), stop);
        var feature = parsing.Parse(window.Bytes[..length], features, window.Position, bareGeometry);
        window.Skip(length);
        features++;
        withGeometry += feature.Geometry is null ? 0 : 1;
        return feature;
    }

    /// <summary>
    /// Walks the members of a text's object. True when its type says that it is one feature or geometry, to be read as
    /// a whole. False when its features array has been entered (<see cref="sawFeatures"/>) or when it has ended as a
    /// sound collection.
    /// </summary>
    async ValueTask<bool> WalkMembers(CancellationToken stop)
    {
        // What precedes is either the opening brace or the end of the features array.
        var collection = needsComma;
        while (true)
        {
            var next = await Need(stop);
            if (next == '}')
            {
                window.Skip(1);
                window.Unpin();
                CheckEnd(collection);
                return false;
            }
            if (needsComma)
            {
                if (next != ',')
                    throw Unexpected(next, "a comma or the end of the object");
                window.Skip(1);
                next = await Need(stop);
            }
            if (next != '"')
                throw Unexpected(next, "a member's name");
            needsComma = true;
            switch (await Name(stop))
            {
                case "features":
                    await EnterFeatures(stop);
                    return false;
                case "type" when await ReadType(stop) && !collection:
                    return true;
                case "type":
                    break;
                case "crs":
                    await CheckCrs(stop);
                    break;
                default:
                    await SkipValue(stop);
                    break;
            }
        }
    }

    async ValueTask EnterFeatures(CancellationToken stop)
    {
        if (await Need(stop) != '[')
            throw VectorFaults.NotGeoJson($"byte {window.Position}", "has features that are not an array");
        window.Unpin();
        window.Skip(1);
        (sawFeatures, needsComma) = (true, false);
    }

    /// <summary>Reads the text's type; true when the whole text is one feature or geometry.</summary>
    async ValueTask<bool> ReadType(CancellationToken stop)
    {
        var (at, before) = (window.Position, type);
        using var value = await Value(stop);
        type = value.RootElement.ValueKind == JsonValueKind.String ? value.RootElement.GetString() : "";
        if (before is not null && before != type)
            throw VectorFaults.NotGeoJson($"byte {at}", "has a second type, and it is another one");
        if (type == "FeatureCollection")
            window.Unpin();
        else if (type == "Topology")
        {
            throw VectorFaults.NotGeoJson($"byte {at}", "says that this is TopoJSON",
                "Convert it, for example with: topo2geo countries=out.geojson < in.json");
        }
        else if (type != "Feature" && !GeometryType.IsKnown(type!))
            throw VectorFaults.NotGeoJson($"byte {at}", "has a type that GeoJSON does not have");
        return type != "FeatureCollection";
    }

    async ValueTask CheckCrs(CancellationToken stop)
    {
        using var value = await Value(stop);
        if (LegacyCrs.Foreign(value.RootElement) is { } crs)
            throw VectorFaults.UnsupportedCrs(crs.Length <= 200 ? crs : crs[..200] + "…");
    }

    void CheckEnd(bool collection)
    {
        var place = FormattableString.Invariant($"the object that ends at byte {window.Position}");
        if (type is null)
            throw VectorFaults.NotGeoJson(place, "has no type");
        if (collection && type != "FeatureCollection")
            throw VectorFaults.NotGeoJson(place, $"has features and says that it is a {type}");
        if (!collection)
            throw VectorFaults.NotGeoJson(place, "is a FeatureCollection without features");
    }

    async ValueTask<string> Name(CancellationToken stop)
    {
        string name;
        using (var text = await Value(stop))
            name = text.RootElement.GetString()!;
        var next = await Need(stop);
        if (next != ':')
            throw Unexpected(next, "a colon");
        window.Skip(1);
        await Need(stop);
        return name;
    }

    async ValueTask<JsonDocument> Value(CancellationToken stop)
    {
        var length = await Frame(FormattableString.Invariant($"The value at byte {window.Position}"), stop);
        StorableText.Repair(window.Bytes[..length]);
        FeatureParsing.Check(window.Bytes[..length], window.Position);
        var document = JsonDocument.Parse(window.Bytes[..length].ToArray());
        window.Skip(length);
        return document;
    }

    async ValueTask SkipValue(CancellationToken stop)
    {
        var length = await Frame(FormattableString.Invariant($"The value at byte {window.Position}"), stop);
        FeatureParsing.Check(window.Bytes[..length], window.Position);
        window.Skip(length);
    }

    /// <summary>The length of the value that begins here, once all of it is in memory.</summary>
    async ValueTask<int> Frame(string what, CancellationToken stop)
    {
        var framer = new ValueFramer();
        while (true)
        {
            var length = framer.TryFrame(window.Bytes, window.Ended);
            if (length > limit)
                throw VectorFaults.TooLarge(what, limit);
            if (length >= 0)
                return length;
            if (window.Ended || (!await window.More(stop) && !window.Ended))
            {
                throw FeatureParsing.WhyUnfinished(window.Bytes, window.Position)
                    ?? (window.Ended ? Truncated() : VectorFaults.TooLarge(what, limit));
            }
        }
    }

    /// <summary>The next byte that is no white space, not yet passed; -1 at the end of the file.</summary>
    async ValueTask<int> Peek(bool betweenTexts, CancellationToken stop)
    {
        while (true)
        {
            var bytes = window.Bytes;
            var next = betweenTexts
                ? bytes.IndexOfAnyExcept(" \t\r\n\u001e"u8)
                : bytes.IndexOfAnyExcept(" \t\r\n"u8);
            if (next >= 0)
            {
                window.Skip(next);
                return window.Bytes[0];
            }
            window.Skip(bytes.Length);
            if (!await window.More(stop))
                return -1;
        }
    }

    async ValueTask<int> Need(CancellationToken stop)
    {
        var next = await Peek(false, stop);
        if (next >= 0)
            return next;
        throw window.Ended ? Truncated() : VectorFaults.TooLarge("The text", limit);
    }

    BadGeodataException Truncated() => VectorFaults.Truncated(window.BytesRead, features);

    BadGeodataException Unexpected(int found, string expected)
    {
        var shown = found is > ' ' and < 0x7F ? $"'{(char)found}'"
            : found == RecordSeparator ? "a record separator"
            : FormattableString.Invariant($"byte 0x{found:X2}");
        return VectorFaults.NotJson(FormattableString.Invariant($"byte {window.Position}"),
            $"{shown} was found where {expected} was expected");
    }
}
