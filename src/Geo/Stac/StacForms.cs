using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Waypost.Geo.Stac;

/// <summary>What the server adds to a document: its own links, and members that are not there.</summary>
/// <param name="Links">Links as JSON objects with commas between them; without these, the document's own
/// <c>self</c>, <c>root</c>, <c>parent</c>, <c>collection</c> and <c>items</c> stay.</param>
/// <param name="Additions">Members and their JSON texts.</param>
/// <param name="Own">Which addresses in assets and links are the server's own.</param>
public sealed record StacFrame(string Links, IReadOnlyList<(string Name, string Json)> Additions, StacOwnAddress? Own)
{
    /// <summary>Nothing is added.</summary>
    public static StacFrame None { get; } = new("", [], null);
}

/// <summary>A document in the two forms in which it is kept.</summary>
/// <param name="Whole">All of it.</param>
/// <param name="External">What the external view has; null when that is all of it.</param>
/// <param name="Hash">The beginning of the SHA-256 of <paramref name="Whole"/> in hexadecimal.</param>
/// <param name="Properties">Its properties as JSON text; null when it has none.</param>
/// <param name="ExternalProperties">What the external view has of them; null when that is all of them.</param>
/// <param name="Names">The properties by name, with their types.</param>
public sealed record StacForm(string Whole, string? External, string Hash, string? Properties,
    string? ExternalProperties, IReadOnlyList<PropertyOfItem> Names);

/// <summary>Writes documents in the two forms in which they are kept, in one pass.</summary>
public static class StacForms
{
    const int HashBytes = 16;

    /// <summary>What a server says of its own documents; somebody else's said the same of another server.</summary>
    static readonly string[] OurRels =
    [
        "self", "root", "parent", "collection", "items", "aggregate", "aggregations",
        "http://www.opengis.net/def/rel/ogc/1.0/queryables", "http://www.opengis.net/def/rel/ogc/1.0/sortables",
    ];

    /// <summary>Writes both forms of an item or a collection.</summary>
    /// <param name="document">A JSON object.</param>
    /// <param name="frame">What is added to it.</param>
    /// <param name="schemes">The schemes of the addresses that may be seen from outside.</param>
    public static StacForm Write(JsonElement document, StacFrame frame, StacSchemes schemes)
    {
        ArgumentNullException.ThrowIfNull(frame);
        using var twin = new StacTwin(schemes, frame.Own);
        return new Writing(twin, frame, document).Run();
    }

    /// <summary>The writing of one document.</summary>
    sealed class Writing(StacTwin twin, StacFrame frame, JsonElement document)
    {
        readonly bool isCollection = document.TryGetProperty("type", out var type)
            && type.ValueKind == JsonValueKind.String && type.ValueEquals("Collection"u8);

        Range? properties, outerProperties;
        bool linked;

        public StacForm Run()
        {
            var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(document));
            reader.Read();
            twin.Raw("{"u8);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                Member(ref reader);
            Add();
            twin.Raw("}"u8);
            CutBands();
            return Result();
        }

        void Member(ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("properties"u8))
                (properties, outerProperties) = Kept(ref reader, StacPlace.Properties);
            else if (reader.ValueTextEquals("assets"u8))
                Kept(ref reader, StacPlace.Assets);
            else if (reader.ValueTextEquals("links"u8))
                Links(ref reader);
            else if (IsStructure(ref reader))
                Kept(ref reader, StacPlace.Anywhere);
            else if (isCollection && reader.ValueTextEquals("license"u8))
                License(ref reader);
            else if (isCollection && reader.ValueTextEquals("description"u8))
                Description(ref reader);
            else
                twin.Member(ref reader, reader.ValueTextEquals("item_assets"u8) ? StacPlace.ItemAssets
                    : reader.ValueTextEquals("summaries"u8) ? StacPlace.Keyed
                    : reader.ValueTextEquals("providers"u8) ? StacPlace.Providers : StacPlace.Anywhere);
        }

        // What a document cannot be without. That an id is none that is to be hidden is checked when it is given.
        // A name that is structure in the other kind of document only is checked by nobody, and may hold anything.
        bool IsStructure(ref Utf8JsonReader reader) => reader.ValueTextEquals("type"u8)
            || reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("stac_version"u8)
            || (isCollection ? reader.ValueTextEquals("extent"u8)
                : reader.ValueTextEquals("collection"u8) || reader.ValueTextEquals("geometry"u8)
                || reader.ValueTextEquals("bbox"u8));

        // A collection has to have one; any text will do.
        void License(ref Utf8JsonReader reader)
        {
            twin.Separate();
            twin.Name(ref reader);
            var mark = twin.Outer.Length;
            if (twin.Value(ref reader, StacPlace.Anywhere)) return;
            twin.Hide(mark);
            twin.Outer.Add("\"other\""u8);
        }

        /// <summary>A member that stays, whatever is taken out of it.</summary>
        (Range Whole, Range Outer) Kept(ref Utf8JsonReader reader, StacPlace place)
        {
            twin.Separate();
            twin.Name(ref reader);
            var (whole, outer) = (twin.Whole.Length, twin.Outer.Length);
            twin.Value(ref reader, place);
            return (whole..twin.Whole.Length, outer..twin.Outer.Length);
        }

        void Links(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                return;
            }
            linked = true;
            OwnLinks();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (frame.Links.Length > 0 && IsOurs(reader))
                {
                    reader.Skip();
                    continue;
                }
                var mark = twin.Outer.Length;
                twin.Separate();
                if (!twin.Value(ref reader, StacPlace.Link))
                    twin.Hide(mark);
            }
            twin.Raw("]"u8);
        }

        void OwnLinks()
        {
            twin.Separate();
            twin.Raw("\"links\":["u8);
            twin.Raw(Encoding.UTF8.GetBytes(frame.Links));
        }

        static bool IsOurs(Utf8JsonReader ahead)
        {
            if (ahead.TokenType != JsonTokenType.StartObject)
                return false;
            var (isChild, leadsToDates) = (false, false);
            while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
            {
                var (isRel, isHref) = (ahead.ValueTextEquals("rel"u8), ahead.ValueTextEquals("href"u8));
                ahead.Read();
                if (isRel && ahead.TokenType == JsonTokenType.String)
                {
                    if (IsOurRel(ahead))
                        return true;
                    isChild = ahead.ValueTextEquals("child"u8);
                }
                else if (isHref && ahead.TokenType == JsonTokenType.String)
                {
                    leadsToDates = ahead.GetString()!.EndsWith("/browse", StringComparison.Ordinal);
                }
                ahead.Skip();
            }
            return isChild && leadsToDates;
        }

        static bool IsOurRel(Utf8JsonReader rel)
        {
            foreach (var ours in OurRels)
            {
                if (rel.ValueTextEquals(ours))
                    return true;
            }
            return false;
        }

        /// <summary>A collection has a description; where its own is hidden, its id takes the place.</summary>
        void Description(ref Utf8JsonReader reader)
        {
            if (twin.Member(ref reader, StacPlace.Anywhere)
                || !document.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String)
                return;
            twin.Outer.Separate();
            twin.Outer.Add("\"description\":"u8);
            twin.Outer.Add(JsonMarshal.GetRawUtf8Value(id));
        }

        void Add()
        {
            foreach (var (name, json) in frame.Additions)
            {
                if (document.TryGetProperty(name, out _))
                    continue;
                twin.Separate();
                twin.Raw(Encoding.UTF8.GetBytes($"\"{name}\":{json}"));
            }
            if (linked || frame.Links.Length == 0)
                return;
            OwnLinks();
            twin.Raw("]"u8);
        }

        /// <summary>The bands of the properties sum up those of the assets, and are nothing without them.</summary>
        void CutBands()
        {
            if (twin.IsSame || twin.HasVisibleBands || twin.Bands is not { } bands || outerProperties is not { } outer)
                return;
            var (start, end) = (bands.Start.Value, bands.End.Value);
            // The first of several members has its comma behind it.
            if (twin.Outer.Written[start] != ',' && twin.Outer.Written[end] == ',')
                end++;
            twin.Outer.Cut(start, end);
            outerProperties = outer.Start.Value..(outer.End.Value - (end - start));
        }

        StacForm Result()
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(twin.Whole.Written, hash);
            var whole = twin.Whole.Text(..);
            var kept = properties is { } all ? twin.Whole.Text(all) : null;
            var seen = twin.IsSame || outerProperties is not { } visible
                || twin.Outer.Written[visible].SequenceEqual(twin.Whole.Written[properties!.Value])
                ? null : twin.Outer.Text(visible);
            return new StacForm(whole, twin.IsSame ? null : twin.Outer.Text(..),
                Convert.ToHexStringLower(hash[..HashBytes]), kept, seen, twin.Properties);
        }
    }
}
