using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Waypost.Cli;

/// <summary>What an ingest did to one collection.</summary>
sealed record IngestCounts
{
    /// <summary>New items.</summary>
    public long Created { get; set; }

    /// <summary>Items that replaced an older content.</summary>
    public long Updated { get; set; }

    /// <summary>Items that the server had exactly so.</summary>
    public long Unchanged { get; set; }

    /// <summary>Of those, items that were changed so that they are valid STAC.</summary>
    public long Repaired { get; set; }

    /// <summary>Items that are not there now.</summary>
    public long Failed { get; set; }

    /// <summary>Items that the local catalogue no longer has.</summary>
    public long Deleted { get; set; }
}

/// <summary>Counts what became of items, and shows it at the end.</summary>
sealed class IngestTally
{
    const int MostProblemsShown = 20;

    readonly SortedDictionary<string, IngestCounts> counts = new(StringComparer.Ordinal);

    /// <summary>The counts of a collection.</summary>
    public IngestCounts Of(string collection)
    {
        if (!counts.TryGetValue(collection, out var found)) counts[collection] = found = new IngestCounts();
        return found;
    }

    /// <summary>Counts an item.</summary>
    public void Count(Sent sent)
    {
        var of = Of(sent.Collection);
        if (sent.Status == "created") of.Created++;
        else if (sent.Status == "updated") of.Updated++;
        else if (sent.Status == "unchanged") of.Unchanged++;
        else of.Failed++;
        if (sent.Repairs.Count > 0) of.Repaired++;
    }

    /// <summary>Shows a table, the first problems, or all of it as JSON; returns the program's exit code.</summary>
    public int Show(string source, ICatalogueTarget target, IngestLog log, TimeSpan took, Answers answers)
    {
        var body = JsonSerializer.Serialize(new
        {
            Source = source,
            Target = target.Name,
            Seconds = Math.Round(took.TotalSeconds, 2),
            Collections = counts.Select(pair => new
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
                "There are no collections.");
        foreach (var problem in log.Problems.Take(MostProblemsShown)) answers.Remark($"[yellow]PROBLEM[/] {problem}");
        if (log.ProblemCount > MostProblemsShown)
            answers.Remark($"[grey]and {log.ProblemCount - MostProblemsShown} more; --report FILE has them all[/]");
        if (log.RepairCount > 0)
            answers.Remark($"[grey]{log.RepairCount} repairs; --report FILE has them, item by item[/]");
        return log.FailureCount == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
