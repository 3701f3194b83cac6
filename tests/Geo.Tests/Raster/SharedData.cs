namespace Waypost.Geo.Tests.Raster;

/// <summary>Sample files that lie beside some checkouts; absent elsewhere, and no test needs them.</summary>
static class SharedData
{
    static readonly string? Root = Find();

    /// <summary>The path of a file, or null where the samples are not there.</summary>
    public static string? File(string name)
    {
        var path = Root is null ? null : Path.Combine(Root, name);
        return System.IO.File.Exists(path) ? path : null;
    }

    /// <summary>Those of the files that are there.</summary>
    public static IEnumerable<string> Present(params IEnumerable<string> names) =>
        names.Where(name => File(name) is not null);

    static string? Find()
    {
        if (Environment.GetEnvironmentVariable("WAYPOST_SHARED_DATA") is { Length: > 0 } told)
            return told;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var beside = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(beside))
                return beside;
        }
        return null;
    }
}
