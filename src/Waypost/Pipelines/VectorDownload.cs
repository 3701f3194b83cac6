using System.Text.Json;
using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>All features of a vector as one GeoJSON document, written as they are read.</summary>
static class VectorDownload
{
    const int FlushEvery = 1 << 16;

    static readonly JsonWriterOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Answers with the features that the request's item has at present.</summary>
    public static async Task<IResult> Of(
        RequestRow request, HttpContext http, View view, Db db, CancellationToken ct)
    {
        var set = await Features.Find(db, request.Org, request.ItemId, ct)
            ?? throw Access.Refused.NotFound($"The features of the request {request.RequestId}");
        var response = http.Response;
        response.ContentType = "application/geo+json";
        response.Headers.ContentDisposition = $"attachment; filename=\"{request.ItemId}.geojson\"";
        if (HttpMethods.IsHead(http.Request.Method)) return Results.Empty;

        var to = response.BodyWriter;
        await using var json = new Utf8JsonWriter(to, Relaxed);
        json.WriteStartObject();
        json.WriteString("type"u8, "FeatureCollection"u8);
        json.WriteStartArray("features"u8);
        await foreach (var feature in Features.All(db, request.Org, set.SetId, ct))
        {
            Features.Write(json, view.Shown(feature));
            if (json.BytesPending < FlushEvery) continue;
            json.Flush();
            await to.FlushAsync(ct);
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        await to.FlushAsync(ct);
        return Results.Empty;
    }
}
