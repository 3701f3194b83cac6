using System.Text.Json;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary>Keeps what is not plain about an ingest: everything in the file of <c>--report</c>, a line of JSON each,
/// and the first problems for the summary.</summary>
sealed class IngestLog(TextWriter? report) : IDisposable
{
    /// <summary>Problems that the summary repeats; the report has all.</summary>
    public const int MostShown = 1000;

    readonly Lock turn = new();

    /// <summary>The first problems, in words.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>The first repairs, in words.</summary>
    public List<string> Repairs { get; } = [];

    /// <summary>How many problems there were.</summary>
    public long ProblemCount { get; private set; }

    /// <summary>How many repairs there were.</summary>
    public long RepairCount { get; private set; }

    /// <summary>Documents that are not on the server now.</summary>
    public long FailureCount { get; private set; }

    /// <summary>A file that is missing or broken.</summary>
    public void Trouble(LocalCatalogueEntry.Trouble trouble)
    {
        lock (turn)
        {
            FailureCount++;
            Problem($"{trouble.Path}: {trouble.Sentence} {trouble.From} links to it.");
            Line(new { File = trouble.Path, Status = "failed", Problems = new[] { trouble.Sentence }, trouble.From });
        }
    }

    /// <summary>A collection that was sent.</summary>
    public void Collection(string? path, Sent sent, IReadOnlyList<LocalCatalogueNote> notes) =>
        Document("collection", path, sent, notes);

    /// <summary>An item that was sent.</summary>
    public void Item(string? path, Sent sent, IReadOnlyList<LocalCatalogueNote> notes) =>
        Document("item", path, sent, notes);

    /// <summary>Something to know.</summary>
    public void Remark(string sentence)
    {
        lock (turn) Problem(sentence);
    }

    /// <inheritdoc/>
    public void Dispose() => report?.Dispose();

    void Document(string kind, string? path, Sent sent, IReadOnlyList<LocalCatalogueNote> notes)
    {
        var what = kind == "item" ? $"{sent.Collection}/{sent.Id}" : sent.Collection;
        string[] problems = [.. sent.Problems, .. notes.Where(note => note.IsProblem).Select(Words)];
        string[] repairs = [.. sent.Repairs, .. notes.Where(note => !note.IsProblem).Select(Words)];
        lock (turn)
        {
            if (sent.Status == "failed") FailureCount++;
            foreach (var problem in problems) Problem($"{what}: {problem}");
            foreach (var repair in repairs) Repair($"{what}: {repair}");
            Line(new
            {
                Kind = kind,
                sent.Collection,
                Id = kind == "item" ? sent.Id : null,
                File = path,
                sent.Status,
                Problems = problems.Length > 0 ? problems : null,
                Repairs = repairs.Length > 0 ? repairs : null,
            });
        }
    }

    static string Words(LocalCatalogueNote note) => $"{note.Where}: {note.Sentence}";

    void Problem(string text)
    {
        ProblemCount++;
        if (Problems.Count < MostShown) Problems.Add(text);
    }

    void Repair(string text)
    {
        RepairCount++;
        if (Repairs.Count < MostShown) Repairs.Add(text);
    }

    void Line<T>(T value) => report?.WriteLine(JsonSerializer.Serialize(value, Wire.Options));
}
