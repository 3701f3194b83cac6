namespace Waypost.Geo.Tests.Cql2;

/// <summary>The examples that come with the standard, when they lie beside the checkout; none otherwise.</summary>
static class StandardExamples
{
    /// <summary>Each text with the JSON of the same name; variants of a text go with the JSON of the first.</summary>
    public static IEnumerable<(string Name, string Text, string? Json)> All()
    {
        if (Folder() is not { } folder)
            yield break;
        foreach (var text in Directory.EnumerateFiles(Path.Combine(folder, "ogc-examples", "text")).Order())
        {
            var name = Path.GetFileNameWithoutExtension(text);
            var json = Path.Combine(folder, "ogc-examples", "json", $"{name.Split('-')[0]}.json");
            yield return (name, File.ReadAllText(text), File.Exists(json) ? File.ReadAllText(json) : null);
        }
    }

    /// <summary>The lines of a file of the folder; none when it is not there.</summary>
    public static string[] Lines(string file) =>
        Folder() is { } folder ? File.ReadAllLines(Path.Combine(folder, file)) : [];

    static string? Folder()
    {
        var configured = Environment.GetEnvironmentVariable("WAYPOST_SHARED_DATA");
        var candidates = string.IsNullOrEmpty(configured) ? Beside() : [configured];
        return candidates.Select(folder => Path.Combine(folder, "cql2")).FirstOrDefault(Directory.Exists);
    }

    static IEnumerable<string> Beside()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Waypost.slnx")))
                return new[] { "../shared/data", "../../shared/data" }.Select(up => Path.Combine(folder.FullName, up));
        }
        return [];
    }
}
