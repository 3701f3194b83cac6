using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Waypost.Geo.Geometry;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Vector;

/// <summary>
/// Turns the bytes of one feature, or one bare geometry, into a <see cref="RawFeature"/>, or says exactly what is
/// wrong.
/// </summary>
internal sealed class FeatureParsing
{
    /// <summary>Objects and arrays that may nest inside a feature.</summary>
    public const int DepthLimit = 64;

    static readonly JsonReaderOptions Strict = new() { MaxDepth = DepthLimit };
    static readonly byte[] NoProperties = "{}"u8.ToArray();

    readonly GeometryReading geometries = new();
    long index, offset;
    bool inGeometry;

    public FeatureParsing() => geometries.Where = Where;

    /// <summary>Parses a text of which one object has been framed.</summary>
    /// <param name="utf8">The object; characters that cannot be stored are replaced in place.</param>
    /// <param name="featureIndex">Its place in the file, from 0.</param>
    /// <param name="byteOffset">The byte of the file at which it begins.</param>
    /// <param name="bareGeometry">True for a geometry that stands alone, without a feature around it.</param>
    public RawFeature Parse(Span<byte> utf8, long featureIndex, long byteOffset, bool bareGeometry)
    {
        (index, offset, inGeometry) = (featureIndex, byteOffset, bareGeometry);
        var repairs = StorableText.Repair(utf8);
        CheckUtf8(utf8, byteOffset, Where());
        var reader = new Utf8JsonReader(utf8, Strict);
        try
        {
            reader.Read();
            return bareGeometry
                ? new RawFeature(index, offset, null, geometries.Read(ref reader), NoProperties, geometries.Notes,
                    repairs)
                : Feature(ref reader, utf8, repairs);
        }
        catch (JsonException broken)
        {
            throw Explain(utf8, byteOffset, reader.BytesConsumed, broken.Message, Where(), inGeometry);
        }
    }

    /// <summary>Checks a value that is not kept.</summary>
    public static void Check(ReadOnlySpan<byte> utf8, long byteOffset)
    {
        CheckUtf8(utf8, byteOffset, "");
        var reader = new Utf8JsonReader(utf8, Strict);
        try
        {
            reader.Read();
            reader.Skip();
            reader.Read();
        }
        catch (JsonException broken)
        {
            throw Explain(utf8, byteOffset, reader.BytesConsumed, broken.Message, "", false);
        }
    }

    /// <summary>
    /// The fault in the beginning of a value whose end never came; null when it is sound as far as it goes.
    /// </summary>
    public static BadGeodataException? WhyUnfinished(ReadOnlySpan<byte> utf8, long byteOffset)
    {
        var reader = new Utf8JsonReader(utf8, isFinalBlock: false, new JsonReaderState(Strict));
        try
        {
            while (reader.Read())
            {
            }
            return null;
        }
        catch (JsonException broken)
        {
            return Explain(utf8, byteOffset, reader.BytesConsumed, broken.Message, "", false);
        }
    }

    RawFeature Feature(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, int repairs)
    {
        string? id = null;
        NtsGeometry? geometry = null;
        var (notes, properties, isFeature) = (default(GeometryNotes), NoProperties, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("geometry"u8))
            {
                inGeometry = true;
                reader.Read();
                geometry = geometries.Read(ref reader);
                notes = geometries.Notes;
                inGeometry = false;
            }
            else if (reader.ValueTextEquals("properties"u8))
            {
                reader.Read();
                properties = Properties(ref reader, utf8);
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                isFeature = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("Feature"u8);
                if (!isFeature)
                    throw VectorFaults.NotGeoJson(Where(), "has a type that is not \"Feature\"");
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                id = reader.TokenType is JsonTokenType.String or JsonTokenType.Number ? Raw(ref reader, utf8) : null;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        return isFeature
            ? new RawFeature(index, offset, id, geometry, properties, notes, repairs)
            : throw VectorFaults.NotGeoJson(Where(), "has no type; \"Feature\" was expected");
    }

    byte[] Properties(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return NoProperties;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw VectorFaults.NotGeoJson(Where(), "has properties that are not an object");
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return utf8[start..(int)reader.BytesConsumed].ToArray();
    }

    static string Raw(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8) =>
        Encoding.UTF8.GetString(utf8[(int)reader.TokenStartIndex..(int)reader.BytesConsumed]);

    string Where() => FormattableString.Invariant($"feature {index} (byte {offset})");

    static void CheckUtf8(ReadOnlySpan<byte> utf8, long byteOffset, string where)
    {
        if (Utf8.IsValid(utf8))
            return;
        var at = 0;
        while (Rune.DecodeFromUtf8(utf8[at..], out _, out var length) == OperationStatus.Done)
            at += length;
        throw VectorFaults.NotJson(Place(byteOffset + at, where),
            $"byte 0x{utf8[at]:X2} is not UTF-8; the text may be Latin-1 or Windows-1252");
    }

    static BadGeodataException Explain(
        ReadOnlySpan<byte> utf8, long byteOffset, long consumed, string message, string where, bool inGeometry)
    {
        var at = (int)Math.Min(consumed, utf8.Length);
        while (at < utf8.Length && ",: \t\r\n"u8.Contains(utf8[at]))
            at++;
        var place = Place(byteOffset + at, where);
        if (NotFiniteAt(utf8[at..]) is { } literal)
        {
            return inGeometry
                ? VectorFaults.NotFinite(place, literal)
                : VectorFaults.NotJson(place, $"{literal} is not a JSON number; write null instead");
        }
        if (DeeperThanLimit(utf8))
            return VectorFaults.TooDeep(place, DepthLimit);
        var sentence = message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0].TrimEnd('.');
        return VectorFaults.NotJson(place, sentence);
    }

    static string Place(long at, string where) =>
        FormattableString.Invariant($"byte {at}") + (where.Length == 0 ? "" : $", in {where}");

    static string? NotFiniteAt(ReadOnlySpan<byte> rest)
    {
        if (rest.StartsWith("NaN"u8) || rest.StartsWith("nan"u8))
            return "NaN";
        var unsigned = !rest.IsEmpty && rest[0] == (byte)'-' ? rest[1..] : rest;
        return unsigned.StartsWith("Infinity"u8) || unsigned.StartsWith("inf"u8) ? "Infinity" : null;
    }

    static bool DeeperThanLimit(ReadOnlySpan<byte> utf8)
    {
        var state = new JsonReaderState(new JsonReaderOptions { MaxDepth = int.MaxValue });
        var reader = new Utf8JsonReader(utf8, isFinalBlock: false, state);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth >= DepthLimit
                    && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    return true;
            }
        }
        catch (JsonException)
        {
            // Broken before it is too deep: being broken is the fault to report.
        }
        return false;
    }
}
