using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Whether a catalogue is still being fed.</summary>
public enum Freshness
{
    /// <summary>Something was put in not longer ago than the threshold.</summary>
    Ok,

    /// <summary>Nothing was put in for longer than that.</summary>
    Stale,

    /// <summary>Nothing was ever put in, or the caller may not know.</summary>
    Unknown,

    /// <summary>The catalogue cannot be read.</summary>
    Error,
}

/// <summary>How fresh a catalogue is. Judged by when items were put in: one that is fed with data of past years is not
/// stale.</summary>
/// <param name="Status">Whether it is still being fed.</param>
/// <param name="NewestItemDatetime">When the newest item is, by its own account.</param>
/// <param name="HoursSinceNewestItem">How long ago that is; below zero where it lies ahead.</param>
/// <param name="NewestIngestAt">When an item was last created or replaced.</param>
/// <param name="HoursSinceNewestIngest">How long ago that is.</param>
/// <param name="StaleThresholdHours">Longer ago than this counts as stale.</param>
/// <param name="TotalItems">How many items there are.</param>
public sealed record CatalogueHealth(
    Freshness Status, DateTimeOffset? NewestItemDatetime, double? HoursSinceNewestItem,
    DateTimeOffset? NewestIngestAt, double? HoursSinceNewestIngest, double StaleThresholdHours, long? TotalItems)
{
    sealed record Moment(DateTimeOffset? At) : IRow<Moment>
    {
        public static Moment Read(Row row) => new(row.TimeOrNull("at"));
    }

    /// <summary>What is told where nothing may be, or can be.</summary>
    public static CatalogueHealth Nothing(Freshness status, CatalogueSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new CatalogueHealth(status, null, null, null, null, settings.StaleAfterHours, null);
    }

    /// <summary>Reads it for one organization: a few rows at the ends of indexes.</summary>
    public static async Task<CatalogueHealth> Read(
        Db db, string org, CatalogueSettings settings, TimeProvider clock, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(clock);
        await using var tx = await db.Read(ct);
        var total = await tx.Count($"""
            select coalesce(sum(items), 0) as n from catalogue_counts where org = {org}
            """);
        var newest = await tx.One<Number>($"""
            select starts as n from catalogue_items where org = {org} order by starts desc limit 1
            """);
        // The ids of changes are made of their times, and in the order of an index.
        var ingested = await tx.One<Moment>($"""
            select changed_at as at from catalogue_items where org = {org} and change_id is not null
            order by change_id desc limit 1
            """) ?? await tx.One<Moment>($"select max(changed_at) as at from catalogue_items where org = {org}");

        var now = clock.GetUtcNow();
        DateTimeOffset? item = newest is null ? null : DateTimeOffset.UnixEpoch.AddMicroseconds(newest.N);
        var since = Hours(now, ingested?.At);
        var status = since is null ? Freshness.Unknown
            : since <= settings.StaleAfterHours ? Freshness.Ok : Freshness.Stale;
        return new CatalogueHealth(
            status, item, Hours(now, item), ingested?.At, since, settings.StaleAfterHours, total);
    }

    static double? Hours(DateTimeOffset now, DateTimeOffset? at) =>
        at is { } moment ? Math.Round((now - moment).TotalHours, 3) : null;
}

/// <summary>The routes that tell how fresh a catalogue is.</summary>
static class ShowCatalogueHealth
{
    const string Why = "Monitors have no key; without one that may read the catalogue it tells only the threshold.";

    public static void Map(IEndpointRouteBuilder root) => root.MapGet("/health/catalogue", Open).Open(Why)
        .WithName("catalogueHealth").WithTags("Server").WithSummary("How fresh the caller's catalogue is")
        .Produces<CatalogueHealth>().Produces<CatalogueHealth>(StatusCodes.Status503ServiceUnavailable);

    public static void MapForOrg(IEndpointRouteBuilder org) => org.MapGet("/health/catalogue", OfOrganization)
        .Permit(Permission.CatalogueRead)
        .WithName("orgCatalogueHealth").WithTags("STAC").WithSummary("How fresh the organization's catalogue is")
        .Produces<CatalogueHealth>().Produces<CatalogueHealth>(StatusCodes.Status503ServiceUnavailable);

    static async Task<IResult> Open(
        HttpContext http, Databases databases, CatalogueSettings settings, TimeProvider clock, CancellationToken ct)
    {
        Caller? caller;
        try
        {
            caller = await Gate.Look(http, Permission.CatalogueRead);
        }
        catch (StorageUnavailableException)
        {
            return Answer(CatalogueHealth.Nothing(Freshness.Error, settings));
        }
        return caller is null
            ? Answer(CatalogueHealth.Nothing(Freshness.Unknown, settings))
            : await Of(databases.For(caller.Org), caller.Org, settings, clock, ct);
    }

    static Task<IResult> OfOrganization(
        Caller caller, Db db, CatalogueSettings settings, TimeProvider clock, CancellationToken ct) =>
        Of(db, caller.Org, settings, clock, ct);

    static async Task<IResult> Of(
        Db db, string org, CatalogueSettings settings, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            return Answer(await CatalogueHealth.Read(db, org, settings, clock, ct));
        }
        catch (StorageUnavailableException)
        {
            return Answer(CatalogueHealth.Nothing(Freshness.Error, settings));
        }
    }

    static IResult Answer(CatalogueHealth health) => TypedResults.Json(
        health, Json.Options, statusCode: health.Status == Freshness.Error
            ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
}
