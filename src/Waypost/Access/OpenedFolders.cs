namespace Waypost.Access;

/// <summary>Folders of this machine that the operator opened to organizations for one purpose, and nothing outside
/// them.</summary>
public sealed class OpenedFolders
{
    readonly List<(string Org, string Name, string Path)> folders = [];

    /// <summary>Reads the operator's list, which has no <see cref="Problem"/>.</summary>
    public OpenedFolders(IEnumerable<string> list)
    {
        foreach (var (org, path) in list.Select(Parts))
        {
            var whole = RealPath(Path.GetFullPath(path));
            folders.Add((org, Path.GetFileName(whole), whole));
        }
    }

    /// <summary>Says what is wrong with the operator's list; null when nothing is.</summary>
    /// <param name="setting">What the list is called.</param>
    /// <param name="list">The list.</param>
    public static string? Problem(string setting, IEnumerable<string> list) =>
        list.Select(Parts).FirstOrDefault(entry => !Directory.Exists(entry.Path)) is { Path: { } missing }
            ? $"{setting} names {missing}, which is not a folder."
            : null;

    /// <summary>The file of this name: <c>incoming/a.tif</c>, <c>a.tif</c> or the absolute path of a file in an opened
    /// folder. Null when there is none, whether it is missing or lies outside.</summary>
    /// <param name="org">Whose folder it is.</param>
    /// <param name="name">What the request says.</param>
    public FileInfo? Find(string org, string name)
    {
        if (name.Contains('\0', StringComparison.Ordinal)) return null;
        foreach (var (_, folderName, folder) in folders.Where(one => one.Org == org))
        {
            var below = Path.IsPathRooted(name) ? name
                : name.StartsWith(folderName + "/", StringComparison.Ordinal) ? name[(folderName.Length + 1)..]
                : null;
            if ((below is not null && Inside(folder, below) is { } named ? named : Inside(folder, name)) is { } file)
                return file;
        }
        return null;
    }

    /// <summary>Where below its folder a file lies that was found; the whole path where it is in none.</summary>
    /// <param name="org">Whose folder it is.</param>
    /// <param name="file">What <see cref="Find"/> gave.</param>
    public string Below(string org, FileInfo file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return folders.Where(one => one.Org == org && IsBelow(one.Path, file.FullName))
            .Select(one => Path.GetRelativePath(one.Path, file.FullName)).FirstOrDefault(file.FullName);
    }

    static (string Org, string Path) Parts(string entry) =>
        entry.Split('=', 2) is [var org, var path] && !org.Contains('/', StringComparison.Ordinal)
            ? (org, path)
            : (Caller.DefaultOrg, entry);

    // The real place counts, after every link: what a link in the folder points to outside it is not in it.
    static FileInfo? Inside(string folder, string name)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name));
        if (!IsBelow(folder, path) || !File.Exists(path)) return null;
        var real = RealPath(path);
        return IsBelow(folder, real) ? new FileInfo(real) : null;
    }

    static bool IsBelow(string folder, string path) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar,
        StringComparison.Ordinal);

    static string RealPath(string path)
    {
        var root = Path.GetPathRoot(path)!;
        var real = root;
        foreach (var part in path[root.Length..].Split(Path.DirectorySeparatorChar,
            StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
            if (info.ResolveLinkTarget(returnFinalTarget: true) is { } target) real = RealPath(target.FullName);
        }
        return real;
    }
}
