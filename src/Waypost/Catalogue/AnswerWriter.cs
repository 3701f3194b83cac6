using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>A link of an answer.</summary>
/// <param name="Rel">What it leads to.</param>
/// <param name="Href">Where.</param>
/// <param name="Type">The media type found there.</param>
/// <param name="Title">What it is, for a person.</param>
/// <param name="Method">How to ask; null: GET.</param>
/// <param name="Body">What to send with it.</param>
/// <param name="Merge">The body is to be merged into the one sent before.</param>
/// <param name="Hreflang">The language of what is found there.</param>
public sealed record Link(
    string Rel, string Href, string? Type = null, string? Title = null, string? Method = null, object? Body = null,
    bool? Merge = null, string? Hreflang = null);

/// <summary>Writes answers out of stored documents without parsing them.</summary>
static class AnswerWriter
{
    const int FlushEvery = 1 << 16;

    /// <summary>As <see cref="Json.Options"/> has it: addresses stay readable.</summary>
    internal static readonly JsonWriterOptions Relaxed =
        new() { Encoder = Json.Options.Encoder, SkipValidation = true };

    internal static readonly JsonSerializerOptions WithoutNulls = new(Json.Options)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Answers with one stored document, or 304 where the caller has it already.</summary>
    public static async Task Document(
        HttpContext http, View view, string stored, string hash, string mediaType, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-cache";
        Languages.Say(http, Languages.Of(stored));
        if (Validators.NotModified(http, $"\"{view.Hash(stored, hash)}\"")) return;
        http.Response.ContentType = mediaType;
        view.Roots.Write(stored, http.Response.BodyWriter);
        await http.Response.BodyWriter.FlushAsync(ct);
    }

    /// <summary>Writes stored documents with commas between them, handing them on while they are written.</summary>
    public static async Task Documents(
        PipeWriter to, IEnumerable<string> stored, LinkRoots roots, CancellationToken ct)
    {
        var first = true;
        foreach (var document in stored)
        {
            if (!first) to.Write(","u8);
            first = false;
            roots.Write(document, to);
            if (to.UnflushedBytes > FlushEvery) await to.FlushAsync(ct);
        }
    }

    /// <summary>Writes of stored documents only the members that were asked for.</summary>
    public static async Task Documents(
        PipeWriter to, IEnumerable<string> stored, LinkRoots roots, StacFields fields, CancellationToken ct)
    {
        var whole = new ArrayBufferWriter<byte>(FlushEvery);
        await using var json = new Utf8JsonWriter(to, Relaxed);
        var first = true;
        foreach (var document in stored)
        {
            if (!first) to.Write(","u8);
            first = false;
            whole.ResetWrittenCount();
            roots.Write(document, whole);
            using (var item = JsonDocument.Parse(whole.WrittenMemory)) fields.Write(item.RootElement, json);
            await json.FlushAsync(ct);
            json.Reset();
            if (to.UnflushedBytes > FlushEvery) await to.FlushAsync(ct);
        }
    }

    /// <summary>Writes a value as it stands on the wire, absent members left out.</summary>
    public static void Value<T>(IBufferWriter<byte> to, T value)
    {
        using var json = new Utf8JsonWriter(to, Relaxed);
        JsonSerializer.Serialize(json, value, WithoutNulls);
    }

    /// <summary>Writes text of our own.</summary>
    public static void Text(IBufferWriter<byte> to, string text) => Encoding.UTF8.GetBytes(text, to);

    /// <summary>Answers with a value of our own, absent members left out.</summary>
    public static async Task Whole<T>(HttpContext http, T value, string mediaType, CancellationToken ct)
    {
        http.Response.ContentType = mediaType;
        Languages.Say(http, Languages.Ours);
        Value(http.Response.BodyWriter, value);
        await http.Response.BodyWriter.FlushAsync(ct);
    }
}

/// <summary>Conditional requests (RFC 9110, section 13).</summary>
static class Validators
{
    /// <summary>Sets the ETag; true, and the status 304, where the caller has this content already.</summary>
    public static bool NotModified(HttpContext http, string etag)
    {
        http.Response.Headers.ETag = etag;
        var known = http.Request.Headers.IfNoneMatch;
        if (known.Count == 0) return false;
        foreach (var one in known.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            var strong = one.StartsWith("W/", StringComparison.Ordinal) ? one[2..] : one;
            if (strong != etag && strong != "*") continue;
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return true;
        }
        return false;
    }
}
