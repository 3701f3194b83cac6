using Spectre.Console;

namespace Waypost.Cli;

/// <summary>Shows how far something is: a moving bar for a person, a line for each change in a log.</summary>
static class Bars
{
    /// <summary>Runs the work; it says how far it is (0 to 100) and what it does now.</summary>
    public static async Task<T> Run<T>(Answers answers, string title, Func<Action<double, string?>, Task<T>> work)
    {
        if (answers.IsJson) return await work((_, _) => { });
        if (!answers.IsTerminal)
        {
            var said = "";
            return await work((percent, note) =>
            {
                var line = $"{title}: {percent:0} %{(note is null ? "" : ", " + note)}";
                if (line == said) return;
                said = line;
                answers.Errors.WriteLine(line);
            });
        }
        return await answers.Errors.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new ElapsedTimeColumn(), new SpinnerColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask(Markup.Escape(title));
                return await work((percent, note) =>
                {
                    bar.Value = percent;
                    bar.Description = Markup.Escape(note is null ? title : $"{title}: {note}");
                });
            });
    }
}
