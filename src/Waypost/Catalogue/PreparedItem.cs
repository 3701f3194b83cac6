using System.Text;
using System.Text.Json;
using NetTopologySuite.Geometries;
using Waypost.Geo;
using Waypost.Geo.Geometry;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>An item checked and taken apart: the document as it is kept, and what it is searched by.</summary>
/// <param name="Collection">Its collection.</param>
/// <param name="Id">Its id there.</param>
/// <param name="Document">As it is kept.</param>
/// <param name="Properties">What filters look into.</param>
/// <param name="Time">When it is.</param>
/// <param name="Place">Where it is; null where it has no place.</param>
/// <param name="Bbox">Its box as it states it.</param>
/// <param name="Words">What free text is looked for in, as <see cref="StacChecks.Words"/> writes it.</param>
/// <param name="Repairs">What was put right; empty when it came without faults.</param>
sealed record PreparedItem(
    string Collection, string Id, StoredDocument Document, PropertiesOfItem Properties, TimeSpanOfItem Time,
    PlaceOfItem? Place, double[]? Bbox, string Words, IReadOnlyList<StacRepairNote> Repairs)
{
    /// <summary>To which form it was prepared: <see cref="Preparing.Form"/>.</summary>
    public string Form { get; private init; } = "";

    /// <summary>Checks an item and takes it apart.</summary>
    /// <exception cref="Access.Refused">It is not a STAC item; the sentence says why.</exception>
    public static PreparedItem Of(Json item, Preparing how) => Of(Encoding.UTF8.GetBytes(item.Text), how);

    /// <summary>Checks an item and takes it apart.</summary>
    /// <exception cref="Access.Refused">It is not a STAC item; the sentence says why.</exception>
    public static PreparedItem Of(ReadOnlyMemory<byte> utf8, Preparing how)
    {
        var sent = StoredDocument.Parse(utf8, "item");
        var (id, collection) = StacChecks.Item(sent);
        var (element, repairs) = StacChecks.Sound("item", id, sent, how);
        var form = StacForms.Write(element, new StacFrame(LinksOf(collection, id), [], LinkRoots.Split), how.Visible);
        var properties = element.GetProperty("properties");
        var box = element.TryGetProperty("bbox", out var bbox) && GeoBox.TryRead(bbox, out var read, out _)
            ? read : (GeoBox?)null;
        return new PreparedItem(
            collection, id, new StoredDocument(form.Whole, form.External, form.Hash),
            new PropertiesOfItem(form.Properties!, form.ExternalProperties, form.Names),
            TimeSpanOfItem.Of(id, properties),
            PlaceOfItem.Of(id, element.GetProperty("geometry"), box is { CrossesAntimeridian: true }), box?.ToArray(),
            StacChecks.Words(
                form.ExternalProperties is null ? properties : JsonElement.Parse(form.ExternalProperties)), repairs)
        {
            Form = how.Form,
        };
    }

    static string LinksOf(string collection, string id)
    {
        var path = "/collections/" + Uri.EscapeDataString(collection);
        return StructuralLink.Join(
            new("self", $"{path}/items/{Uri.EscapeDataString(id)}", Media.GeoJson), new("parent", path, Media.Json),
            new("collection", path, Media.Json), new("root", "", Media.Json));
    }
}

/// <summary>What filters look into.</summary>
/// <param name="Json">The properties.</param>
/// <param name="External">What the external view has of them; null when that is all of them.</param>
/// <param name="Names">Their names and types.</param>
readonly record struct PropertiesOfItem(string Json, string? External, IReadOnlyList<PropertyOfItem> Names);

/// <summary>When an item is, in microseconds since 1970, both ends included.</summary>
/// <param name="Starts">Its <c>start_datetime</c> or its <c>datetime</c>, whichever is earlier; items are ordered by
/// it.</param>
/// <param name="Ends">Its <c>end_datetime</c> or its <c>datetime</c>, whichever is later.</param>
/// <param name="Moment">Its <c>datetime</c>; null where that is null.</param>
readonly record struct TimeSpanOfItem(long Starts, long Ends, long? Moment)
{
    /// <summary>Reads the times of an item's properties.</summary>
    public static TimeSpanOfItem Of(string id, JsonElement properties)
    {
        var moment = Read(id, properties, "datetime");
        var starts = Read(id, properties, "start_datetime");
        var ends = Read(id, properties, "end_datetime");
        if ((starts is null) != (ends is null))
            throw StacChecks.Invalid("item", id, "start_datetime and end_datetime go together");
        if ((starts ?? moment) is not { } first || (ends ?? moment) is not { } last)
            throw StacChecks.Invalid("item", id, "without datetime it needs start_datetime and end_datetime");
        if (last < first) throw StacChecks.Invalid("item", id, "its end_datetime is before its start_datetime");
        // Searches look for a datetime, too, in the index of these two.
        return new TimeSpanOfItem(Math.Min(first, moment ?? first), Math.Max(last, moment ?? last), moment);
    }

    static long? Read(string id, JsonElement properties, string name)
    {
        if (!properties.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.String && Moments.TryParse(value.GetString(), out var microseconds)
            ? microseconds
            : throw StacChecks.Invalid("item", id, $"{name} is not a moment in RFC 3339 (2024-02-29T12:00:00Z)");
    }
}

/// <summary>Where an item is, as searches compare it.</summary>
/// <param name="Ewkb">The geometry with its SRID, in two dimensions, cut where it crosses the antimeridian.</param>
/// <param name="IsBox">The geometry is nothing but its box.</param>
/// <param name="Box">The box around the geometry.</param>
/// <param name="LowestMetres">The least height of its positions; null where none has a height.</param>
/// <param name="GreatestMetres">The greatest height of its positions; null where none has a height.</param>
sealed record PlaceOfItem(byte[] Ewkb, bool IsBox, Envelope Box, double? LowestMetres, double? GreatestMetres)
{
    /// <summary>Reads a GeoJSON geometry; null where it is null or empty.</summary>
    public static PlaceOfItem? Of(string id, JsonElement geoJson, bool crosses)
    {
        try
        {
            // What is invalid is mended in the copy that is searched; the document keeps what it said.
            return StacFootprint.Of(geoJson, crosses) is { } shape
                ? new PlaceOfItem(Wkb.WriteWithSrid(shape.Geometry), shape.IsBox, shape.Geometry.EnvelopeInternal,
                    shape.LowestMetres, shape.GreatestMetres)
                : null;
        }
        catch (BadGeodataException bad)
        {
            throw StacChecks.Invalid("item", id, $"its geometry cannot be used, {bad.Message.TrimEnd('.')}");
        }
    }
}
