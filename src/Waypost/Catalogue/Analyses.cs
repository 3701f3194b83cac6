using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Waypost.Access;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>A result that was computed from an item, to be registered as an asset of it.</summary>
public sealed record AnalysisWish
{
    /// <summary>Where the result is: an address, or a path that those who use the internal view understand.</summary>
    [StringLength(2000, MinimumLength = 1)]
    public required string Href { get; init; }

    /// <summary>The day whose result it is; absent: today, in UTC.</summary>
    public DateOnly? Date { get; init; }

    /// <summary>Which analysis: what the keys of its assets begin with.</summary>
    public string KeyPrefix { get; init; } = StacAnalyses.DefaultPrefix;

    /// <summary>Its media type; absent: by the extension of its name.</summary>
    [StringLength(200, MinimumLength = 1)]
    public string? MediaType { get; init; }

    /// <summary>What people call it; absent: the name of its file.</summary>
    [StringLength(500, MinimumLength = 1)]
    public string? Title { get; init; }

    /// <summary>What it is for (roles of a STAC asset); absent: <c>data</c>.</summary>
    [MaxLength(20)]
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>Replaces the day's last result instead of adding a numbered one beside it.</summary>
    public bool Force { get; init; }

    /// <summary>An object that says what it was made from, kept on the asset as it is.</summary>
    public Json? Provenance { get; init; }

    /// <summary>Who registers it, kept on the asset; a request's caller, whatever its body says.</summary>
    [JsonIgnore]
    public AnalysisAuthor? By { get; init; }
}

/// <summary>Who registered a result.</summary>
/// <param name="Name">An application, or a person.</param>
/// <param name="KeyId">The key that was shown; null where none was.</param>
public sealed record AnalysisAuthor(string Name, Guid? KeyId);

/// <summary>What became of a registration.</summary>
/// <param name="Key">The key of the result's asset: <c>comparison:2026-03-04</c>, or a numbered one,
/// <c>comparison:2026-03-04.2</c>.</param>
/// <param name="Latest">The key of the newest result, which <c>{prefix}:latest</c> repeats.</param>
/// <param name="Change"><c>added</c>, <c>replaced</c>, or <c>unchanged</c>: it was registered before.</param>
/// <param name="Etag">The item's entity tag now.</param>
public sealed record AnalysisRegistered(string Key, string Latest, AnalysisChange Change, string Etag);

/// <summary>Registers results of analyses with the items they were computed from.</summary>
/// <remarks>The rules of the keys are <see cref="StacAnalyses"/>'. Registrations of one item wait for one another, so
/// none is lost, and no two get one key.</remarks>
public static class Analyses
{
    const int LongestProvenance = 100_000;

    internal static void Map(IEndpointRouteBuilder stac, string operations) => stac
        .MapPost("/collections/{collection}/items/{item}/analyses", Register).Permit(Permission.CatalogueWrite)
        .WithName(operations + "RegisterAnalysis").WithTags("STAC")
        .WithSummary("Register a result of an analysis as a dated asset of an item")
        .Produces<AnalysisRegistered>(200).Produces<AnalysisRegistered>(201);

    extension(Tx tx)
    {
        /// <summary>Registers a result with an item: writes the asset of its day and brings <c>{prefix}:latest</c> up
        /// to date, as a new version of the item.</summary>
        /// <param name="org">Whose catalogue.</param>
        /// <param name="collection">The item's collection.</param>
        /// <param name="itemId">The item.</param>
        /// <param name="wish">The result.</param>
        /// <param name="now">When.</param>
        /// <param name="how">How the item is made ready; absent: as <see cref="Preparing.Default"/> has it. What is
        /// done about faults is the organization's to say.</param>
        /// <exception cref="Refused">There is no such item (404), or the wish is not in order.</exception>
        public async Task<AnalysisRegistered> RegisterAnalysis(
            string org, string collection, string itemId, AnalysisWish wish, DateTimeOffset now,
            Preparing? how = null)
        {
            var result = Checked(wish, now);
            var rules = await WritingRules.Of(tx, org);
            // From here to the commit nobody else writes items of the collection: what is read is what is replaced.
            var found = await tx.HoldItem(org, collection, itemId, withBody: true);
            var (item, registered) = Made(
                found, result, wish.Force, (how ?? Preparing.Default) with { Validation = rules.Validation });
            await tx.PutItem(org, item, now);
            return registered;
        }
    }

    // Who adds a result changes nothing that anybody has seen but the latest; who forces it replaces one, and says
    // which item he has seen where the organization wants that.
    static async Task<IResult> Register(
        string collection, string item, AnalysisWish body, HttpContext http, Caller caller, Db db, Preparing how,
        TimeProvider clock, CancellationToken ct)
    {
        var rules = await WritingRules.Of(db, caller.Org, ct);
        var seen = Preconditions.Of(http.Request, rules.RequireIfMatch && body.Force);
        var wish = body with { By = new AnalysisAuthor(caller.ClientId, caller.KeyId) };
        var result = Checked(wish, clock.GetUtcNow());
        var done = await ItemEdits.Edit(db, caller.Org, collection, item, clock, found =>
        {
            seen.Hold($"the item {item}", found.Hash, found.ChangedAt);
            return Made(found, result, wish.Force, how with { Validation = rules.Validation });
        }, ct);
        http.Response.Headers.ETag = done.Etag;
        return TypedResults.Json(done, statusCode: done.Change == AnalysisChange.Added ? 201 : 200);
    }

    // What becomes of an item.
    static (PreparedItem Item, AnalysisRegistered Registered) Made(
        ItemEdits.Seen found, AnalysisAsset result, bool force, Preparing how)
    {
        var item = JsonNode.Parse(StoredDocument.AsSent(found.Body))!.AsObject();
        if (item["assets"] is not JsonObject assets) item["assets"] = assets = [];
        var done = Added(assets, result, force);
        var prepared = PreparedItem.Of(Json.Of(item), how);
        return (prepared, new AnalysisRegistered(
            done.Key, done.Latest, done.Change, Preconditions.ETagOf(prepared.Document.Hash)));
    }

    static RegisteredAnalysis Added(JsonObject assets, AnalysisAsset result, bool force)
    {
        try
        {
            return StacAnalyses.Register(assets, result, force);
        }
        catch (InvalidOperationException full)
        {
            throw Refused.Conflict("TOO_MANY_ANALYSES", full.Message, "Register it under another prefix, or force it.");
        }
    }

    static AnalysisAsset Checked(AnalysisWish wish, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(wish);
        if (!StacAnalyses.IsPrefix(wish.KeyPrefix))
            throw Invalid("The key_prefix is not one.", "It has 1 to 64 letters, digits, dots, hyphens, underscores.");
        if (wish.Href.Any(char.IsControl) || string.IsNullOrWhiteSpace(wish.Href))
            throw Invalid("The href is blank or has a control character in it.", "Send an address or a path.");
        if (wish.Roles is { } roles && roles.Any(string.IsNullOrWhiteSpace))
            throw Invalid("One of the roles is blank.", "Leave it out.");
        return new AnalysisAsset(wish.Href, wish.Date ?? DateOnly.FromDateTime(now.UtcDateTime))
        {
            KeyPrefix = wish.KeyPrefix,
            MediaType = wish.MediaType,
            Title = wish.Title,
            Roles = wish.Roles is { Count: > 0 } given ? given : ["data"],
            Also = Provenance(wish, now),
        };
    }

    static JsonObject Provenance(AnalysisWish wish, DateTimeOffset now)
    {
        var also = new JsonObject
        {
            ["created"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        };
        if (wish.By is { } by)
        {
            also["waypost:registered_by"] = by.Name;
            if (by.KeyId is { } key) also["waypost:registered_key"] = key.ToString();
        }
        if (wish.Provenance is not { } given) return also;
        if (given.Text.Length > LongestProvenance || JsonNode.Parse(given.Text) is not JsonObject provenance)
            throw Invalid("The provenance is not an object, or too long.",
                $"Send a JSON object of up to {LongestProvenance} characters.");
        also["waypost:provenance"] = provenance;
        return also;
    }

    static Refused Invalid(string sentence, string remedy) => Refused.Bad("INVALID_ANALYSIS", sentence, remedy);
}
