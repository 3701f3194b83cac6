using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Hosting;

/// <summary>Says what is wrong with a JSON document, where, and what was expected, without naming our types.</summary>
static partial class JsonTrouble
{
    /// <summary>What was wrong, for a person and for a program.</summary>
    /// <param name="Unknown">True when a member has a name that is not known here.</param>
    /// <param name="Sentence">What was wrong, where and what was expected.</param>
    /// <param name="Path">The JSON path of the fault: <c>$.retry_policy.max_attempts</c>.</param>
    /// <param name="Line">The line, from 1; null when the reader did not know.</param>
    /// <param name="Allowed">The names that are known, where a name was not.</param>
    public sealed record Fault(
        bool Unknown, string Sentence, string Path, long? Line, IReadOnlyList<string>? Allowed);

    /// <summary>Refuses a request's body.</summary>
    public static Refused Refuse(JsonException error)
    {
        var fault = Explain(error, Json.Options);
        var details = new Dictionary<string, object?> { ["path"] = fault.Path, ["line"] = fault.Line };
        if (fault.Allowed is not null) details["allowed"] = fault.Allowed;
        return new Refused(
            StatusCodes.Status400BadRequest, fault.Unknown ? "UNKNOWN_FIELD" : "INVALID_BODY",
            "The body is not what this route takes: " + fault.Sentence,
            fault.Allowed is null ? "GET /docs shows the expected body." : "Correct the name, or leave it out.")
        {
            Details = details,
        };
    }

    /// <summary>Explains the reader's exception.</summary>
    public static Fault Explain(JsonException error, JsonSerializerOptions options)
    {
        var path = string.IsNullOrEmpty(error.Path) ? "$" : error.Path;
        var line = error.LineNumber + 1;
        var where = line is null ? path : $"{path} (line {line})";

        if (error.Message.StartsWith(Json.CannotBeKept, StringComparison.Ordinal))
            return new Fault(false, $"{where}: {Json.CannotBeKept}", path, line, null);
        if (Unmapped().Match(error.Message) is { Success: true } unmapped)
        {
            var allowed = Names(unmapped.Groups["type"].Value, options);
            var list = allowed.Count == 0 ? "" : $" Known here: {string.Join(", ", allowed)}.";
            return new Fault(true, $"{where} is not a known field.{list}", path, line, allowed);
        }
        if (Missing().Match(error.Message) is { Success: true } missing)
            return new Fault(false, $"{where} lacks {missing.Groups["names"].Value.TrimEnd('.')}.", path, line, null);
        if (Unconvertible().Match(error.Message) is { Success: true } wrong)
            return new Fault(
                false, $"{where} should be {Wanted(wrong.Groups["type"].Value, path, options)}.", path, line, null);
        return new Fault(false, $"it is not well-formed JSON at {where}.", path, line, null);
    }

    /// <summary>A .NET type in a caller's words: <c>a whole number</c>.</summary>
    public static string Expected(string typeName)
    {
        var nullable = NullableOf().Match(typeName);
        if (nullable.Success) typeName = nullable.Groups["type"].Value;
        var shortName = typeName.Split('.')[^1];
        var words = shortName switch
        {
            "Int32" or "Int64" or "int" or "long" => "a whole number",
            "Double" or "Single" or "Decimal" or "double" or "float" or "decimal" => "a number",
            "Boolean" or "bool" => "true or false",
            "String" or "string" => "text",
            "DateTimeOffset" or "DateTime" => "a time such as 2025-01-31T12:00:00Z",
            "Guid" => "an id (UUID)",
            "Uri" => "a URL",
            "IPNetwork" => "an address or a network such as 10.0.0.0/8",
            "TimeSpan" => "a duration such as 00:05:00",
            _ => null,
        };
        if (words is not null) return words;
        if (OurType(typeName) is { IsEnum: true } choice)
            return "one of: " + string.Join(
                ", ", Enum.GetNames(choice).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName));
        if (typeName.Contains("List", StringComparison.Ordinal) || typeName.EndsWith("[]", StringComparison.Ordinal)
            || typeName.Contains("Enumerable", StringComparison.Ordinal))
            return "a list";
        return "an object";
    }

    // For a member that a constructor takes, the reader names the type around it instead of the member's own.
    static string Wanted(string typeName, string path, JsonSerializerOptions options)
    {
        var name = path[(path.LastIndexOf('.') + 1)..];
        var member = OurType(typeName) is { IsEnum: false } type && options.GetTypeInfo(type) is
        { Kind: JsonTypeInfoKind.Object } known
            ? known.Properties.FirstOrDefault(property => property.Name == name) : null;
        return Expected(member?.PropertyType.FullName ?? typeName);
    }

    static IReadOnlyList<string> Names(string typeName, JsonSerializerOptions options) =>
        OurType(typeName) is { } type && options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object } known
            ? [.. known.Properties.Select(property => property.Name)]
            : [];

    // The reader's message names the type, and nothing else does; this runs for refused documents only.
    static Type? OurType(string name) => AppDomain.CurrentDomain.GetAssemblies()
        .Select(assembly => assembly.GetType(name)).FirstOrDefault(type => type is not null);

    [GeneratedRegex(
        "^The JSON property '(?<name>.*)' could not be mapped to any .NET member contained in type '(?<type>[^']*)'")]
    private static partial Regex Unmapped();

    [GeneratedRegex("was missing required properties including: (?<names>'[^|]*')")]
    private static partial Regex Missing();

    [GeneratedRegex("could not be converted to (?<type>[^ ]+)\\.(?: |$)")]
    private static partial Regex Unconvertible();

    [GeneratedRegex(@"^(?:System\.)?Nullable(?:`1)?[\[<]+(?<type>[^\],>]+)")]
    private static partial Regex NullableOf();
}
