using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Waypost.Cli;

/// <summary><c>waypost rescue import</c>: files of a CKAN catalogue's pages, or lists of addresses, as one stream.
/// </summary>
static class RescueImportCommand
{
    const int Chunk = 128 * 1024;

    public static Command Make(Surroundings surroundings) => new("rescue", "The rescue of data: what there is to save")
    {
        new Command("import", "Import what there is to rescue; again, as often as you like")
        {
            Ckan(surroundings), Csv(surroundings),
        },
    };

    static Command Ckan(Surroundings surroundings)
    {
        var files = Files("Files of package_search's answers, one after the other; or .ndjson: a package a line");
        var json = Json();
        var source = new Option<string>("--source")
        {
            Description = "What the catalogue is called here",
            DefaultValueFactory = _ => "ckan",
        };
        var publisher = new Option<string?>("--publisher")
        {
            Description = "With --complete: the files have all of this publisher, by its name, and of nobody else",
        };
        var complete = new Option<bool>("--complete")
        {
            Description = "The files have all there is: what is not in them has vanished",
        };
        var command = new Command("ckan", "Import pages of a CKAN catalogue")
        {
            files, source, publisher, complete, json,
        };
        Examples.Add(command, "waypost rescue import ckan page-*.json --source data.gov --complete");
        return command.DoesAlone(surroundings, json, (parsed, answers, ct) =>
        {
            var names = parsed.GetValue(files)!;
            var type = names.All(name => name.EndsWith(".ndjson", StringComparison.Ordinal))
                ? "application/x-ndjson" : "application/json";
            var query = $"?source={Uri.EscapeDataString(parsed.GetValue(source)!)}"
                + (parsed.GetValue(publisher) is { } one ? $"&publisher={Uri.EscapeDataString(one)}" : "")
                + (parsed.GetValue(complete) ? "&complete=true" : "");
            return Send(parsed, surroundings, answers, names, "/rescue/imports/ckan" + query, type, ct);
        });
    }

    static Command Csv(Surroundings surroundings)
    {
        var file = new Argument<string>("file") { Description = "A list: url,size_bytes[,rank,kind,title,…]" };
        var json = Json();
        var command = new Command("csv", "Import a list of addresses with their sizes") { file, json };
        Examples.Add(command, "waypost rescue import csv assets.csv");
        return command.DoesAlone(surroundings, json, (parsed, answers, ct) => Send(
            parsed, surroundings, answers, [parsed.GetValue(file)!], "/rescue/imports/csv", "text/csv", ct));
    }

    static Argument<string[]> Files(string description) => new("files")
    {
        Description = description,
        Arity = ArgumentArity.OneOrMore,
    };

    static Option<bool> Json() => new("--json") { Description = "The server's own report, and nothing else" };

    static async Task<int> Send(
        ParseResult parsed, Surroundings surroundings, Answers answers, string[] files, string path, string type,
        CancellationToken ct)
    {
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
            throw new UsageException($"There is no file {missing}.", "Name files that are there.");
        using var server = CommandLine.Connect(parsed, surroundings);
        var at = new Uri(server.Server, await server.OrgPath(path, ct));
        var body = await Bars.Run(answers, "Importing", async show =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, at) { Content = new Sent(files, type, show) };
            using var answer = await server.Ask(request, ct);
            if (answer.StatusCode != HttpStatusCode.OK) throw await Connection.ProblemOf(answer, ct);
            return await answer.Content.ReadAsStringAsync(ct);
        });
        answers.One(body, Rows);
        using var report = JsonDocument.Parse(body);
        var root = report.RootElement;
        foreach (var failure in root.GetProperty("failures").EnumerateArray())
            answers.Remark($"[red]{failure.Text("number")}[/] {failure.Text("name")}: {failure.Text("detail")}");
        return root.GetProperty("failures").GetArrayLength() == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    static IEnumerable<(string, string?)> Rows(JsonElement report)
    {
        yield return ("import", report.Text("import_id"));
        foreach (var part in (string[])["datasets", "resources", "assets"])
            if (report.Part(part) is { } counts)
                yield return (part, string.Join(", ", counts.EnumerateObject()
                    .Where(count => count.Value.GetInt64() > 0)
                    .Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Name}"))));
        if (report.Text("unfetchable") is { } notes and not "0") yield return ("not fetchable", notes);
    }

    /// <summary>Files one after the other, with a line break between them, as one body.</summary>
    sealed class Sent : HttpContent
    {
        readonly string[] files;
        readonly Action<double, string?> show;

        public Sent(string[] files, string type, Action<double, string?> show)
        {
            (this.files, this.show) = (files, show);
            Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(
            Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var whole = Math.Max(1, files.Sum(file => new FileInfo(file).Length));
            var (sent, buffer) = (0L, new byte[Chunk]);
            foreach (var file in files)
            {
                await using var from = File.OpenRead(file);
                int read;
                while ((read = await from.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                    sent += read;
                    show(Math.Round(100.0 * sent / whole), Path.GetFileName(file));
                }
                await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
