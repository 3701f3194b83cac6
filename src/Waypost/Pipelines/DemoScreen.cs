using System.Collections.Concurrent;
using Spectre.Console;

namespace Waypost.Pipelines;

/// <summary>What a person sees of the demo: progress bars in a terminal, plain lines anywhere else.</summary>
abstract class DemoScreen
{
    readonly List<(string File, string Text, bool IsGood)> outcomes = [];

    /// <summary>A file got on.</summary>
    /// <param name="file">Which one.</param>
    /// <param name="what">What is being done.</param>
    /// <param name="share">How much of it, 0 to 1.</param>
    public abstract void Step(string file, string what, double share);

    /// <summary>A file is done, with what was found.</summary>
    public void Done(string file, IReadOnlyList<string> seen)
    {
        Step(file, "verified", 1);
        outcomes.Add((file, string.Join('\n', seen.Select(line => "  " + line)), true));
    }

    /// <summary>A file did not come through.</summary>
    public void Failed(string file, string why)
    {
        Step(file, "failed", 1);
        outcomes.Add((file, "  " + why, false));
    }

    /// <summary>Shows the files while the work goes on, and afterwards what came of each.</summary>
    public static async Task Show(IReadOnlyList<string> files, Func<DemoScreen, Task> work)
    {
        DemoScreen screen;
        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            screen = new Lines();
            await work(screen);
        }
        else
        {
            Bars? bars = null;
            await AnsiConsole.Progress()
                .Columns(
                    new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                    new PercentageColumn(), new SpinnerColumn())
                .StartAsync(context => work(bars = new Bars(context, files)));
            screen = bars!;
        }
        foreach (var (file, text, isGood) in screen.outcomes)
            Say($"\n{(isGood ? "OK    " : "FAILED")} {file}\n{text}");
    }

    /// <summary>Writes a line as it is.</summary>
    public static void Say(string line) => Console.Out.WriteLine(line);

    sealed class Bars(ProgressContext context, IReadOnlyList<string> files) : DemoScreen
    {
        readonly Dictionary<string, ProgressTask> tasks = files.Distinct(StringComparer.Ordinal).ToDictionary(
            file => file, file => context.AddTask(Markup.Escape(file), autoStart: true, maxValue: 1),
            StringComparer.Ordinal);

        public override void Step(string file, string what, double share)
        {
            tasks[file].Description = Markup.Escape($"{file}: {what}");
            tasks[file].Value = share;
        }
    }

    sealed class Lines : DemoScreen
    {
        readonly ConcurrentDictionary<string, string> last = new(StringComparer.Ordinal);

        public override void Step(string file, string what, double share)
        {
            // One line for each step and quarter: a log, not a film.
            var line = $"{file}: {what} {(int)(share * 4) * 25} %";
            if (!last.TryGetValue(file, out var before) || before != line) Say(line);
            last[file] = line;
        }
    }
}
