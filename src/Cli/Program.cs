using Waypost.Cli;

using var stopped = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopped.Cancel();
};
return await CommandLine.Run(args, Surroundings.OfThisProcess(), stopped.Token);
