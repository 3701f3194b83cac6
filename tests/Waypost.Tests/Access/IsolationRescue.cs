using Waypost.Rescue.Library;
using Waypost.Tests.Rescue;

namespace Waypost.Tests.Access;

/// <summary>Something of everything that a rescue has, under numbers that no other organization reaches.</summary>
static class IsolationRescue
{
    const long First = 4_000_001;

    /// <summary>Fills the organization; the ids by the names they have in paths.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> Fill(TestOrg org, HttpClient admin)
    {
        await org.Do(async tx =>
        {
            foreach (var kind in Enum.GetValues<Numbered>()) await tx.Take(org.Id, kind, (int)First - 1);
        });
        var campaign = new Campaign(org, admin);
        await campaign.Ckan(Campaign.Page(Campaign.Package("of-the-victim", "https://data.example.gov/secret.csv")));
        await campaign.Post("/rescuers", new { name = "rescuer of the victim" });
        await campaign.Post(
            "/dispatch", new { name = "n", description = "", free_space_gb = 1, node_id = "node-of-the-victim" });
        await campaign.Post("/app/datasets/magnet-link", new
        {
            datasetId = $"{First}",
            magnetLink = "magnet:?xt=urn:btih:aa8255ecdc7ca55fb0bbf81323d87062db1f6d1c",
            clientId = "app-of-the-victim",
        });
        var id = First.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new[]
        {
            "publisher_id", "rescue_dataset", "resource_id", "asset_id", "ranking_id", "rescuer_id", "rescue_id",
            "import_id",
        }.ToDictionary(name => name, _ => id);
    }

    /// <summary>A body of a stranger for a route of the rescue; null for every other route.</summary>
    public static object? BodyOf(string path, string? body, IReadOnlyDictionary<string, string> ids) => body switch
    {
        "PriorityWeights" => new { popularity = 1 },
        "NewRescuer" => new { name = "of a stranger" },
        "DispatchRequest" => new { name = "of a stranger", description = "", free_space_gb = 1, node_id = "stranger" },
        "JsonElement" => path[path.LastIndexOf('/')..] switch
        {
            "/assets-downloaded" => Report(ids),
            "/release" => new { asset_id = ids["asset_id"], node_id = "node-of-the-victim" },
            "/update-ckan" => new { updates = new[] { new { asset_id = ids["asset_id"], new_priority = 1 } } },
            "/mock_dispatch" => new { node_id = "stranger", capacity_gb = 1, priority_level = "high" },
            "/magnet-link" => new
            {
                datasetId = ids["asset_id"],
                magnetLink = "magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c",
                clientId = "stranger",
            },
            _ => null,
        },
        _ => null,
    };

    static object Report(IReadOnlyDictionary<string, string> ids) => new
    {
        rescuer_id = ids["rescuer_id"],
        message = "of a stranger",
        assets = new[]
        {
            new
            {
                path = "",
                name = "",
                priority = 1,
                size_mb = 1,
                ds_id = 1,
                res_id = 1,
                asset_id = ids["asset_id"],
                url = "https://data.example.gov/secret.csv",
            },
        },
    };
}
