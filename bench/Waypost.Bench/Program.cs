using Waypost.Bench;

// Each scenario prints one line of JSON; bench/run puts it beside its peer.
var scenarios = new Dictionary<string, Func<Arguments, CancellationToken, Task>>(StringComparer.Ordinal)
{
    ["lease-complete"] = WorkScenarios.LeaseAndComplete,
    ["stage-completion"] = WorkScenarios.CompleteStage,
    ["cog-source"] = RasterScenarios.MakeSource,
    ["cog"] = RasterScenarios.WriteCog,
    ["kestrel-plaintext"] = HttpScenarios.ServePlaintext,
    ["fill-search"] = SearchScenarios.Fill,
    ["search"] = SearchScenarios.Search,
    ["fill-catalogue"] = HttpScenarios.FillCatalogue,
    ["prepare-items"] = PrepareScenarios.Prepare,
    ["load"] = CatalogueScenarios.Load,
    ["match"] = MatchScenarios.Match,
    ["load-http"] = CatalogueScenarios.LoadOverHttp,
    ["rescue-policies"] = PolicyScenarios.Compare,
};

if (args.Length == 0 || !scenarios.TryGetValue(args[0], out var scenario))
{
    await Console.Error.WriteLineAsync($"Which scenario? One of: {string.Join(", ", scenarios.Keys)}.");
    return 2;
}
await scenario(new Arguments(args[1..]), CancellationToken.None);
return 0;
