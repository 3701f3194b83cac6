using System.Net;
using System.Text.Json;
using Spectre.Console;

namespace Waypost.Cli;

/// <summary>The server answered with a problem (RFC 9457).</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="asked">What was asked: method and address.</param>
/// <param name="body">The answer's body.</param>
sealed class ServerProblemException(HttpStatusCode status, string asked, string body) : Exception(body)
{
    // What the sentence and the remedy say already, or what only matters to programs.
    static readonly string[] NotShown =
        ["type", "title", "status", "detail", "code", "remedy", "error", "instance", "field", "parameter", "allowed",
            "expected", "trace_id"];

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>The answer's body, as the server sent it.</summary>
    public string Body { get; } = body;

    /// <summary>What the program ends with.</summary>
    public int ExitCode => (int)Status >= 500 ? ExitCodes.Failed : ExitCodes.Refused;

    /// <summary>The stable code; the status where the answer has none.</summary>
    public string Code => Member("code") ?? $"HTTP_{(int)Status}";

    /// <summary>What was wrong, in one sentence.</summary>
    public string Sentence =>
        Member("detail") ?? Member("error") ?? Member("title") ?? $"The server answered {(int)Status}.";

    /// <summary>Shows what was wrong, where, what was expected and what to do.</summary>
    public void Show(IAnsiConsole console)
    {
        console.MarkupLineInterpolated($"[red bold]{Code}[/] {Sentence}");
        Line(console, "where", (Member("field") ?? Member("parameter")) is { } place ? $"{place}, in {asked}" : asked);
        Line(console, "expected", Member("expected") ?? Member("allowed"));
        foreach (var (name, value) in Others()) Line(console, name.Replace('_', ' '), value);
        Line(console, "do", Member("remedy"));
    }

    static void Line(IAnsiConsole console, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text)) console.MarkupLineInterpolated($"  [grey]{name}:[/] {text}");
    }

    string? Member(string name) => Members().FirstOrDefault(member => member.Name == name).Text;

    IEnumerable<(string Name, string Text)> Others() =>
        Members().Where(member => !NotShown.Contains(member.Name, StringComparer.Ordinal));

    IReadOnlyList<(string Name, string Text)> Members()
    {
        try
        {
            using var document = JsonDocument.Parse(Body);
            return document.RootElement.ValueKind != JsonValueKind.Object ? []
                : [.. document.RootElement.EnumerateObject()
                    .Where(member => member.Value.ValueKind != JsonValueKind.Null)
                    .Select(member => (member.Name, Text(member.Value)))];
        }
        catch (JsonException)
        {
            // A proxy's page instead of a problem: its status says what there is to say.
            return [];
        }
    }

    static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array when value.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String) =>
            string.Join(", ", value.EnumerateArray().Select(part => part.GetString())),
        _ => value.GetRawText(),
    };
}

/// <summary>No answer came from the server.</summary>
sealed class UnreachableException(Uri server, Exception reason)
    : Exception($"{server} does not answer: {reason.Message}", reason);

/// <summary>What was asked for could not be done, and not for the way it was asked.</summary>
sealed class NotDoneException(string code, string sentence, string remedy) : Exception(sentence)
{
    /// <summary>The stable code.</summary>
    public string Code { get; } = code;

    /// <summary>What to do about it.</summary>
    public string Remedy { get; } = remedy;
}

/// <summary>What was asked for cannot be done as the command line says it.</summary>
sealed class UsageException(string sentence, string remedy) : Exception(sentence)
{
    /// <summary>What to write instead.</summary>
    public string Remedy { get; } = remedy;
}
