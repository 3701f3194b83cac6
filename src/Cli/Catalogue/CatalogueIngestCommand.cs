using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Waypost.Cli;

/// <summary><c>waypost catalogue ingest</c>, also <c>eomatch-ingest</c>: a local catalogue to a server.</summary>
static class CatalogueIngestCommand
{
    const int MostProblemsShown = 20;

    sealed record Options
    {
        public CatalogueOptions Shared { get; } = new();

        public TargetOptions Target { get; } = new();

        public Option<string?> Catalogue { get; } = new("--catalogue")
        {
            Description = "The folder of the catalogue, or its catalog.json. Default: matchup_catalogue.path of the "
                + "configuration",
            HelpName = "path",
        };

        public Option<string?> AssetsBaseUrl { get; } = new("--assets-base-url")
        {
            Description = "Where the catalogue's folder is served: files in it get addresses below this one",
            HelpName = "url",
        };

        public Option<bool> Prune { get; } = new("--prune")
        {
            Description = "Delete items of the catalogue's collections that it no longer has",
        };

        public Option<bool> Strict { get; } = new("--strict")
        {
            Description = "Refuse items that are not valid STAC instead of repairing them",
        };

        public Option<string?> Report { get; } = new("--report")
        {
            Description = "Write what became of each item into this file, a line of JSON each",
            HelpName = "path",
        };
    }

    public static Command Make(Surroundings surroundings)
    {
        var options = new Options();
        var command = options.Target.AddTo(options.Shared.AddTo(new Command(
            "ingest", "Bring a local catalogue to a server: new, changed and repaired items are reported")
        {
            options.Catalogue, options.AssetsBaseUrl, options.Prune, options.Strict, options.Report,
        }));
        Examples.Add(command,
            "waypost catalogue ingest --catalogue matchups --api-url http://127.0.0.1:8080/api --key KEY",
            "waypost catalogue ingest --catalogue matchups --assets-base-url https://data.example/matchups --prune",
            "waypost catalogue ingest --catalogue matchups --db-host db --db-name waypost --db-user waypost");
        return command.DoesAlone(surroundings, options.Shared.Json,
            (parsed, answers, ct) => Run(options, parsed, surroundings, answers, ct));
    }

    static async Task<int> Run(
        Options options, ParseResult parsed, Surroundings surroundings, Answers answers, CancellationToken ct)
    {
        var settings = EomatchSettings.Read(parsed.GetValue(options.Shared.Config), surroundings);
        var root = CatalogueOptions.Folder(
            parsed.GetValue(options.Catalogue) ?? settings.Text("matchup_catalogue", "path"));
        await using var target = await options.Target.Open(
            parsed, surroundings, settings, options.Shared, parsed.GetValue(options.Strict), ct);
        using var log = new IngestLog(
            parsed.GetValue(options.Report) is { } path ? new StreamWriter(path) : null);
        var began = surroundings.Clock.GetTimestamp();
        var ingest = await Bars.Run(answers, "Ingesting", async show =>
        {
            var run = new CatalogueIngest(
                root, parsed.GetValue(options.AssetsBaseUrl), target, log,
                (through, expected) => show(100.0 * through / Math.Max(1, expected), $"{through} of {expected} items"));
            await run.Run(parsed.GetValue(options.Prune), ct);
            show(100, null);
            return run;
        });
        return Show(root, target, ingest, log, surroundings.Clock.GetElapsedTime(began), answers);
    }

    static int Show(
        string root, ICatalogueTarget target, CatalogueIngest ingest, IngestLog log, TimeSpan took, Answers answers)
    {
        var body = JsonSerializer.Serialize(new
        {
            Catalogue = root,
            Target = target.Name,
            Seconds = Math.Round(took.TotalSeconds, 2),
            Collections = ingest.Counts.Select(pair => new
            {
                Id = pair.Key,
                pair.Value.Created,
                pair.Value.Updated,
                pair.Value.Unchanged,
                pair.Value.Repaired,
                pair.Value.Failed,
                pair.Value.Deleted,
            }),
            log.ProblemCount,
            log.Problems,
            log.RepairCount,
            log.Repairs,
        }, Wire.Options);
        if (answers.IsJson) answers.One(body, _ => []);
        else
            answers.Many(body, "collections",
                ["COLLECTION", "NEW", "UPDATED", "UNCHANGED", "REPAIRED", "FAILED", "DELETED"],
                line =>
                [
                    line.Text("id"), line.Text("created"), line.Text("updated"), line.Text("unchanged"),
                    line.Text("repaired"), line.Text("failed"), line.Text("deleted"),
                ],
                "The catalogue has no collections.");
        foreach (var problem in log.Problems.Take(MostProblemsShown)) answers.Remark($"[yellow]PROBLEM[/] {problem}");
        if (log.ProblemCount > MostProblemsShown)
            answers.Remark($"[grey]and {log.ProblemCount - MostProblemsShown} more; --report FILE has them all[/]");
        if (log.RepairCount > 0)
            answers.Remark($"[grey]{log.RepairCount} repairs; --report FILE has them, item by item[/]");
        return log.FailureCount == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
