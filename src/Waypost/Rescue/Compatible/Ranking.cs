using Waypost.Access;
using Waypost.Rescue.Library;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>The routes of the priorizer: what is to be saved first.</summary>
static class Ranking
{
    const int MostAssets = 100;
    const int MostRanks = 1_000;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapPost("/ranking", First).Compatible(Permission.RescueRead)
            .WithName(operations + "Ranking").WithSummary("The assets that want saving first, at most 100");
        rescue.MapPost("/test_ranking", Ranks).Compatible(Permission.RescueRead)
            .WithName(operations + "TestRanking").WithSummary("The ranks of the newest automatic ranking");
    }

    // Each asset once, however many resources name it; what is saved, or nobody may fetch, is not to be done.
    static async Task<IResult> First(Caller caller, Db db, CancellationToken ct)
    {
        Sql order = $"(coalesce(one.rank, 9223372036854775807)), one.size_bytes, one.id limit {MostAssets}";
        var found = await db.All<NamedAsset>(NamedAsset.Select(
            $"one.org = {caller.Org} and one.state in ('ready', 'leased', 'probing')", order), ct);
        return Python.Answer(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("asset");
            foreach (var one in found) one.Model.Write(json);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static async Task<IResult> Ranks(Caller caller, Db db, CancellationToken ct)
    {
        var ranks = await db.All<RescueRank>($"""
            select id, dataset_id, rank, event_count from rescue_ranks
            where org = {caller.Org} and ranking_id = (
                select max(id) from rescue_rankings where org = {caller.Org} and type = 'auto')
            order by rank, dataset_id limit {MostRanks}
            """, ct);
        return Python.Answer(json =>
        {
            json.WriteStartArray();
            foreach (var one in ranks)
            {
                json.WriteStartObject();
                json.WriteNumber("dataset_id", one.DatasetId);
                json.WriteNumber("rank", one.Rank);
                json.WriteNumber("event_count", one.EventCount);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }
}
