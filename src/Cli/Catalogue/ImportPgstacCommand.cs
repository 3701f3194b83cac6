using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary><c>waypost catalogue import-pgstac</c>: a pgSTAC database's collections and items, item by item.</summary>
static class ImportPgstacCommand
{
    const int ItemsAtOnce = 2000;
    const int CharactersAtOnce = 4_000_000;
    const int MostAtOnce = 2;

    sealed record Options
    {
        public CatalogueOptions Shared { get; } = new();

        public TargetOptions Target { get; } = new();

        public Argument<string> Connection { get; } = new("connection")
        {
            Description = "The pgSTAC database: postgresql://user@host:5432/database; its password in PGPASSWORD",
        };

        public Option<string[]> Collections { get; } = CatalogueOptions.List(
            "--collections", "id…", "Only these collections; with spaces or commas between them");

        public Option<string> Schema { get; } = new("--schema")
        {
            Description = "The schema that pgSTAC's tables are in",
            DefaultValueFactory = _ => "pgstac",
        };
    }

    public static Command Make(Surroundings surroundings)
    {
        var options = new Options();
        var command = options.Target.AddAllTo(options.Shared.AddTo(new Command(
            "import-pgstac", "Bring the collections and items of a pgSTAC 0.9 database")
        {
            options.Connection, options.Collections, options.Schema,
        }));
        Examples.Add(command,
            "waypost catalogue import-pgstac postgresql://eomatch@db:5432/eomatch --api-url http://127.0.0.1:8080/api",
            "waypost catalogue import-pgstac postgresql://eomatch@db/eomatch --data ./data --collections S2_MSI_L1C");
        return command.DoesAlone(surroundings, options.Shared.Json,
            (parsed, answers, ct) => Run(options, parsed, surroundings, answers, ct));
    }

    static async Task<int> Run(
        Options options, ParseResult parsed, Surroundings surroundings, Answers answers, CancellationToken ct)
    {
        var settings = EomatchSettings.Read(parsed.GetValue(options.Shared.Config), surroundings);
        await using var source = await PgstacSource.Open(
            parsed.GetValue(options.Connection)!, parsed.GetValue(options.Schema)!, surroundings.Variable("PGPASSWORD"),
            ct);
        var collections = await source.Collections(parsed.GetValue(options.Collections) ?? [], ct);
        await using var target = await options.Target.Open(parsed, surroundings, settings, options.Shared, ct);
        using var log = options.Target.Log(parsed);
        var (tally, began) = (new IngestTally(), surroundings.Clock.GetTimestamp());
        await Bars.Run(answers, "Importing", async show =>
        {
            var (through, expected) = (0L, collections.Sum(collection => collection.Expected));
            foreach (var collection in collections)
            {
                tally.Of(collection.Id);
                log.Collection(null, await target.Collection(Ready(collection.Document), ct), []);
            }
            foreach (var collection in collections)
                await Parallel.ForEachAsync(
                    Chunks(source.Items(collection, ct), ct),
                    new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = ct },
                    async (chunk, stop) =>
                    {
                        var sent = await target.Items(chunk, stop);
                        lock (tally)
                        {
                            foreach (var one in sent)
                            {
                                tally.Count(one);
                                log.Item(null, one, []);
                            }
                            through += chunk.Count;
                            show(100.0 * through / Math.Max(1, expected), $"{through} of {expected} items");
                        }
                    });
            show(100, null);
            return through;
        });
        return tally.Show("pgSTAC", target, log, surroundings.Clock.GetElapsedTime(began), answers);
    }

    // Links that say where a document was are for the server to write; relative ones led to files that stay behind.
    static JsonObject Ready(JsonObject document)
    {
        document["links"] = new JsonArray([.. document.Links()
            .Where(link => !LocalCatalogueSending.StructuralRels.Contains(link.Text("rel")))
            .Select(link => link.DeepClone())]);
        return document;
    }

    static async IAsyncEnumerable<List<string>> Chunks(
        IAsyncEnumerable<JsonObject> items, [EnumeratorCancellation] CancellationToken ct)
    {
        var (chunk, characters) = (new List<string>(), 0);
        await foreach (var item in items.WithCancellation(ct))
        {
            chunk.Add(Ready(item).ToJsonString(CatalogueFolder.Plain));
            characters += chunk[^1].Length;
            if (chunk.Count < ItemsAtOnce && characters < CharactersAtOnce) continue;
            yield return chunk;
            (chunk, characters) = ([], 0);
        }
        if (chunk.Count > 0) yield return chunk;
    }
}
