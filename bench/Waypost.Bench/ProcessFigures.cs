using System.Globalization;

namespace Waypost.Bench;

/// <summary>What processes have used so far, as Linux counts it (proc(5)).</summary>
static class ProcessFigures
{
    /// <summary>The processes of <c>--pids 12,34</c>.</summary>
    public static int[] Of(Arguments arguments) => [.. arguments.Text("pids", "")
        .Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];

    /// <summary>User and system time of a process, its children and what they waited for.</summary>
    public static double CpuSeconds(int pid)
    {
        var sum = 0L;
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var one) || !File.Exists($"{folder}/stat")) continue;
            try
            {
                var stat = File.ReadAllText($"{folder}/stat");
                var parts = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var parent = int.Parse(parts[1], CultureInfo.InvariantCulture);
                if (one != pid && parent != pid) continue;
                sum += parts[11..(one == pid ? 15 : 13)].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has ended meanwhile; what it did is its parent's by now.
            }
        }
        return sum / 100.0;
    }

    /// <summary>The most memory that a process has had at once, in MB.</summary>
    public static long LargestMemoryMb(int pid) => File.ReadLines($"/proc/{pid}/status")
        .Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture) >> 10)
        .Single();
}
