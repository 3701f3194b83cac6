using System.Diagnostics;
using Waypost.Geo.Tests.Raster;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Runs npm's <c>stac-node-validator</c>, which STAC's users run, on what was served.</summary>
static class NodeValidator
{
    static readonly TimeSpan LongestInstallation = TimeSpan.FromMinutes(2);

    static readonly SemaphoreSlim OneInstallation = new(1, 1);

    /// <summary>The official schemas: used from files when they lie beside the checkout, else fetched.</summary>
    static readonly (string Address, string File)[] Schemas =
    [
        .. from schema in (string[])["item/item", "item/basics", "item/bands", "item/common", "item/data-values",
               "item/datetime", "item/instrument", "item/licensing", "item/provider", "collection/collection",
               "catalog/catalog"]
           let parts = schema.Split('/')
           select ($"https://schemas.stacspec.org/v1.1.0/{parts[0]}-spec/json-schema/{parts[1]}.json",
               $"stac-1.1.0/{schema}.json"),
        ("https://geojson.org/schema/Feature.json", "geojson/Feature.json"),
        ("https://geojson.org/schema/Geometry.json", "geojson/Geometry.json"),
    ];

    /// <summary>Validates files; what the validator says of the bad ones, or nothing.</summary>
    /// <param name="files">Items, collections, or answers that list them.</param>
    /// <param name="ct">Ends it early.</param>
    public static async Task<string> FaultsOf(IEnumerable<string> files, CancellationToken ct)
    {
        var folder = await Installed(ct);
        using var beside = new TempFolder();
        var mapped = await Beside(beside, ct);
        var (code, said) = await Run("node",
            [Path.Combine(folder, "node_modules/stac-node-validator/bin/cli.js"), .. files,
                .. mapped.Count == 0 ? (string[])[] : ["--schemaMap", string.Join(';', mapped)]], folder, ct);
        Assert.SkipWhen(said.Contains("Schema at", StringComparison.Ordinal) && mapped.Count < Schemas.Length,
            "The official schemas are neither beside the checkout nor to be fetched.");
        return code == 0 ? "" : said;
    }

    /// <summary>Copies of the schemas beside the checkout. They name the last version before
    /// 1.1.0, from which it does not differ.</summary>
    static async Task<List<string>> Beside(TempFolder folder, CancellationToken ct)
    {
        var mapped = new List<string>();
        foreach (var (address, name) in Schemas)
        {
            if (SharedData.File("schemas/" + name) is not { } file) continue;
            var copy = folder.File(name.Replace('/', '-'));
            var text = await File.ReadAllTextAsync(file, ct);
            await File.WriteAllTextAsync(copy, text.Replace("1.1.0-beta.1", "1.1.0", StringComparison.Ordinal), ct);
            mapped.Add($"{address}={copy}");
        }
        return mapped;
    }

    /// <summary>The folder with the validator; the test is skipped where it cannot be had.</summary>
    static async Task<string> Installed(CancellationToken ct)
    {
        var folder = Path.Combine(Root(), "tests", "npm");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(LongestInstallation);
        await OneInstallation.WaitAsync(ct);
        try
        {
            if (Directory.Exists(Path.Combine(folder, "node_modules", "stac-node-validator"))) return folder;
            var (code, said) = await Run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder,
                limit.Token);
            Assert.SkipUnless(code == 0, "npm's stac-node-validator cannot be had here: " + said);
            return folder;
        }
        finally
        {
            OneInstallation.Release();
        }
    }

    static async Task<(int Code, string Said)> Run(
        string program, IEnumerable<string> arguments, string folder, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception absent)
        {
            return (-1, absent.Message);
        }
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var errors = process.StandardError.ReadToEndAsync(ct);
            try
            {
                await process.WaitForExitAsync(ct);
            }
            finally
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
            }
            return (process.ExitCode, await errors + await output);
        }
    }

    static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Waypost.slnx")))
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("The tests do not lie in the checkout.");
        return folder;
    }
}

/// <summary>A folder that is gone when the test is.</summary>
sealed class TempFolder : IDisposable
{
    readonly string path = Directory.CreateTempSubdirectory("waypost-stac-").FullName;

    public IEnumerable<string> Files => Directory.EnumerateFiles(path);

    public string File(string name) => Path.Combine(path, name);

    public void Dispose() => Directory.Delete(path, recursive: true);
}
