namespace Waypost.Cli;

/// <summary>What the program's exit code tells a script.</summary>
static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The work failed, or the server did.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The server cannot be reached.</summary>
    public const int Unreachable = 3;

    /// <summary>The server refused what was asked.</summary>
    public const int Refused = 4;

    /// <summary>Stopped by Ctrl+C, as shells count it.</summary>
    public const int Stopped = 130;

    /// <summary>The same for people, under the help of every command.</summary>
    public static readonly IReadOnlyList<(int Code, string Meaning)> Meanings =
    [
        (Ok, "done"),
        (Failed, "the work failed, or the server did"),
        (Usage, "the command line is wrong"),
        (Unreachable, "the server cannot be reached"),
        (Refused, "the server refused what was asked"),
        (Stopped, "stopped with Ctrl+C"),
    ];
}
