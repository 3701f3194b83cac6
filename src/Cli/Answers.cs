using System.Text.Json;
using Spectre.Console;

namespace Waypost.Cli;

/// <summary>Writes results: tables for people, or the server's JSON as it came.</summary>
sealed class Answers(Surroundings surroundings, bool json)
{
    /// <summary>Whether the server's JSON is wanted, and nothing else on the output.</summary>
    public bool IsJson { get; } = json;

    /// <summary>Bars, warnings and remarks go here.</summary>
    public IAnsiConsole Errors { get; } = surroundings.ErrorConsole();

    /// <summary>Whether bars may move.</summary>
    public bool IsTerminal => surroundings.IsTerminal;

    /// <summary>The time.</summary>
    public TimeProvider Clock => surroundings.Clock;

    /// <summary>One value: the body itself, or two columns of names and texts.</summary>
    public void One(string body, Func<JsonElement, IEnumerable<(string Name, string? Text)>> rows)
    {
        if (IsJson)
        {
            surroundings.Out.WriteLine(body);
            return;
        }
        using var document = JsonDocument.Parse(body);
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        foreach (var (name, text) in rows(document.RootElement))
            if (!string.IsNullOrEmpty(text)) grid.AddRow(new Text(name, new Style(Color.Grey)), new Text(text));
        surroundings.OutConsole().Write(grid);
    }

    /// <summary>A list: one line for each of its values, or a table with these columns.</summary>
    public void Many(
        string body, string member, IReadOnlyList<string> columns, Func<JsonElement, IReadOnlyList<string?>> cells,
        string whenEmpty)
    {
        using var document = JsonDocument.Parse(body);
        var values = document.RootElement.GetProperty(member).EnumerateArray();
        if (IsJson)
        {
            foreach (var value in values) surroundings.Out.WriteLine(value.GetRawText());
            return;
        }
        var table = new Table().Border(surroundings.IsTerminal ? TableBorder.Rounded : TableBorder.None);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column, new Style(Color.Grey))).NoWrap());
        foreach (var value in values) table.AddRow(cells(value).Select(cell => new Text(cell ?? "")));
        if (table.Rows.Count == 0) Errors.MarkupLineInterpolated($"[grey]{whenEmpty}[/]");
        else surroundings.OutConsole().Write(table);
    }

    /// <summary>One line of a stream: the value itself, or the text.</summary>
    public void Line(string json, FormattableString text)
    {
        if (IsJson) surroundings.Out.WriteLine(json);
        else surroundings.OutConsole().MarkupLineInterpolated(text);
    }

    /// <summary>A remark for a person; a script reads the JSON instead.</summary>
    public void Remark(FormattableString text)
    {
        if (!IsJson) Errors.MarkupLineInterpolated(text);
    }
}

/// <summary>Short ways to read an answer.</summary>
static class Reading
{
    /// <summary>A member's text, as a person reads it; null when it is absent.</summary>
    public static string? Text(this JsonElement value, string name) =>
        value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out var member) ? null
            : member.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => member.GetString(),
                JsonValueKind.Array when member.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String) =>
                    string.Join(", ", member.EnumerateArray().Select(part => part.GetString())),
                _ => member.GetRawText(),
            };

    /// <summary>A member that is an object or a list; null when it is absent.</summary>
    public static JsonElement? Part(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member)
        && member.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? member : null;

    /// <summary>A member's time to the second, UTC; null when it is absent.</summary>
    public static string? Time(this JsonElement value, string name) =>
        DateTimeOffset.TryParse(value.Text(name), out var time) ? $"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z" : null;
}
