using System.Globalization;
using System.Text;
using System.Text.Json;
using Waypost.Tests.Simulation;

namespace Waypost.Bench;

/// <summary>Rescue policies compared in the simulated world; only the seeds decide, the machine does not.</summary>
static class PolicyScenarios
{
    static readonly double[] Days = [1, 7, 30];

    /// <summary>Runs every policy with every seed; prints the JSON, and writes the table when a folder is named.
    /// </summary>
    public static async Task Compare(Arguments arguments, CancellationToken ct)
    {
        var only = arguments.Text("policy", "");
        var rows = new List<RescueSample>();
        foreach (var variant in RescueVariant.All)
        {
            if (!variant.Name.Contains(only, StringComparison.Ordinal)) continue;
            var samples = Enumerable.Range(1, arguments.Int("seeds", 2))
                .SelectMany(seed => new RescueSimulation(new RescueWorld(seed), variant, seed).Run(Days)).ToList();
            rows.AddRange(from day in Days select Mean(samples.Where(sample => sample.Day.Equals(day)).ToList()));
            await Console.Error.WriteLineAsync(variant.Name.AsMemory(), ct);
        }
        var table = Table(rows);
        await Console.Error.WriteLineAsync(table.AsMemory(), ct);
        if (arguments.Text("out", "") is { Length: > 0 } folder)
            await File.WriteAllTextAsync(Path.Combine(folder, "rescue-policies.md"), table, ct);
        Console.WriteLine(JsonSerializer.Serialize(rows));
    }

    static RescueSample Mean(IReadOnlyList<RescueSample> samples) => samples[0] with
    {
        Seed = 0,
        ValueWithCopy = samples.Average(sample => sample.ValueWithCopy),
        ValueWithThree = samples.Average(sample => sample.ValueWithThree),
        ValueLost = samples.Average(sample => sample.ValueLost),
        BytesWithCopy = samples.Average(sample => sample.BytesWithCopy),
        Wasted = samples.Average(sample => sample.Wasted),
        Overloads = (int)samples.Average(sample => sample.Overloads),
    };

    static string Table(IEnumerable<RescueSample> rows)
    {
        var table = new StringBuilder("| policy | day | value ≥1 copy | ≥3 copies | value lost for good |")
            .AppendLine(" bytes ≥1 copy | transfer wasted | overloads |")
            .AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
            table.Append(CultureInfo.InvariantCulture, $"| {row.Policy} | {row.Day} | {row.ValueWithCopy:F3} ")
                .Append(CultureInfo.InvariantCulture, $"| {row.ValueWithThree:F3} | {row.ValueLost:F3} ")
                .Append(CultureInfo.InvariantCulture, $"| {row.BytesWithCopy:F3} | {row.Wasted:F2} ")
                .AppendLine(CultureInfo.InvariantCulture, $"| {row.Overloads:N0} |");
        return table.ToString();
    }
}
