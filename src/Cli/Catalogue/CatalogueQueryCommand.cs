using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Waypost.Cli;

/// <summary><c>waypost catalogue query</c>, also <c>eomatch-query</c>: items of a STAC API into a local catalogue.
/// </summary>
static class CatalogueQueryCommand
{
    sealed record Options
    {
        public CatalogueOptions Shared { get; } = new();

        // The name says a folder here; the format of the output is said by --json.
        public Option<string> Output { get; } = new("--output")
        {
            Description = "The folder to write the catalogue into; one that is there is brought up to date",
            HelpName = "path",
            Required = true,
        };

        public Option<string[]> Collections { get; } = CatalogueOptions.List(
            "--collections", "id…", "Only these collections; with spaces or commas between them");

        public Option<string?> StartTime { get; } = new("--start-time")
        {
            Description = "Only items at or after this moment; a day alone is its beginning",
            HelpName = "datetime",
        };

        public Option<string?> EndTime { get; } = new("--end-time")
        {
            Description = "Only items at or before this moment; a day alone is its beginning",
            HelpName = "datetime",
        };

        public Option<double[]?> Bbox { get; } = CatalogueOptions.Bbox();

        public Option<string?> Filter { get; } = new("--filter")
        {
            Description = "A condition in CQL2: \"time_diff_s < 900 AND land_fraction < 0.2\"",
            HelpName = "expr",
        };

        public Option<string> FilterLang { get; } = new("--filter-lang")
        {
            Description = "The language of --filter",
            DefaultValueFactory = _ => "cql2-text",
        };

        public Option<bool> Full { get; } = new("--full")
        {
            Description = "Ask for everything again, even where the server can say what changed since the last time",
        };
    }

    public static Command Make(Surroundings surroundings)
    {
        var options = new Options();
        options.FilterLang.AcceptOnlyFromAmong("cql2-text", "cql2-json");
        var command = options.Shared.AddTo(new Command(
            "query", "Bring items of a STAC API, and those they link to, into a local catalogue")
        {
            options.Output, options.Collections, options.StartTime, options.EndTime, options.Bbox, options.Filter,
            options.FilterLang, options.Full,
        });
        Examples.Add(command,
            "waypost catalogue query --api-url http://127.0.0.1:8080/api --output matchups",
            "waypost catalogue query --output matchups --collections A B --start-time 2022-05-01 --bbox 30 40 40 50",
            "waypost catalogue query --output near --filter \"time_diff_s < 900 AND land_fraction < 0.2\"");
        return command.DoesAlone(surroundings, options.Shared.Json,
            (parsed, answers, ct) => Run(options, parsed, surroundings, answers, ct));
    }

    static async Task<int> Run(
        Options options, ParseResult parsed, Surroundings surroundings, Answers answers, CancellationToken ct)
    {
        var settings = EomatchSettings.Read(parsed.GetValue(options.Shared.Config), surroundings);
        using var api = options.Shared.Api(parsed, surroundings, settings, "query");
        var wish = Wish(options, parsed);
        // A server that cannot be reached leaves no empty folder behind.
        await api.Landing(ct);
        var id = (settings.Text("matchup_catalogue", "id") ?? "matchup-catalogue",
            settings.Text("matchup_catalogue", "description") ?? "Matchup catalogue");
        using var folder = await CatalogueFolder.Open(parsed.GetValue(options.Output)!, id, surroundings.Clock, ct);
        var since = parsed.GetValue(options.Full) ? null : QueryMark.Read(folder.Root, api.Root, wish);
        var (outcome, position) = await Bars.Run(answers, "Querying", async show =>
        {
            var query = new CatalogueQuery(api, folder, wish, (seen, total, what) => show(
                total is > 0 ? Math.Min(100, 100.0 * seen / total.Value) : 0, $"{seen} {what}"));
            var done = await query.Run(since, ct);
            show(100, null);
            return done;
        });
        QueryMark.Write(folder.Root, api.Root, wish, position);
        return Show(api, folder, outcome, answers);
    }

    static StacWish Wish(Options options, ParseResult parsed)
    {
        var start = CatalogueOptions.Moment(parsed.GetValue(options.StartTime), "--start-time");
        var end = CatalogueOptions.Moment(parsed.GetValue(options.EndTime), "--end-time");
        var wish = new StacWish
        {
            Collections = parsed.GetValue(options.Collections) ?? [],
            Datetime = start is null && end is null ? null : $"{start ?? ".."}/{end ?? ".."}",
            Bbox = parsed.GetValue(options.Bbox) is { Length: 4 } box ? box : null,
            Filter = parsed.GetValue(options.Filter),
            FilterLang = parsed.GetValue(options.FilterLang)!,
        };
        if (wish is not { Filter: { } filter, FilterLang: "cql2-json" }) return wish;
        try
        {
            JsonNode.Parse(filter);
            return wish;
        }
        catch (JsonException broken)
        {
            throw new UsageException($"--filter is not JSON: {broken.Message}",
                "Correct it, or leave --filter-lang out where it is CQL2 text.");
        }
    }

    static int Show(StacApi api, CatalogueFolder folder, QueryOutcome outcome, Answers answers)
    {
        string[] missing = [.. folder.Missing.Where(address => folder.Find(address) is null)
            .Select(address => $"{address.Collection}/{address.Id}").Order(StringComparer.Ordinal)];
        string[] problems = [.. folder.Troubles.Select(trouble => $"{trouble.Path}: {trouble.Sentence}"),
            .. outcome.Problems];
        answers.One(JsonSerializer.Serialize(new
        {
            ApiUrl = api.Root.AbsoluteUri,
            Output = folder.Root,
            Asked = outcome.IsFull ? "everything" : "changes",
            outcome.Added,
            outcome.Updated,
            outcome.Deleted,
            outcome.Referenced,
            Items = folder.Count,
            Missing = missing,
            Problems = problems,
        }, Wire.Options), result =>
        [
            ("catalogue", folder.Root), ("asked for", result.Text("asked")), ("new", result.Text("added")),
            ("updated", result.Text("updated")), ("deleted", result.Text("deleted")),
            ("linked to by others", result.Text("referenced")), ("items now", result.Text("items")),
        ]);
        foreach (var address in missing)
            answers.Remark($"[yellow]MISSING[/] {address} is linked to; the server does not have it.");
        foreach (var problem in problems) answers.Remark($"[red]PROBLEM[/] {problem}");
        return outcome.Problems.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
