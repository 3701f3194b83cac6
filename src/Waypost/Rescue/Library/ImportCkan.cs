using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>Takes the pages of a CKAN catalogue's <c>package_search</c>, as many as come, and says what is new, what
/// has changed and what is gone.</summary>
/// <remarks>What was sent before just so is only noted as seen, so that sending everything again costs little and does
/// nothing. Memory does not grow with what is sent, but for some bytes of each package's id.</remarks>
static class ImportCkan
{
    const int MostPackages = 200;
    const int MostResources = 2_000;
    const int LongestName = 200;
    const string NdJson = "application/x-ndjson";

    public static void Map(IEndpointRouteBuilder rescue, string operations) => rescue.MapPost("/imports/ckan", Run)
        .Permit(Permission.RescueWrite).WithTags("Rescue").WithName(operations + "ImportCkan")
        .WithSummary("Import pages of a CKAN catalogue's package_search; again, as often as you like")
        .TakesStreams(NdJson, "application/json").Produces<ImportReport>();

    static async Task<Ok<ImportReport>> Run(
        HttpContext http, Caller caller, Databases databases, TimeProvider clock, CancellationToken ct,
        [StringLength(LongestName, MinimumLength = 1)] string source = "ckan",
        [StringLength(LongestName, MinimumLength = 1)] string? publisher = null, bool complete = false)
    {
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
        var packages = http.Request.ContentType?.Split(';')[0].Trim() == NdJson
            ? PackageStream.Lines(http.Request.BodyReader, ct) : PackageStream.Pages(http.Request.BodyReader, ct);
        var import = new Import(databases, caller.Org, "ckan", source, clock);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new List<SentPackage>();
        await foreach (var sent in packages)
        {
            if (import.Id == 0) await import.Begin(ct);
            if (sent.Package is null) Fail(import, sent, sent.Problem!);
            else if (!seen.Add(sent.Package.Id)) Fail(import, sent, "An earlier one in the stream has the same id.");
            else
            {
                waiting.Add(sent);
                if (waiting.Count < MostPackages && waiting.Sum(one => one.Package!.Resources.Count) < MostResources)
                    continue;
                await Write(import, caller.Org, source, waiting, ct);
                waiting.Clear();
            }
        }
        if (import.Id == 0) await import.Begin(ct);
        await Write(import, caller.Org, source, waiting, ct);
        // What could not be read may be there all the same: then nothing can be said to be gone.
        var isWhole = complete && import.Tally.Datasets.Failed == 0;
        if (isWhole) await import.Vanish(publisher, ct);
        return TypedResults.Ok(await import.End(isWhole, ct));
    }

    // One that the database does not take must not cost its neighbours their place.
    static async Task Write(
        Import import, string org, string source, List<SentPackage> packages, CancellationToken ct)
    {
        if (packages.Count == 0) return;
        if (await import.Chunk(
            (tx, tally, now) => tx.KeepPackages(
                org, import.Id, source, packages.ConvertAll(one => one.Package!), tally, now), ct))
            return;
        if (packages.Count == 1)
        {
            Fail(import, packages[0], "The database does not take it.");
            return;
        }
        await Write(import, org, source, packages[..(packages.Count / 2)], ct);
        await Write(import, org, source, packages[(packages.Count / 2)..], ct);
    }

    static void Fail(Import import, SentPackage sent, string why)
    {
        import.Fail(new ImportFailure(sent.Number, sent.Name, why));
        import.Tally.Datasets = import.Tally.Datasets with { Failed = import.Tally.Datasets.Failed + 1 };
    }

    /// <summary>The route reads a body of any length, for as long as it comes.</summary>
    public static RouteHandlerBuilder TakesStreams(
        this RouteHandlerBuilder route, string type, params string[] others) => route
            .WithMetadata(new DisableRequestSizeLimitAttribute()).WithMetadata(new DisableRequestTimeoutAttribute())
            .Accepts<Stream>(type, others);
}
