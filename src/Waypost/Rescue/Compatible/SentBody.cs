using System.Globalization;
using System.Text.Json;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>A JSON body read field by field; what is wrong with it is gathered, and told in the shape that FastAPI with
/// pydantic 1 has: <c>{"detail":[{"loc":["body","name"],"msg":"field required","type":"value_error.missing"}]}</c>.
/// Fields that are not asked for are passed over, as its clients rely on.</summary>
sealed class SentBody
{
    readonly List<Fault> faults = [];
    readonly JsonElement body;

    sealed record Fault(IReadOnlyList<object> Place, string Sentence, string Type, (string Name, object Value)? More);

    SentBody(JsonElement body) => this.body = body;

    /// <summary>Everything in it.</summary>
    public JsonElement Root => body;

    /// <summary>Whether nothing was found wrong so far.</summary>
    public bool IsGood => faults.Count == 0;

    /// <summary>Reads the request's body.</summary>
    public static async Task<SentBody> Of(HttpRequest request, CancellationToken ct)
    {
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, ct);
        if (bytes.Length == 0) return Broken([], "field required", "value_error.missing");
        // Pages of other origins can send anything but this without asking.
        if (request.ContentType?.Split(';')[0].Trim().EndsWith("json", StringComparison.OrdinalIgnoreCase) != true)
            return Broken([], "value is not a valid dict", "type_error.dict");
        try
        {
            var sent = JsonElement.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            if (sent.ValueKind != JsonValueKind.Object)
                return Broken([], "value is not a valid dict", "type_error.dict");
            return new Json(sent.GetRawText()).CanBeKept ? new SentBody(sent)
                : Broken([], Json.CannotBeKept, "value_error.str");
        }
        catch (JsonException error)
        {
            return Broken([error.BytePositionInLine ?? 0L], "Expecting value", "value_error.jsondecode");
        }
    }

    /// <summary>The answer that names everything that is wrong: 422.</summary>
    public IResult Refusal() => Python.Answer(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("detail");
        foreach (var fault in faults)
        {
            json.WriteStartObject();
            json.WriteStartArray("loc");
            json.WriteStringValue("body");
            foreach (var step in fault.Place)
                if (step is string name) json.WriteStringValue(name);
                else json.WriteNumberValue(Convert.ToInt64(step, CultureInfo.InvariantCulture));
            json.WriteEndArray();
            json.WriteString("msg", fault.Sentence);
            json.WriteString("type", fault.Type);
            if (fault.More is { } more)
            {
                json.WritePropertyName("ctx");
                JsonSerializer.Serialize(json, new Dictionary<string, object> { [more.Name] = more.Value });
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }, StatusCodes.Status422UnprocessableEntity);

    /// <summary>The fields of the body itself.</summary>
    public SentFields Fields => new(this, body, []);

    /// <summary>Notes what is wrong.</summary>
    public void Wrong(
        IReadOnlyList<object> place, string sentence, string type, (string Name, object Value)? more = null) =>
        faults.Add(new Fault(place, sentence, type, more));

    static SentBody Broken(IReadOnlyList<object> place, string sentence, string type)
    {
        var none = new SentBody(default);
        none.Wrong(place, sentence, type);
        return none;
    }
}

/// <summary>The fields of one object of a body.</summary>
/// <param name="Body">The body; it gathers what is wrong.</param>
/// <param name="Element">The object.</param>
/// <param name="Place">Where in the body it is.</param>
sealed record SentFields(SentBody Body, JsonElement Element, IReadOnlyList<object> Place)
{
    /// <summary>A text that must be there.</summary>
    public string Text(string name) => OptionalText(name, isNeeded: true) ?? "";

    /// <summary>A text that may be absent or null; numbers are taken as their text.</summary>
    public string? OptionalText(string name, bool isNeeded = false)
    {
        if (Find(name, isNeeded) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        if (value.ValueKind == JsonValueKind.Number) return value.GetRawText();
        Wrong(name, "str type expected", "type_error.str");
        return null;
    }

    /// <summary>A number that must be there and lie in bounds.</summary>
    public double Float(string name, double least, double most) =>
        OptionalFloat(name, least, most, isNeeded: true) ?? 0;

    /// <summary>A number that may be null, but must be there where <paramref name="isKeyNeeded"/>.</summary>
    public double? OptionalFloat(
        string name, double least, double most, bool isNeeded = false, bool isKeyNeeded = false)
    {
        if (Find(name, isNeeded, isKeyNeeded) is not { } value) return null;
        double number;
        if (value.ValueKind == JsonValueKind.Number) number = value.GetDouble();
        else if (value.ValueKind != JsonValueKind.String
            || !double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number))
        {
            Wrong(name, "value is not a valid float", "type_error.float");
            return null;
        }
        if (double.IsFinite(number) && number >= least && number <= most) return number;
        var low = number < least;
        Wrong(name, string.Create(CultureInfo.InvariantCulture,
                $"ensure this value is {(low ? "greater" : "less")} than or equal to {(low ? least : most)}"),
            "value_error.number.not_" + (low ? "ge" : "le"), ("limit_value", low ? least : most));
        return null;
    }

    /// <summary>A whole number that must be there.</summary>
    public long Whole(string name) => OptionalWhole(name, isNeeded: true) ?? 0;

    /// <summary>A whole number that may be absent or null; digits in a text are taken.</summary>
    public long? OptionalWhole(string name, bool isNeeded = false)
    {
        if (Find(name, isNeeded) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)) return number;
        if (value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= -1e15 and <= 1e15 and var real)
            return (long)real;
        if (value.ValueKind == JsonValueKind.String
            && long.TryParse(
                value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            return number;
        Wrong(name, "value is not a valid integer", "type_error.integer");
        return null;
    }

    /// <summary>One of these texts; may be absent or null.</summary>
    public string? OptionalChoice(string name, IReadOnlyList<string> choices)
    {
        if (Find(name, false) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.String && choices.Contains(value.GetString()!, StringComparer.Ordinal))
            return value.GetString();
        Wrong(name, "value is not a valid enumeration member; permitted: "
            + string.Join(", ", choices.Select(choice => $"'{choice}'")), "type_error.enum", ("enum_values", choices));
        return null;
    }

    /// <summary>Whatever it is; null where it is absent.</summary>
    public JsonElement? Any(string name, bool isKeyNeeded = false)
    {
        Find(name, false, isKeyNeeded);
        return Element.TryGetProperty(name, out var value) ? value : null;
    }

    /// <summary>The objects of a list that must be there.</summary>
    public IReadOnlyList<SentFields> List(string name, int most)
    {
        if (Find(name, true) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array)
        {
            Wrong(name, "value is not a valid list", "type_error.list");
            return [];
        }
        if (value.GetArrayLength() > most)
        {
            Wrong(name, string.Create(CultureInfo.InvariantCulture, $"ensure this value has at most {most} items"),
                "value_error.list.max_items", ("limit_value", most));
            return [];
        }
        var found = new List<SentFields>();
        foreach (var one in value.EnumerateArray())
        {
            IReadOnlyList<object> at = [.. Place, name, (long)found.Count];
            if (one.ValueKind != JsonValueKind.Object) Body.Wrong(at, "value is not a valid dict", "type_error.dict");
            found.Add(new SentFields(Body, one.ValueKind == JsonValueKind.Object ? one : JsonElement.Parse("{}"), at));
        }
        return Body.IsGood || found.All(one => one.Element.EnumerateObject().Any()) ? found : [];
    }

    /// <summary>Notes what is wrong with a field.</summary>
    public void Wrong(string name, string sentence, string type, (string Name, object Value)? more = null) =>
        Body.Wrong([.. Place, name], sentence, type, more);

    JsonElement? Find(string name, bool isNeeded, bool isKeyNeeded = false)
    {
        if (Element.ValueKind != JsonValueKind.Object) return null;
        if (!Element.TryGetProperty(name, out var value))
        {
            if (isNeeded || isKeyNeeded) Wrong(name, "field required", "value_error.missing");
            return null;
        }
        if (value.ValueKind != JsonValueKind.Null) return value;
        if (isNeeded) Wrong(name, "none is not an allowed value", "type_error.none.not_allowed");
        return null;
    }
}
