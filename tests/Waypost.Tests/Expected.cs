using Xunit;

namespace Waypost.Tests;

/// <summary>Files in the repository that hold what the server says of itself; a difference is a change for its users.
/// </summary>
/// <remarks>With WAYPOST_UPDATE_EXPECTED=1 the file is rewritten instead, for the diff to be read.</remarks>
static class Expected
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Compares with a file, by its path from the root.</summary>
    public static void Matches(string path, string actual)
    {
        var file = Path.Combine(Root, path);
        actual = actual.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("WAYPOST_UPDATE_EXPECTED") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }
        var expected = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(expected == actual, $"{path} differs from what the server says now, first at line "
            + $"{FirstDifference(expected, actual)}. If that is meant, run this test with WAYPOST_UPDATE_EXPECTED=1.");
    }

    static string FirstDifference(string expected, string actual)
    {
        var before = expected.Split('\n');
        var now = actual.Split('\n');
        var line = Enumerable.Range(0, Math.Min(before.Length, now.Length))
            .FirstOrDefault(i => before[i] != now[i], Math.Min(before.Length, now.Length) - 1);
        return $"{line + 1}: expected «{before[line]}», now «{now[line]}»";
    }

    static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Waypost.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
