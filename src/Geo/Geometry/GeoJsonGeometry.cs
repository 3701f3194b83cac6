using System.Text;
using System.Text.Json;
using NetTopologySuite.Geometries;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Geo.Geometry;

/// <summary>One geometry as GeoJSON text (RFC 7946 section 3.1), both ways, in two dimensions.</summary>
public static class GeoJsonGeometry
{
    /// <summary>Objects and arrays that a geometry may nest; what <see cref="JsonDocument"/> allows too.</summary>
    const int DepthLimit = 64;

    /// <summary>Reads a geometry; null for a JSON null.</summary>
    /// <param name="json">The geometry object.</param>
    /// <param name="notes">What was changed or left out while reading.</param>
    /// <exception cref="BadGeodataException">COORDINATES_INVALID, COORDINATES_OUT_OF_RANGE or NOT_GEOJSON.</exception>
    public static NtsGeometry? Read(JsonElement json, out GeometryNotes notes) =>
        Read(Encoding.UTF8.GetBytes(json.GetRawText()), out notes);

    /// <summary>Reads a geometry; null for a JSON null.</summary>
    /// <exception cref="BadGeodataException">COORDINATES_INVALID, COORDINATES_OUT_OF_RANGE or NOT_GEOJSON.</exception>
    public static NtsGeometry? Read(JsonElement json) => Read(json, out _);

    /// <summary>Reads a geometry from UTF-8 text; null for a JSON null.</summary>
    /// <param name="utf8">The geometry object and nothing after it.</param>
    /// <param name="notes">What was changed or left out while reading.</param>
    /// <exception cref="BadGeodataException">
    /// NOT_JSON, COORDINATES_INVALID, COORDINATES_OUT_OF_RANGE or NOT_GEOJSON.
    /// </exception>
    public static NtsGeometry? Read(ReadOnlySpan<byte> utf8, out GeometryNotes notes)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DepthLimit });
        var reading = new GeometryReading();
        try
        {
            reader.Read();
            var geometry = reading.Read(ref reader);
            notes = reading.Notes;
            reader.Read();
            return geometry;
        }
        catch (JsonException broken)
        {
            throw new BadGeodataException(new GeodataFault("NOT_JSON", GeodataCategory.DataQuality,
                $"The geometry is not JSON at its byte {reader.BytesConsumed}: {broken.Message}",
                "Send a GeoJSON geometry object."));
        }
    }

    /// <summary>Writes a geometry as a JSON object, or null.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="geometry">The geometry; null writes a JSON null.</param>
    /// <param name="decimals">
    /// Decimals of a degree to keep, 0 to 15: 7 are 1 cm. Null writes each number exactly.
    /// </param>
    public static void Write(Utf8JsonWriter json, NtsGeometry? geometry, int? decimals = null)
    {
        if (geometry is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteString("type"u8, geometry is LinearRing ? "LineString" : geometry.GeometryType);
        if (geometry is GeometryCollection and not (MultiPoint or MultiLineString or MultiPolygon))
        {
            json.WriteStartArray("geometries"u8);
            foreach (var member in ((GeometryCollection)geometry).Geometries)
                Write(json, member, decimals);
        }
        else
        {
            json.WritePropertyName("coordinates"u8);
            json.WriteStartArray();
            WriteCoordinates(json, geometry, decimals);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The geometry as GeoJSON text.</summary>
    public static string ToText(NtsGeometry? geometry, int? decimals = null)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, geometry, decimals);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    static void WriteCoordinates(Utf8JsonWriter json, NtsGeometry geometry, int? decimals)
    {
        switch (geometry)
        {
            case Point point when !point.IsEmpty:
                WriteNumbers(json, point.CoordinateSequence, 0, decimals);
                break;
            case LineString line:
                WritePositions(json, line.CoordinateSequence, decimals);
                break;
            case Polygon polygon when !polygon.IsEmpty:
                WriteNested(json, polygon.ExteriorRing, decimals);
                foreach (var hole in polygon.InteriorRings)
                    WriteNested(json, hole, decimals);
                break;
            case GeometryCollection multi:
                foreach (var member in multi.Geometries)
                    WriteNested(json, member, decimals);
                break;
        }
    }

    static void WriteNested(Utf8JsonWriter json, NtsGeometry geometry, int? decimals)
    {
        json.WriteStartArray();
        WriteCoordinates(json, geometry, decimals);
        json.WriteEndArray();
    }

    static void WritePositions(Utf8JsonWriter json, CoordinateSequence positions, int? decimals)
    {
        for (var i = 0; i < positions.Count; i++)
        {
            json.WriteStartArray();
            WriteNumbers(json, positions, i, decimals);
            json.WriteEndArray();
        }
    }

    static void WriteNumbers(Utf8JsonWriter json, CoordinateSequence positions, int at, int? decimals)
    {
        var (x, y) = (positions.GetX(at), positions.GetY(at));
        // Adding zero turns a rounded -0 into 0.
        json.WriteNumberValue(decimals is { } places ? Math.Round(x, places) + 0.0 : x);
        json.WriteNumberValue(decimals is { } digits ? Math.Round(y, digits) + 0.0 : y);
    }
}
