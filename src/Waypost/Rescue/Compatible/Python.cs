using System.Globalization;
using System.Text.Json;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>Writes answers as the services that this one stands in for write them: their floats, their member order,
/// their error shape <c>{"detail": …}</c>.</summary>
static class Python
{
    const double WholeUpTo = 1e16;

    static readonly JsonWriterOptions Relaxed = new() { Encoder = Json.Options.Encoder };

    /// <summary>Answers with what is written.</summary>
    public static IResult Answer(Action<Utf8JsonWriter> write, int status = StatusCodes.Status200OK)
    {
        using var to = new MemoryStream();
        using (var json = new Utf8JsonWriter(to, Relaxed)) write(json);
        return new Written(to.ToArray(), status);
    }

    /// <summary>Refuses with a sentence.</summary>
    public static IResult Detail(int status, string sentence) => Answer(json =>
    {
        json.WriteStartObject();
        json.WriteString("detail", sentence);
        json.WriteEndObject();
    }, status);

    /// <summary>Writes a number as Python's <c>repr</c> does: a whole one with <c>.0</c>.</summary>
    public static void WriteFloat(this Utf8JsonWriter json, string name, double? number)
    {
        json.WritePropertyName(name);
        if (number is { } value) json.WriteRawValue(Float(value));
        else json.WriteNullValue();
    }

    /// <summary>Writes a whole number, or null.</summary>
    public static void WriteWhole(this Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    /// <summary>Writes any value as it came, or null.</summary>
    public static void WriteAny(this Utf8JsonWriter json, string name, JsonElement? value)
    {
        json.WritePropertyName(name);
        if (value is { ValueKind: not JsonValueKind.Undefined } given) given.WriteTo(json);
        else json.WriteNullValue();
    }

    /// <summary>A number as Python's <c>repr</c> writes it.</summary>
    public static string Float(double value) =>
        Math.Abs(value) < WholeUpTo && value == Math.Floor(value)
            ? value.ToString("F1", CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');

    sealed class Written(byte[] body, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "application/json";
            httpContext.Response.ContentLength = body.Length;
            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
