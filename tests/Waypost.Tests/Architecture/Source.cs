using System.Text.RegularExpressions;

namespace Waypost.Tests.Architecture;

/// <summary>A source file, as the architecture's rules read it.</summary>
/// <param name="Path">Its path from the repository's root.</param>
/// <param name="Text">Its text.</param>
sealed partial record Source(string Path, string Text)
{
    /// <summary>The module it belongs to; empty outside the server's modules.</summary>
    public string Module => Path.Split('/') is ["src", "Waypost", var module, _, ..] ? module : "";

    /// <summary>Its text without comments and without what string literals hold: the code itself.</summary>
    public string Code => NotCode().Replace(Text, match => match.Value.StartsWith('/') ? "" : "\"\"");

    /// <summary>Every C# file of a folder of the repository.</summary>
    public static IEnumerable<Source> Under(params string[] folders) =>
        from folder in folders
        let root = System.IO.Path.Combine(Expected.Root, folder)
        where Directory.Exists(root)
        from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
        let path = System.IO.Path.GetRelativePath(Expected.Root, file).Replace('\\', '/')
        where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
            && !path.Contains("/node_modules/", StringComparison.Ordinal)
        orderby path
        select new Source(path, File.ReadAllText(file));

    [GeneratedRegex("""(?s)//[^\n]*|/\*.*?\*/|"{3,}.*?"{3,}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""")]
    private static partial Regex NotCode();
}
