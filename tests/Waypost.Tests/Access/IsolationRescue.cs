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
        var id = First.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new[]
        {
            "publisher_id", "rescue_dataset", "resource_id", "asset_id", "ranking_id", "rescuer_id", "rescue_id",
            "import_id",
        }.ToDictionary(name => name, _ => id);
    }
}
