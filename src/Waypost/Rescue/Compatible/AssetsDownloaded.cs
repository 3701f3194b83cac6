using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Events;
using Waypost.Rescue.Library;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>A rescuer told what became of assets.</summary>
/// <param name="RescuerId">Who.</param>
/// <param name="Succeeded">The assets it says to hold.</param>
/// <param name="Failed">The assets it could not fetch.</param>
public sealed record RescuesReported(long RescuerId, IReadOnlyList<long> Succeeded, IReadOnlyList<long> Failed) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "rescue.reported";
}

/// <summary>What became of assets that a node was given. A copy that is only told of is a claim: nobody has compared
/// it, and it satisfies nothing; a failure leaves the asset to be given again.</summary>
static class AssetsDownloaded
{
    const int MostAssets = 1_000;

    const string Empty = "The rescues don't contain any asset, make sure they have at least one asset to be able to "
        + "upsert them.";

    const string Unknown = "The error can be the following: the rescuer doesn't exist in the database; or at least one "
        + "asset doesn't exist in the database; or the asset data you provided don't match the ones in the database. "
        + "Make sure to provide an existing rescuer, existing assets and correct asset data.";

    sealed record Known(long Id, byte[] Sha256, int Version) : IRow<Known>
    {
        public static Known Read(Row row) => new(row.Long("id"), row.Bytes("url_sha256"), row.Int("version"));
    }

    sealed record Before(long Id, string Status, int Version) : IRow<Before>
    {
        public static Before Read(Row row) => new(row.Long("id"), row.Text("status"), row.Int("version"));
    }

    /// <summary>What is said of one asset.</summary>
    public sealed record Said(long AssetId, string? MagnetLink, bool IsSuccess)
    {
        /// <summary>How the rescue database keeps it.</summary>
        public string Status => IsSuccess ? "success" : "fail";
    }

    public static void Map(IEndpointRouteBuilder rescue, string operations) =>
        rescue.MapPost("/assets-downloaded", Report).Compatible(Permission.RescueTake)
            .WithName(operations + "AssetsDownloaded")
            .WithSummary("A rescuer's report of what became of the assets it was given")
            .Accepts<JsonElement>("application/json");

    static async Task<IResult> Report(HttpContext http, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var sent = await SentBody.Of(http.Request, ct);
        var (rescuer, message) = (sent.Fields.Whole("rescuer_id"), sent.Fields.Text("message"));
        var assets = sent.Fields.List("assets", MostAssets).Select(AssetModel.Read).ToList();
        if (!sent.IsGood) return sent.Refusal();
        if (assets.Count == 0) return Python.Detail(StatusCodes.Status422UnprocessableEntity, Empty);
        var now = clock.GetUtcNow();
        var done = await Attempts.InOne(db, tx => Keep(tx, caller, rescuer, assets, now), ct);
        if (done is null) return Python.Detail(StatusCodes.Status422UnprocessableEntity, Unknown);
        return Dispatch.Answer(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("rescuer_id", rescuer);
            json.WriteString("message", message);
            json.WriteStartArray("assets");
            foreach (var asset in assets) asset.Write(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }, assets, json =>
        {
            Write(json, "updated_rescues", rescuer, done.Where(one => !one.IsNew));
            Write(json, "inserted_rescues", rescuer, done.Where(one => one.IsNew));
            Write(json, "not_committed_rescues", rescuer, []);
        });
    }

    static async Task<IReadOnlyList<(Said Said, bool IsNew)>?> Keep(
        Tx tx, Caller caller, long rescuer, List<AssetModel> assets, DateTimeOffset now)
    {
        if (await tx.RescuerFor(caller, rescuer) is not { } who) return null;
        var known = new Dictionary<long, Known>();
        foreach (var part in PaddedLists.Of(assets.ConvertAll(one => one.AssetId ?? 0)))
            foreach (var one in await tx.All<Known>($"""
                select id, url_sha256, version from rescue_assets where org = {caller.Org} and id in {part}
                """))
                known[one.Id] = one;
        if (!assets.All(one => IsOf(one, known))) return null;
        // The last word on an asset counts.
        var said = assets.GroupBy(one => one.AssetId!.Value).Select(same => same.Last()).Select(one => new Said(
            one.AssetId!.Value,
            one.MagnetLink is { ValueKind: JsonValueKind.String } link ? link.GetString() : null,
            one.Status != "FAIL")).ToList();
        var done = new List<(Said, bool)>();
        // In one order, so that two reports at the same time never wait for each other in a circle.
        foreach (var one in said.OrderBy(one => one.AssetId))
            done.Add((one, await tx.KeepReport(caller.Org, who, one, known[one.AssetId].Version, now)));
        await tx.Emit(caller.Org, now, new RescuesReported(
            rescuer, [.. said.Where(one => one.IsSuccess).Select(one => one.AssetId)],
            [.. said.Where(one => !one.IsSuccess).Select(one => one.AssetId)]), $"rescuer:{rescuer}");
        return done;
    }

    extension(Tx tx)
    {
        /// <summary>The rescuer that this caller may report for; null where there is none.</summary>
        public async Task<Rescuer?> RescuerFor(Caller caller, long rescuer) => await tx.One<Rescuer>($"""
            select id, name, description, key_id, created_at, updated_at from rescue_rescuers
            where org = {caller.Org} and id = {rescuer} and (
                key_id is null or key_id = {caller.KeyId} or {caller.May(Permission.RescueWrite)})
            """);

        /// <summary>Tells of one word of a rescuer.</summary>
        public Task EmitReport(string org, long rescuer, Said said, DateTimeOffset now) => tx.Emit(
            org, now, new RescuesReported(
                rescuer, said.IsSuccess ? [said.AssetId] : [], said.IsSuccess ? [] : [said.AssetId]),
            $"rescuer:{rescuer}");

        /// <summary>The rescuer of this name; one is registered where there is none.</summary>
        public async Task<long> RescuerCalled(Caller caller, string name, DateTimeOffset now)
        {
            var id = await tx.Take(caller.Org, Numbered.Rescuer, 1);
            if (await tx.Run($"""
                insert into rescue_rescuers (org, id, name, words, created_at, updated_at)
                values ({caller.Org}, {id}, {name}, {AssetRows.WordsOf(name)}, {now}, {now})
                on conflict (org, name) do nothing
                """) == 1)
            {
                await tx.Emit(caller.Org, now, new RescuerRegistered(id, name), $"rescuer:{id}");
                return id;
            }
            return await tx.Count($"select id as n from rescue_rescuers where org = {caller.Org} and name = {name}");
        }

        /// <summary>Keeps what a rescuer says of an asset, counts it, and ends the reservation it came of.</summary>
        /// <returns>Whether it is the first word of this rescuer on this asset.</returns>
        public async Task<bool> KeepReport(string org, Rescuer who, Said said, int version, DateTimeOffset now)
        {
            await tx.EndReservation(org, who, said.AssetId, now);
            var before = await tx.One<Before>($"""
                select id, status, version from rescue_rescues
                where org = {org} and asset_id = {said.AssetId} and rescuer_id = {who.Id}
                """);
            if (before is null)
            {
                var id = await tx.Take(org, Numbered.Rescue, 1);
                await tx.Run($"""
                    insert into rescue_rescues (
                        org, id, asset_id, rescuer_id, magnet_link, status, version, created_at, updated_at)
                    values ({org}, {id}, {said.AssetId}, {who.Id}, {said.MagnetLink ?? ""}, {said.Status},
                        {version}, {now}, {now})
                    """);
            }
            else
                await tx.Run($"""
                    update rescue_rescues set magnet_link = {said.MagnetLink ?? ""}, status = {said.Status},
                        version = {version}, updated_at = {now}
                    where org = {org} and id = {before.Id}
                    """);
            var had = before is { Status: "success" } && before.Version == version;
            if (had != said.IsSuccess)
                await tx.CountClaim(org, said.AssetId, version, said.IsSuccess ? 1 : -1, now);
            return before is null;
        }

        // Who asked without saying who is the oldest that nobody else can be.
        async Task EndReservation(string org, Rescuer who, long asset, DateTimeOffset now)
        {
            var id = who.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var held = (await tx.All<Reservations.Held>($"""
                select org, asset_id, holder, version, size_bytes from rescue_reservations as held
                where org = {org} and asset_id = {asset} and (holder = {id} or holder = {who.Name} or not exists (
                    select 1 from rescue_rescuers as other where other.org = {org}
                        and (other.name = held.holder or cast(other.id as text) = held.holder)))
                order by case when holder = {id} or holder = {who.Name} then 0 else 1 end, made_at limit 1
                """)).FirstOrDefault();
            if (held is not null) await tx.Release(org, [held], "reported", now);
        }
    }

    static bool IsOf(AssetModel sent, Dictionary<long, Known> known) =>
        sent.AssetId is { } id && known.TryGetValue(id, out var asset)
        && sent.Url is { ValueKind: JsonValueKind.String } url
        && AssetUrl.Read(url.GetString(), out var read) is null
        && read!.Sha256.AsSpan().SequenceEqual(asset.Sha256);

    static void Write(Utf8JsonWriter json, string name, long rescuer, IEnumerable<(Said Said, bool IsNew)> rescues)
    {
        json.WriteStartArray(name);
        foreach (var (said, _) in rescues)
        {
            json.WriteStartObject();
            json.WriteNumber("asset_id", said.AssetId);
            json.WriteNumber("rescuer_id", rescuer);
            if (said.MagnetLink is null) json.WriteNull("magnet_link");
            else json.WriteString("magnet_link", said.MagnetLink);
            json.WriteString("status", said.Status);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
