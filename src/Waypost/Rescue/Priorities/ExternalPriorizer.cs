using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Delivery;
using Waypost.Events;
using Waypost.Rescue.Compatible;
using Waypost.Storage;

namespace Waypost.Rescue.Priorities;

/// <summary>How it stands with the external priorizer.</summary>
/// <param name="Url">Where it is; null: there is none.</param>
/// <param name="AskedAt">When it was last asked.</param>
/// <param name="AnsweredAt">When it last answered; what it said then holds until it answers again.</param>
/// <param name="Ranked">How many assets it put in order then.</param>
/// <param name="Problem">Why it did not answer the last time.</param>
public sealed record ExternalState(
    string? Url, DateTimeOffset? AskedAt, DateTimeOffset? AnsweredAt, int Ranked, string? Problem)
    : IRow<ExternalState>
{
    /// <inheritdoc/>
    public static ExternalState Read(Row row) => new(
        null, row.Time("asked_at"), row.TimeOrNull("answered_at"), row.Int("ranked"), row.TextOrNull("problem"));
}

/// <summary>Asks an external priorizer now and then, beside all requests, and gives assets the ranks it says. While it
/// does not answer, what it said last stays.</summary>
sealed class ExternalPriorizer(
    RescueSettings settings, Outbound outbound, Databases databases, TimeProvider clock)
{
    static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    // As the dispatcher that this one stands in for waits.
    static readonly OutboundLimits Limits = new(TimeSpan.FromSeconds(30), 32 << 20);

    const int MostAssets = 100_000;
    const int AtOnce = 2_000;

    sealed record Said(long AssetId, long Rank);

    /// <summary>The loop; it only waits where there is no priorizer.</summary>
    public BackgroundLoop Loop() => new("rescue.priorizer", 3 * Every, async ct =>
    {
        if (settings.PriorizerUrl is not null) await Ask(ct);
        await Task.Delay(Every, clock, ct);
    });

    /// <summary>The route that shows how it stands.</summary>
    public static void Map(IEndpointRouteBuilder rescue, string operations) =>
        rescue.MapGet("/priorities/external", Show).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetExternalPriorizer").WithSummary("How it stands with the external priorizer");

    static async Task<Ok<ExternalState>> Show(
        RescueSettings settings, Caller caller, Db db, CancellationToken ct)
    {
        var state = await db.One<ExternalState>($"""
            select asked_at, answered_at, ranked, problem from rescue_external_answers where org = {caller.Org}
            """, ct) ?? new ExternalState(null, null, null, 0, null);
        var isHere = caller.Org == Caller.DefaultOrg;
        return TypedResults.Ok(state with { Url = isHere ? settings.PriorizerUrl : null });
    }

    /// <summary>Asks once, for the organization <c>default</c>, and keeps the answer or why there is none.</summary>
    public async Task Ask(CancellationToken ct)
    {
        var asked = clock.GetUtcNow();
        string? problem = null;
        IReadOnlyList<Said> said = [];
        try
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Post, new Uri(settings.PriorizerUrl!.TrimEnd('/') + "/ranking"))
            {
                Content = new StringContent("", Encoding.UTF8, "application/json"),
            };
            var reply = await outbound.Send(request, Limits, ct);
            if (reply.Status == StatusCodes.Status200OK) said = Read(reply.Body);
            else problem = $"It answered with the status {reply.Status}.";
        }
        catch (Exception error) when (error is OutboundFailedException or Refused or JsonException)
        {
            problem = error is JsonException ? "Its answer is no ranking." : error.Message;
        }
        var db = databases.For(Caller.DefaultOrg);
        var ranked = 0;
        foreach (var part in said.Chunk(AtOnce)) ranked += await Write(db, part, ct);
        await Note(db, asked, problem, ranked, ct);
    }

    static List<Said> Read(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("asset", out var list) || list.ValueKind != JsonValueKind.Array)
            throw new JsonException("There is no list asset in it.");
        var said = new Dictionary<long, long>();
        foreach (var one in list.EnumerateArray().Take(MostAssets))
            if (Whole(one, "asset_id") is { } asset && Whole(one, "priority") is >= 1 and { } rank)
                said[asset] = rank;
        return [.. said.OrderBy(one => one.Key).Select(one => new Said(one.Key, one.Value))];
    }

    // One that cannot be read is passed over, as the dispatcher did.
    static long? Whole(JsonElement asset, string name) =>
        asset.ValueKind == JsonValueKind.Object && asset.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    Task<int> Write(Db db, Said[] part, CancellationToken ct) => Attempts.InOne(db, async tx =>
    {
        var (now, changed) = (clock.GetUtcNow(), new Dictionary<long, long>());
        foreach (var one in part)
            if (await tx.Run($"""
                update rescue_assets set rank = {one.Rank}, updated_at = {now}
                where org = {Caller.DefaultOrg} and id = {one.AssetId} and (rank is null or rank <> {one.Rank})
                """) == 1)
                changed[one.AssetId] = one.Rank;
        if (changed.Count > 0) await tx.Emit(Caller.DefaultOrg, now, new AssetsRanked(changed));
        return part.Length;
    }, ct);

    static Task<int> Note(Db db, DateTimeOffset asked, string? problem, int ranked, CancellationToken ct) =>
        Attempts.InOne(db, tx =>
        {
            DateTimeOffset? answered = problem is null ? asked : null;
            return tx.Run($"""
                insert into rescue_external_answers (org, asked_at, answered_at, ranked, problem)
                values ({Caller.DefaultOrg}, {asked}, {answered}, {ranked}, {problem})
                on conflict (org) do update set asked_at = excluded.asked_at, problem = excluded.problem,
                    answered_at = coalesce(excluded.answered_at, rescue_external_answers.answered_at),
                    ranked = case when excluded.problem is null then excluded.ranked
                        else rescue_external_answers.ranked end
                """);
        }, ct);
}
