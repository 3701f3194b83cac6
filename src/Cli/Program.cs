using Waypost.Cli;

using var stopped = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopped.Cancel();
};
return await CommandLine.Run(
    InstalledNames.Arguments(InstalledNames.CalledAs(), args), Surroundings.OfThisProcess(), stopped.Token);
