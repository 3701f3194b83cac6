using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Geo.Stac;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>The job that brings a self-contained STAC catalogue of an import folder into the organization's own: walked
/// once, cut into chunks that are written side by side, and reported on.</summary>
/// <remarks>
/// What is there already and the same stays as it is, so the job may be run again and again, by a schedule for one;
/// what is gone from the folder is not removed from the catalogue. A document with faults is reported and the others go
/// on.
/// </remarks>
static class CatalogueIngest
{
    /// <summary>What clients call it.</summary>
    public const string Name = "catalogue_ingest";

    const string PlanStage = "plan";
    const string ItemsStage = "items";
    const string ReportStage = "report";

    const int ItemsOfAChunk = 1000;
    const int MostProblemsOfATask = 100;
    const int MostProblems = 1000;

    static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>What the job takes.</summary>
    /// <param name="Path">The catalogue: a folder below an import folder, or the <c>catalog.json</c> in it.</param>
    /// <param name="AssetsBaseUrl">Where the catalogue's folder is served: files in it then get addresses below it
    /// instead of <c>file:</c> ones.</param>
    /// <param name="Run">Anything: the same job with another text is run anew. Schedules do without.</param>
    public sealed record Parameters(string Path, string? AssetsBaseUrl, string? Run);

    /// <summary>What became of documents of one sort.</summary>
    /// <param name="Created">Were not there before.</param>
    /// <param name="Updated">Replaced an older content.</param>
    /// <param name="Unchanged">Were there already, just so.</param>
    /// <param name="Failed">Were not kept.</param>
    /// <param name="Repaired">Of those that were kept, how many had faults that were put right.</param>
    public sealed record Counts(long Created, long Updated, long Unchanged, long Failed, long Repaired)
    {
        /// <summary>None at all.</summary>
        public static readonly Counts None = new(0, 0, 0, 0, 0);

        /// <summary>The sum.</summary>
        public static Counts operator +(Counts one, Counts other) => new(one.Created + other.Created,
            one.Updated + other.Updated, one.Unchanged + other.Unchanged, one.Failed + other.Failed,
            one.Repaired + other.Repaired);

        /// <summary>With one more of these.</summary>
        public Counts With(BulkStatus status) => status switch
        {
            BulkStatus.Created => this with { Created = Created + 1 },
            BulkStatus.Updated => this with { Updated = Updated + 1 },
            BulkStatus.Unchanged => this with { Unchanged = Unchanged + 1 },
            _ => this with { Failed = Failed + 1 },
        };
    }

    /// <summary>Something that somebody should look at.</summary>
    /// <param name="Path">The file, below the catalogue's folder.</param>
    /// <param name="Id">The id of what is in it; null where that is not known.</param>
    /// <param name="Sentence">What is wrong.</param>
    public sealed record Problem(string Path, string? Id, string Sentence);

    /// <summary>What the walk found.</summary>
    public sealed record Planned(int Chunks, Counts Collections, IReadOnlyList<Problem> Problems, int ProblemsLeftOut);

    /// <summary>What became of one chunk.</summary>
    public sealed record Ingested(Counts Items, IReadOnlyList<Problem> Problems, int ProblemsLeftOut);

    /// <summary>The job's result.</summary>
    public sealed record Report(
        Counts Collections, Counts Items, int Chunks, int ChunksFailed, IReadOnlyList<Problem> Problems,
        int ProblemsLeftOut);

    sealed record ChunkParameters(int Chunk);

    sealed record Chunk(string Container, string Collection, IReadOnlyList<string> Files);

    /// <summary>The kind.</summary>
    public static JobKind Kind { get; } = new()
    {
        Name = Name,
        Stages =
        [
            StageKind.Single(PlanStage) with { Lease = Lease },
            new StageKind(ItemsStage, Parallelism.FanOut, job =>
                [.. Enumerable.Range(0, job.Previous[0].Result!.Value.To<Planned>().Chunks)
                    .Select(chunk => new NewTask($"{chunk:D5}", Json.Of(new ChunkParameters(chunk))))])
                { Lease = Lease, OnFailure = FailurePolicy.Continue },
            StageKind.FanIn(ReportStage) with { Lease = Lease },
        ],
        Check = Check,
        Result = job => job.LastStage[0].Result!.Value,
        IsOpenToClients = true,
    };

    /// <summary>What does its tasks here.</summary>
    public static IReadOnlyList<TaskExecutor> TaskExecutors { get; } =
    [
        Executors.Of(Name, PlanStage, Plan), Executors.Of(Name, ItemsStage, Ingest),
        Executors.Of(Name, ReportStage, MakeReport),
    ];

    static Json Check(JsonElement given)
    {
        var fields = new Fields(given, "The parameters");
        var parameters = new Parameters(
            fields.Text("path") ?? throw fields.Missing("path"), fields.Text("assets_base_url"), fields.Text("run"));
        fields.RefuseOthers("INVALID_PARAMETERS");
        if (parameters.AssetsBaseUrl is { } url
            && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            throw Refused.Bad("INVALID_PARAMETERS", "assets_base_url is not an http or https address.").At(
                "assets_base_url");
        return Json.Of(parameters);
    }

    static async Task<Json> Plan(TaskContext context, CancellationToken ct)
    {
        var ingest = new Reading(context, CatalogueFiles.MostContainerBytes);
        var blobs = context.Services.GetRequiredService<Blobs>();
        var (chunks, collections) = (0, Counts.None);
        foreach (var entry in new LocalCatalogueWalk(ingest.Files.Read).Containers(ingest.RootFile))
        {
            ct.ThrowIfCancellationRequested();
            if (entry is LocalCatalogueEntry.Trouble trouble) ingest.Note(trouble);
            if (entry is not LocalCatalogueEntry.Container container) continue;
            if (container.IsCollection) collections = collections.With(await ingest.Write(container, ct));
            foreach (var files in container.Items.Chunk(ItemsOfAChunk))
            {
                if (chunks == Stages.MostTasks) throw TooLarge();
                await blobs.PutJson(ingest.KeyOf(chunks++), Json.Of(new Chunk(
                    container.Path, container.IsCollection ? container.Id : "", files)), ct);
            }
        }
        return Json.Of(new Planned(chunks, collections, ingest.Problems, ingest.LeftOut));
    }

    static async Task<Json> Ingest(TaskContext context, CancellationToken ct)
    {
        var ingest = new Reading(context);
        var blobs = context.Services.GetRequiredService<Blobs>();
        var number = context.Task.Parameters.To<ChunkParameters>().Chunk;
        var chunk = (await blobs.GetJson(ingest.KeyOf(number), ct)).To<Chunk>();
        var counts = await ingest.Write(chunk, ct);
        return Json.Of(new Ingested(counts, ingest.Problems, ingest.LeftOut));
    }

    static async Task<Json> MakeReport(TaskContext context, CancellationToken ct)
    {
        var ingest = new Reading(context);
        var (org, job) = (context.Task.Org, context.Task.JobId);
        await using var tx = await context.Services.GetRequiredService<Databases>().For(org).Read(ct);
        var planned = (await tx.StageResults(org, job, 1))[0].Result!.Value.To<Planned>();
        var done = await tx.StageResults(org, job, 2);
        var (items, problems, leftOut) = (Counts.None, planned.Problems.ToList(), planned.ProblemsLeftOut);
        foreach (var chunk in done.Where(chunk => chunk.Succeeded))
        {
            var ingested = chunk.Result!.Value.To<Ingested>();
            items += ingested.Items;
            problems.AddRange(ingested.Problems);
            leftOut += ingested.ProblemsLeftOut;
            // A chunk that failed needs its list once more when the job is retried.
            context.Services.GetRequiredService<Blobs>().Delete(ingest.KeyOf(int.Parse(
                chunk.Unit, System.Globalization.CultureInfo.InvariantCulture)));
        }
        return Json.Of(new Report(
            planned.Collections, items, planned.Chunks, done.Count(chunk => !chunk.Succeeded),
            [.. problems.Take(MostProblems)], leftOut + Math.Max(0, problems.Count - MostProblems)));
    }

    static TaskFailedException TooLarge() => new(new TaskError(
        "CATALOGUE_TOO_LARGE", "PARAMETER_ERROR",
        $"The catalogue has more than {(long)Stages.MostTasks * ItemsOfAChunk} items.",
        "Ingest its parts one by one.", UserFixable: true, ErrorClass.Permanent));

    /// <summary>One task's look at the catalogue, and its hand on ours.</summary>
    sealed class Reading
    {
        readonly string org, job, root;
        readonly Db db;
        readonly TimeProvider clock;
        readonly Preparing how;
        readonly BulkWriting bulk;
        readonly IProgress<double> progress;
        readonly LocalCatalogueSending sending;
        readonly LocalCatalogueWalk walk;
        readonly List<Problem> problems = [];

        public Reading(TaskContext context, long mostBytes = CatalogueFiles.MostItemBytes)
        {
            var asked = context.Task.JobParameters.To<Parameters>();
            (org, job, progress) = (context.Task.Org, context.Task.JobId, context.Progress);
            db = context.Services.GetRequiredService<Databases>().For(org);
            clock = context.Services.GetRequiredService<TimeProvider>();
            how = context.Services.GetRequiredService<Preparing>();
            bulk = context.Services.GetRequiredService<BulkWriting>();
            Files = new CatalogueFiles(context.Services.GetRequiredService<OpenedFolders>(), org, mostBytes);
            RootFile = Files.Root(asked.Path) ?? throw Refused.Bad("SOURCE_NOT_FOUND",
                "No import folder of this organization has a catalogue of that name.",
                "Name a folder below an import folder that has a catalog.json in it, such as incoming/catalogue.");
            root = Path.GetDirectoryName(RootFile)!;
            walk = new LocalCatalogueWalk(Files.Read);
            sending = new LocalCatalogueSending(root, asked.AssetsBaseUrl, Files.AddressOf, Files.Exists);
        }

        public CatalogueFiles Files { get; }

        public string RootFile { get; }

        public IReadOnlyList<Problem> Problems => problems;

        public int LeftOut { get; private set; }

        public string KeyOf(int chunk) => Blobs.Key(org, "ingest", job, $"{chunk:D5}.json");

        public void Note(LocalCatalogueEntry.Trouble trouble) => Note(trouble.Path, null, trouble.Sentence);

        public async Task<BulkStatus> Write(LocalCatalogueEntry.Container collection, CancellationToken ct)
        {
            Note(collection.Path, collection.Id, sending.Collection(collection));
            try
            {
                await using var tx = await db.Begin(ct);
                var written = await tx.PutCollection(org, Json.Of(collection.Document), clock.GetUtcNow(), how);
                await tx.Commit();
                return written switch
                {
                    Written.Created => BulkStatus.Created,
                    Written.Updated => BulkStatus.Updated,
                    _ => BulkStatus.Unchanged,
                };
            }
            catch (Refused refused)
            {
                Note(collection.Path, collection.Id, refused.Message);
                return BulkStatus.Failed;
            }
        }

        public async Task<Counts> Write(Chunk chunk, CancellationToken ct)
        {
            var names = new (string Path, string Id)[chunk.Files.Count];
            var counts = Counts.None;
            var lines = Lines(chunk, names, ct).ToAsyncEnumerable();
            await foreach (var outcome in bulk.Write(org, lines, new BulkOptions(), ct))
            {
                if (outcome.Problems.FirstOrDefault(problem => problem.Code == "STORAGE_UNAVAILABLE") is { } lost)
                    throw new TaskFailedException(new TaskError(lost.Code, "SERVICE_UNAVAILABLE", lost.Detail,
                        null, UserFixable: false, ErrorClass.Transient));
                counts = counts.With(outcome.Status);
                if (outcome is { Repairs.Count: > 0, Status: not BulkStatus.Failed })
                    counts = counts with { Repaired = counts.Repaired + 1 };
                var (path, id) = names[outcome.Line - 1];
                foreach (var problem in outcome.Problems) Note(path, id, problem.Detail);
            }
            // What could not be read was not sent.
            return counts with { Failed = counts.Failed + names.Count(name => name.Path is null) };
        }

        // Read while others are made ready and written.
        IEnumerable<BulkLine> Lines(Chunk chunk, (string Path, string Id)[] names, CancellationToken ct)
        {
            var from = new LocalCatalogueEntry.Container(chunk.Container, new JsonObject
            {
                ["type"] = chunk.Collection.Length > 0 ? "Collection" : "Catalog",
                ["id"] = chunk.Collection,
            }, chunk.Container, [], chunk.Files);
            foreach (var (index, entry) in walk.Items(from).Index())
            {
                ct.ThrowIfCancellationRequested();
                progress.Report((double)index / names.Length);
                if (entry is LocalCatalogueEntry.Trouble trouble) Note(trouble);
                if (entry is not LocalCatalogueEntry.Item item) continue;
                Note(item.Path, item.Id, sending.Item(item));
                names[index] = (item.Path, item.Id);
                yield return new BulkLine(index + 1, Encoding.UTF8.GetBytes(Json.Of(item.Document).Text));
            }
        }

        void Note(string path, string? id, IReadOnlyList<LocalCatalogueNote> notes)
        {
            foreach (var note in notes.Where(note => note.IsProblem)) Note(path, id, $"{note.Where}: {note.Sentence}");
        }

        void Note(string path, string? id, string problem)
        {
            var below = LocalCatalogueHrefs.Below(root, path) ?? Path.GetFileName(path);
            lock (problems)
            {
                if (problems.Count == MostProblemsOfATask) LeftOut++;
                else problems.Add(new Problem(below, id, problem));
            }
        }
    }
}
