using System.Text;
using System.Text.Json;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>A collection checked and taken apart: the document as it is kept, and what it is searched by.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its title.</param>
/// <param name="ExternalTitle">Its title where the external view has it.</param>
/// <param name="Document">As it is kept.</param>
/// <param name="Words">What free text is looked for in, as <see cref="StacChecks.Words"/> writes it.</param>
/// <param name="Boxes">The boxes of its extent, four or six numbers each.</param>
/// <param name="Intervals">The times of its extent in microseconds since 1970; null where one is open.</param>
/// <param name="Repairs">What was put right.</param>
sealed record PreparedCollection(
    string Id, string? Title, string? ExternalTitle, StoredDocument Document, string Words,
    IReadOnlyList<double[]> Boxes, IReadOnlyList<(long? Starts, long? Ends)> Intervals,
    IReadOnlyList<StacRepairNote> Repairs)
{
    /// <summary>To which form it was prepared: <see cref="Preparing.Form"/>.</summary>
    public string Form { get; private init; } = "";

    // What OGC API Features 1.0 clients look for beside STAC's own members.
    static readonly (string, string)[] Additions =
    [
        ("itemType", "\"feature\""),
        ("crs", "[\"http://www.opengis.net/def/crs/OGC/1.3/CRS84\"]"),
    ];

    /// <summary>Checks a collection and takes it apart.</summary>
    /// <exception cref="Access.Refused">It is not a STAC collection; the sentence says why.</exception>
    public static PreparedCollection Of(Json collection, Preparing how) =>
        Of(Encoding.UTF8.GetBytes(collection.Text), how);

    /// <summary>Checks a collection and takes it apart.</summary>
    /// <exception cref="Access.Refused">It is not a STAC collection; the sentence says why.</exception>
    public static PreparedCollection Of(ReadOnlyMemory<byte> utf8, Preparing how)
    {
        var sent = StoredDocument.Parse(utf8, "collection");
        var id = StacChecks.Collection(sent);
        var (element, repairs) = StacChecks.Sound("collection", id, sent, how);
        var form = StacForms.Write(element, new StacFrame(LinksOf(id), Additions, LinkRoots.Split), how.Visible);
        var visible = form.External is null ? element : JsonElement.Parse(form.External);
        var extent = element.GetProperty("extent");
        return new PreparedCollection(
            id, StacChecks.Text(element, "title"), StacChecks.Text(visible, "title"),
            new StoredDocument(form.Whole, form.External, form.Hash), StacChecks.Words(visible), BoxesOf(extent),
            IntervalsOf(id, extent), repairs)
        {
            Form = how.Form,
        };
    }

    static string LinksOf(string id)
    {
        var path = "/collections/" + Uri.EscapeDataString(id);
        return StructuralLink.Join(
            new("self", path, Media.Json), new("root", "", Media.Json), new("parent", "", Media.Json),
            new("items", path + "/items", Media.GeoJson), new("child", path + "/browse", Media.Json),
            new(QueryableReads.QueryablesRel, path + "/queryables", Media.Schema),
            new(QueryableReads.SortablesRel, path + "/sortables", Media.Schema),
            new("aggregate", path + "/aggregate", Media.Json), new("aggregations", path + "/aggregations", Media.Json));
    }

    static double[][] BoxesOf(JsonElement extent) =>
    [
        .. extent.GetProperty("spatial").GetProperty("bbox").EnumerateArray()
            .Select(box => box.EnumerateArray().Select(number => number.GetDouble()).ToArray()),
    ];

    static (long?, long?)[] IntervalsOf(string id, JsonElement extent) =>
    [
        .. extent.GetProperty("temporal").GetProperty("interval").EnumerateArray()
            .Select(interval => (Read(id, interval[0]), Read(id, interval[1]))),
    ];

    static long? Read(string id, JsonElement time) => time.ValueKind == JsonValueKind.Null ? null
        : Moments.TryParse(time.GetString(), out var microseconds) ? microseconds
        : throw StacChecks.Invalid("collection", id, "an interval has a moment that is not in RFC 3339");
}
