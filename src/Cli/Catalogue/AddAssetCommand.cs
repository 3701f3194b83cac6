using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary><c>waypost catalogue add-asset</c>, also <c>eomatch-add-asset</c>: a result of an analysis as a dated asset
/// of an item of a local catalogue, and with <c>--push</c> of the same item on a server.</summary>
static class AddAssetCommand
{
    sealed record Options
    {
        public CatalogueOptions Shared { get; } = new();

        public TargetOptions Target { get; } = new();

        public Option<string> Catalogue { get; } = Needed("--catalogue", "path", "The folder of the catalogue, or its "
            + "catalog.json");

        public Option<string> CollectionId { get; } = Needed("--collection-id", "id", "The item's collection");

        public Option<string> ItemId { get; } = Needed("--item-id", "id", "The item");

        public Option<string> File { get; } = Needed("--file", "path", "The result: a file, a folder or an address");

        public Option<string> KeyPrefix { get; } = new("--key-prefix")
        {
            Description = "Which analysis: what the asset's key begins with",
            HelpName = "prefix",
            DefaultValueFactory = _ => StacAnalyses.DefaultPrefix,
        };

        public Option<string?> Date { get; } = new("--date")
        {
            Description = "The day whose result it is. Default: today in UTC",
            HelpName = "yyyy-mm-dd",
        };

        public Option<string?> MediaType { get; } = new("--media-type")
        {
            Description = "Its media type. Default: by the extension",
            HelpName = "mime",
        };

        public Option<string?> Title { get; } = new("--title")
        {
            Description = "What people call it. Default: the file's name",
            HelpName = "text",
        };

        public Option<bool> Push { get; } = new("--push")
        {
            Description = "Register it with the item on the server too",
        };

        public Option<bool> Force { get; } = new("--force")
        {
            Description = "Replace the day's last result instead of adding a numbered one beside it",
        };

        public Option<string?> AssetsBaseUrl { get; } = new("--assets-base-url")
        {
            Description = "Where the catalogue's folder is served: a file in it is pushed with an address below this",
            HelpName = "url",
        };

        static Option<string> Needed(string name, string value, string description) =>
            new(name) { Description = description, HelpName = value, Required = true };
    }

    public static Command Make(Surroundings surroundings)
    {
        var options = new Options();
        var command = options.Target.AddTo(options.Shared.AddTo(new Command(
            "add-asset", "Register a result of an analysis with an item: its day's key is never given to another")
        {
            options.Catalogue, options.CollectionId, options.ItemId, options.File, options.KeyPrefix, options.Date,
            options.MediaType, options.Title, options.Push, options.Force, options.AssetsBaseUrl,
        }));
        Examples.Add(command,
            "waypost catalogue add-asset --catalogue matchups --collection-id C --item-id I --file bias.nc",
            "waypost catalogue add-asset --catalogue matchups --collection-id C --item-id I --file bias.nc --push");
        return command.DoesAlone(surroundings, options.Shared.Json,
            (parsed, answers, ct) => Run(options, parsed, surroundings, answers, ct));
    }

    static async Task<int> Run(
        Options options, ParseResult parsed, Surroundings surroundings, Answers answers, CancellationToken ct)
    {
        var root = CatalogueOptions.Folder(parsed.GetValue(options.Catalogue));
        var asset = Asset(options, parsed, surroundings);
        var address = new ItemAddress(parsed.GetValue(options.CollectionId)!, parsed.GetValue(options.ItemId)!);
        var force = parsed.GetValue(options.Force);
        var file = Locate(root, address) ?? throw new NotDoneException("NOT_FOUND",
            $"There is no item {address.Id} in the collection {address.Collection} of {root}.",
            "Check the folder and the ids.");
        var done = await Write(root, file, asset, force, surroundings.Clock, ct);
        var pushed = parsed.GetValue(options.Push)
            ? await Push(options, parsed, surroundings, new AnalysisToSend(address, asset, force), root, file, ct)
            : null;
        answers.One(JsonSerializer.Serialize(new
        {
            address.Collection,
            Item = address.Id,
            done.Key,
            done.Latest,
            Change = done.Change.ToString().ToLowerInvariant(),
            File = file,
            Pushed = pushed,
        }, Wire.Options), result =>
        [
            ("item", result.Text("item")), ("key", result.Text("key")), ("what happened", result.Text("change")),
            ("latest is", result.Text("latest")), ("on the server", result.Text("pushed")),
        ]);
        return ExitCodes.Ok;
    }

    static AnalysisAsset Asset(Options options, ParseResult parsed, Surroundings surroundings)
    {
        var file = parsed.GetValue(options.File)!;
        if (!LocalCatalogueHrefs.IsUrl(file))
        {
            file = Path.GetFullPath(file);
            if (!File.Exists(file) && !Directory.Exists(file))
                throw new UsageException($"There is no file {file}.", "Name what the analysis wrote with --file.");
        }
        var prefix = parsed.GetValue(options.KeyPrefix)!;
        if (!StacAnalyses.IsPrefix(prefix))
            throw new UsageException($"--key-prefix is '{prefix}'.",
                "It has 1 to 64 letters, digits, dots, hyphens and underscores.");
        var date = DateOnly.FromDateTime(surroundings.Clock.GetUtcNow().UtcDateTime);
        if (parsed.GetValue(options.Date) is { } said
            && !DateOnly.TryParseExact(said, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date))
            throw new UsageException($"--date is '{said}'; a day was expected.", "Write it as 2026-03-04.");
        return new AnalysisAsset(file, date)
        {
            KeyPrefix = prefix,
            MediaType = parsed.GetValue(options.MediaType),
            Title = parsed.GetValue(options.Title),
        };
    }

    // The file that is named after the item first; who names files differently has all of them read.
    static string? Locate(string root, ItemAddress address)
    {
        var walk = new LocalCatalogueWalk(CatalogueFolder.Read);
        foreach (var entry in walk.Containers(Path.Combine(root, LocalCatalogueLayout.RootFile)))
        {
            if (entry is LocalCatalogueEntry.Trouble trouble && trouble.Path == trouble.From)
                throw new UsageException($"{trouble.Path} is not a catalogue: {trouble.Sentence}",
                    "Name the folder that catalog.json is in with --catalogue.");
            if (entry is not LocalCatalogueEntry.Container container || container.Id != address.Collection) continue;
            var likely = container.Items.Where(path => Path.GetFileName(path) == address.Id + ".json");
            foreach (var path in likely.Concat(container.Items))
                if (walk.Item(path, container) is LocalCatalogueEntry.Item item && item.Id == address.Id) return path;
        }
        return null;
    }

    // Read, changed and written while nobody else may: two results registered at once are both there afterwards.
    static async Task<RegisteredAnalysis> Write(
        string root, string file, AnalysisAsset asset, bool force, TimeProvider clock, CancellationToken ct)
    {
        await using var taken = await CatalogueFolder.Take(root, clock, ct);
        var item = JsonNode.Parse(CatalogueFolder.Read(file) ?? throw new UsageException(
            $"{file} is gone.", "Another program took the item out; look again."))!.AsObject();
        if (item["assets"] is not JsonObject assets) item["assets"] = assets = [];
        try
        {
            var done = StacAnalyses.Register(assets, asset, force);
            CatalogueFolder.Write(file, item);
            return done;
        }
        catch (InvalidOperationException full)
        {
            throw new UsageException(full.Message, "Register it with another --key-prefix, or with --force.");
        }
    }

    static async Task<string> Push(
        Options options, ParseResult parsed, Surroundings surroundings, AnalysisToSend analysis, string root,
        string itemFile, CancellationToken ct)
    {
        var settings = EomatchSettings.Read(parsed.GetValue(options.Shared.Config), surroundings);
        var sending = new LocalCatalogueSending(
            root, parsed.GetValue(options.AssetsBaseUrl), _ => null, CatalogueFolder.Exists);
        await using var target = await options.Target.Open(
            parsed, surroundings, settings, options.Shared, ct);
        return await target.Register(analysis with
        {
            Asset = analysis.Asset with
            {
                Href = sending.AssetHref(analysis.Asset.Href, itemFile),
                Title = analysis.Asset.Title ?? StacAnalyses.NameOf(analysis.Asset.Href),
            },
        }, ct);
    }
}
