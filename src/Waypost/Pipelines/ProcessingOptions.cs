using System.Text.Json;
using Waypost.Access;
using Waypost.Geo;
using Waypost.Geo.Crs;

namespace Waypost.Pipelines;

/// <summary>What kind of data a request brings.</summary>
public enum DataType
{
    /// <summary>Features: GeoJSON.</summary>
    Vector,

    /// <summary>Pixels: GeoTIFF.</summary>
    Raster,
}

/// <summary>What a request may say about how its data is worked on; what it left out is null.</summary>
/// <param name="InputCrs">The system to assume for a raster that names none: <c>EPSG:32618</c>.</param>
/// <param name="ChunkSize">Features written in one piece.</param>
/// <param name="Overwrite">Replace what this identity holds.</param>
public sealed record ProcessingOptions(string? InputCrs, int? ChunkSize, bool Overwrite)
{
    const int LeastChunk = 100;
    const int MostChunk = 10_000;

    /// <summary>Reads the options of one type of data; those of the other are as unknown as any.</summary>
    public static ProcessingOptions Read(JsonElement? options, string field, DataType type)
    {
        if (options is not { } given) return new ProcessingOptions(null, null, false);
        var fields = new Fields(given, field, field + ".");
        var overwrite = fields.Flag("overwrite") ?? false;
        ProcessingOptions read;
        if (type == DataType.Raster)
        {
            // One output so far: lossless. The word is accepted, so that nobody has to leave it out.
            fields.Word("output_tier", "analysis");
            var crs = fields.Text("input_crs", 100);
            var alias = fields.Text("crs", 100);
            if (crs is not null && alias is not null && crs != alias)
                throw Refused.Bad("INVALID_VALUE", $"{field} has both input_crs and crs, and they differ.")
                    .At(field + ".crs");
            read = new ProcessingOptions(Checked(crs ?? alias, $"{field}.input_crs"), null, overwrite);
        }
        else
        {
            read = new ProcessingOptions(null, fields.Number("chunk_size", LeastChunk, MostChunk), overwrite);
        }
        fields.RefuseOthers("UNKNOWN_OPTION");
        return read;
    }

    // EPSG:32618, epsg:32618 and the OGC's name for it are the same wish, and must hash as the same.
    static string? Checked(string? crs, string field)
    {
        if (crs is null) return null;
        try
        {
            return CoordinateSystem.FromName(crs).ToString();
        }
        catch (BadGeodataException unknown)
        {
            throw Refused.Bad(unknown.Fault.Code, unknown.Fault.Message, unknown.Fault.Remediation).At(field);
        }
    }
}
