using System.CommandLine;

namespace Waypost.Cli;

/// <summary><c>waypost catalogue ingest</c>, also <c>eomatch-ingest</c>: a local catalogue to a server.</summary>
static class CatalogueIngestCommand
{
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

    }

    public static Command Make(Surroundings surroundings)
    {
        var options = new Options();
        var command = options.Target.AddAllTo(options.Shared.AddTo(new Command(
            "ingest", "Bring a local catalogue to a server: new, changed and repaired items are reported")
        {
            options.Catalogue, options.AssetsBaseUrl, options.Prune,
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
            parsed, surroundings, settings, options.Shared, ct);
        using var log = options.Target.Log(parsed);
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
        return ingest.Tally.Show(root, target, log, surroundings.Clock.GetElapsedTime(began), answers);
    }
}
