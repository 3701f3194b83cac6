using System.CommandLine;
using System.Text.Json;

namespace Waypost.Cli;

/// <summary><c>waypost submit</c>: sends geodata to be validated, converted, catalogued and served.</summary>
static class SubmitCommand
{
    const int SniffedBytes = 64;
    static readonly string[] RasterEndings = [".tif", ".tiff", ".gtiff"];
    static readonly string[] VectorEndings = [".geojson", ".json", ".geojsonl", ".ndjson"];

    sealed record Options(
        Argument<string> Source, Option<string> Dataset, Option<string> Resource, Option<string> Version,
        Option<string> Type, Option<string?> Title, Option<string?> Callback, Option<string[]> Settings,
        Option<bool> Overwrite, Option<bool> Wait);

    public static Command Make(Surroundings surroundings)
    {
        var options = new Options(
            new("source")
            {
                Description = "A file, an http(s) address, upload:NAME, or FOLDER/FILE of an import folder",
            },
            new("--dataset") { Description = "The data set it belongs to", Required = true, HelpName = "id" },
            new("--resource") { Description = "The resource within the data set", Required = true, HelpName = "id" },
            new("--version") { Description = "Which version of the resource it is", Required = true, HelpName = "id" },
            new("--type") { Description = "raster, vector, or as the file says", DefaultValueFactory = _ => "auto" },
            new("--title") { Description = "What people call it" },
            new("--callback") { Description = "Where the result is posted when the work has ended", HelpName = "url" },
            new("--option")
            {
                Description = "How to work on it: NAME=VALUE, VALUE being JSON or a text",
                HelpName = "name=value",
            },
            new("--overwrite") { Description = "Replace what this version holds" },
            new("--wait") { Description = "Follow the work to its end, and show its results" });
        options.Type.AcceptOnlyFromAmong("auto", "raster", "vector");
        var command = new Command("submit", "Send geodata to be validated, converted, catalogued and served")
        {
            options.Source, options.Dataset, options.Resource, options.Version, options.Type, options.Title,
            options.Callback, options.Settings, options.Overwrite, options.Wait,
        };
        Examples.Add(command,
            "waypost submit scene.tif --dataset landsat --resource rgb --version 1 --wait",
            "waypost submit https://example.org/roads.geojson --dataset osm --resource roads --version 2026-01",
            "waypost submit upload:scene.tif --dataset landsat --resource rgb --version 2 --output json");
        return command.Does(surroundings, (parsed, server, answers, ct) => Run(options, parsed, server, answers, ct));
    }

    static async Task<int> Run(
        Options options, ParseResult parsed, Connection server, Answers answers, CancellationToken ct)
    {
        var source = parsed.GetValue(options.Source)!;
        var file = new FileInfo(source);
        var type = parsed.GetValue(options.Type) is { } stated and not "auto" ? stated : TypeOf(source, file);
        var identity = (
            parsed.GetValue(options.Dataset)!, parsed.GetValue(options.Resource)!, parsed.GetValue(options.Version)!);
        if (file.Exists) source = await new Uploading(server, answers).Send(file, UploadName(identity, file), ct);
        else if (!IsElsewhere(source))
            throw new UsageException($"There is no file {source}.",
                "Name a file that is here, an http(s) address, upload:NAME, or FOLDER/FILE of an import folder.");

        var body = await server.Send(HttpMethod.Post, server.TwinPath("/platform/submit"), new
        {
            DatasetId = identity.Item1,
            ResourceId = identity.Item2,
            VersionId = identity.Item3,
            RequestType = type,
            SourcePath = source,
            Title = parsed.GetValue(options.Title),
            CallbackUrl = parsed.GetValue(options.Callback),
            ProcessingConfig = Settings(parsed.GetValue(options.Settings) ?? [], parsed.GetValue(options.Overwrite)),
        }, ct);
        using var accepted = JsonDocument.Parse(body);
        var id = accepted.RootElement.Text("request_id")!;
        if (parsed.GetValue(options.Wait)) return await FollowRequest.ToItsEnd(server, answers, id, ct);
        answers.One(body, StatusCommand.Submitted);
        answers.Remark($"[grey]Follow it with:[/] waypost status {id} --wait");
        return ExitCodes.Ok;
    }

    // Uploads of different versions never meet, and the same command again goes on with its own.
    static string UploadName((string Dataset, string Resource, string Version) identity, FileInfo file) =>
        $"{identity.Dataset}_{identity.Resource}_{identity.Version}_{file.Name}";

    static bool IsElsewhere(string source) =>
        source.StartsWith("upload:", StringComparison.Ordinal) || source.Contains('/', StringComparison.Ordinal)
        && !Path.IsPathRooted(source) && !source.StartsWith('.');

    static string TypeOf(string source, FileInfo file)
    {
        var isAddress = Uri.TryCreate(source, UriKind.Absolute, out var address) && !address.IsFile;
        var path = isAddress ? address!.AbsolutePath : source;
        if (RasterEndings.Any(end => path.EndsWith(end, StringComparison.OrdinalIgnoreCase))) return "raster";
        if (VectorEndings.Any(end => path.EndsWith(end, StringComparison.OrdinalIgnoreCase))) return "vector";
        return (file.Exists ? Sniff(file) : null) ?? throw new UsageException(
            $"Neither the name nor the content of {source} says whether it is a raster or a vector.",
            "Add --type raster for GeoTIFF, --type vector for GeoJSON.");
    }

    static string? Sniff(FileInfo file)
    {
        Span<byte> head = stackalloc byte[SniffedBytes];
        using var content = file.OpenRead();
        head = head[..content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        if (head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8)
            || head.StartsWith("II+\0"u8) || head.StartsWith("MM\0+"u8))
            return "raster";
        return head.TrimStart(" \t\r\n\uFEFF"u8).StartsWith("{"u8) ? "vector" : null;
    }

    static Dictionary<string, object>? Settings(string[] settings, bool overwrite)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            var (name, value) = setting.Split('=', 2) is [{ Length: > 0 } left, var right] ? (left, right)
                : throw new UsageException(
                    $"--option is '{setting}'; NAME=VALUE was expected.", "Write --option crs=EPSG:32618.");
            values[name] = AsJson(value);
        }
        if (overwrite) values["overwrite"] = true;
        return values.Count > 0 ? values : null;
    }

    static object AsJson(string value)
    {
        try
        {
            return JsonElement.Parse(value);
        }
        catch (JsonException)
        {
            return value;
        }
    }
}
