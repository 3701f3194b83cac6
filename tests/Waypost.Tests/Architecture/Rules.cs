using System.Text.RegularExpressions;

namespace Waypost.Tests.Architecture;

/// <summary>The house's rules that a machine can check; each says what breaks it, and where.</summary>
static partial class Rules
{
    const int LongestFile = 400;
    const int LongestLine = 120;

    static readonly string[] EmptyWords =
    [
        "Service", "Manager", "Helper", "Helpers", "Util", "Utils", "Handler", "Processor", "Repository", "Dto", "Impl",
        "Base", "Common",
    ];

    static readonly Lazy<IReadOnlyDictionary<string, string>> Owners = new(() => TablesOf(Migrations()));

    /// <summary>A module uses only the modules before it.</summary>
    public static IEnumerable<string> UpwardUses(Source file)
    {
        var order = Array.IndexOf(WaypostApp.Modules, file.Module);
        if (order < 0) return [];
        return from above in WaypostApp.Modules.Skip(order + 1)
               where Regex.IsMatch(file.Code, $@"\bWaypost\.{above}\b|(?<![\w.]){above}\.[A-Z]\w*\.")
               select $"{file.Path}: {file.Module} uses {above}, which lies above it";
    }

    /// <summary>Every folder of the server is a module that the composition root lists.</summary>
    public static IEnumerable<string> UnlistedModules(Source file) =>
        file.Module.Length > 0 && !WaypostApp.Modules.Contains(file.Module)
            ? [$"{file.Path}: the folder {file.Module} is not in WaypostApp.Modules"] : [];

    /// <summary>A table is touched only by the module whose migration creates it.</summary>
    public static IEnumerable<string> ForeignTables(Source file) =>
        from Match use in TableUse().Matches(file.Text)
        let table = use.Groups["table"].Value
        where Owners.Value.TryGetValue(table, out var owner) && owner != file.Module && file.Module.Length > 0
        select $"{file.Path}: {file.Module} touches {table}, which belongs to {Owners.Value[table]}";

    /// <summary>A file and its lines stay within what a reader takes in.</summary>
    public static IEnumerable<string> TooLong(Source file)
    {
        var lines = file.Text.Split('\n');
        if (lines.Length - 1 > LongestFile) yield return $"{file.Path}: {lines.Length - 1} lines";
        for (var i = 0; i < lines.Length; i++)
            if (lines[i].TrimEnd('\r').Length > LongestLine)
                yield return $"{file.Path}:{i + 1}: {lines[i].Length} characters";
    }

    /// <summary>A hole in SQL is a parameter; in quotes it would be text with a parameter's name.</summary>
    public static IEnumerable<string> QuotedHoles(Source file) =>
        from Match literal in Interpolated().Matches(file.Text)
        where SqlWords().IsMatch(literal.Value)
        from line in literal.Value.Split('\n')
            // Between quotes are the odd parts; two quotes in a row are an empty text.
        from quoted in line.Split('\'').Where((_, part) => part % 2 == 1)
        where quoted.Contains('{', StringComparison.Ordinal)
        select $"{file.Path}: '{quoted}'";

    /// <summary>A type is named for what it means.</summary>
    public static IEnumerable<string> EmptyNames(Source file) =>
        from Match type in TypeName().Matches(file.Code)
        let name = type.Groups["name"].Value
        let word = EmptyWords.FirstOrDefault(word => name.EndsWith(word, StringComparison.Ordinal))
        where word is not null
        select $"{file.Path}: {name} says {word} and not what it means";

    /// <summary>Nothing outside Storage asks which database it is.</summary>
    public static IEnumerable<string> AsksForTheDatabase(Source file) =>
        file.Module is "" or "Storage" ? [] :
        from Match word in DatabaseWord().Matches(file.Code)
        select $"{file.Path}: {word.Value}";

    /// <summary>A test waits for what it waits for, not for time; a fake that never answers waits to be given up.
    /// </summary>
    public static IEnumerable<string> Sleeps(Source file) =>
        from Match sleep in Sleep().Matches(file.Code)
        select $"{file.Path}: {sleep.Value}";

    /// <summary>A method that is awaited needs no suffix to say so.</summary>
    public static IEnumerable<string> AsyncSuffixes(Source file) =>
        from Match method in AsyncSuffix().Matches(file.Code)
        where !method.Value.Contains("override", StringComparison.Ordinal)
            && method.Groups["name"].Value is not ("DisposeAsync" or "BindAsync" or "InitializeAsync" or "ExecuteAsync"
                or "StartAsync" or "StopAsync")
        select $"{file.Path}: {method.Groups["name"].Value}";

    /// <summary>Each table of these migrations and the module that creates it.</summary>
    public static IReadOnlyDictionary<string, string> TablesOf(IEnumerable<(string Module, string Text)> migrations) =>
        (
        from migration in migrations
        from Match table in TableCreation().Matches(migration.Text)
        select (Table: table.Groups["table"].Value, migration.Module))
        // One that each database has in its own way is created twice, by the one module.
        .Distinct()
        .ToDictionary(owner => owner.Table, owner => owner.Module, StringComparer.Ordinal);

    /// <summary>Tables carry the prefix of their module, the three oldest apart.</summary>
    public static IEnumerable<string> Unprefixed(IReadOnlyDictionary<string, string> owners) =>
        from owner in owners
        where !owner.Key.StartsWith(Prefix(owner.Value), StringComparison.Ordinal) && owner.Key != "organizations"
        select $"{owner.Key} belongs to {owner.Value} and does not say so";

    static string Prefix(string module) => module == "Events" ? "event" : module.ToLowerInvariant() + "_";

    static IEnumerable<(string, string)> Migrations() =>
        from file in Directory.EnumerateFiles(
            Path.Combine(Expected.Root, "src", "Waypost"), "*.sql", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Path.Combine(Expected.Root, "src", "Waypost"), file).Replace('\\', '/')
        select (path.Split('/')[0], File.ReadAllText(file));

    [GeneratedRegex(@"\b(?:from|join|into|update|delete from)\s+(?<table>[a-z_]+)")]
    private static partial Regex TableUse();

    [GeneratedRegex(@"create (?:virtual )?table (?:if not exists )?(?<table>[a-z_]+)")]
    private static partial Regex TableCreation();

    [GeneratedRegex("(?s)\\$+\"{3}.*?\"{3}|\\$\"(?:\\\\.|[^\"\\\\\n])*\"")]
    private static partial Regex Interpolated();

    [GeneratedRegex(@"\b(?:select|insert into|update|delete from|where|values)\b")]
    private static partial Regex SqlWords();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?: struct| class)?) (?<name>[A-Z]\w+)")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\b(?:SqliteDb|PostgresDb|Dialect|SqliteException|PostgresException|NpgsqlException)\b")]
    private static partial Regex DatabaseWord();

    [GeneratedRegex(@"\b(?:Task\.Delay\((?!Timeout\.Infinite(?:TimeSpan)?,)|Thread\.Sleep\()")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"(?:public|internal|private|static|async|override)[\w<>,?\[\] ]* (?<name>\w+Async)(?:<\w+>)?\(")]
    private static partial Regex AsyncSuffix();
}
