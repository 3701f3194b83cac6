using System.Text.Json;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>What became of a stream of items.</summary>
/// <param name="Created">How many were not there before.</param>
/// <param name="Updated">How many replaced an older content.</param>
/// <param name="Unchanged">How many were there already, just so.</param>
/// <param name="Repaired">How many of those had faults that were put right.</param>
/// <param name="Failed">How many were not kept.</param>
/// <param name="Items">Those that failed or were repaired, the first 1,000 of them; absent at the end of a report that
/// has told of each.</param>
public sealed record BulkReport(
    long Created, long Updated, long Unchanged, long Repaired, long Failed, IReadOnlyList<BulkOutcome>? Items);

/// <summary>Takes items in streams of any length, and says of each what became of it.</summary>
static class BulkRoutes
{
    const string NdJson = "application/x-ndjson";
    const int MostTold = 1_000;

    /// <summary>Counts outcomes, and keeps those that have something to say.</summary>
    sealed class Tally
    {
        readonly long[] counts = new long[Enum.GetValues<BulkStatus>().Length];
        readonly List<BulkOutcome> told = [];
        long repaired;

        public void Add(BulkOutcome outcome)
        {
            counts[(int)outcome.Status]++;
            if (outcome.Repairs.Count > 0) repaired++;
            if (told.Count < MostTold && (outcome.Repairs.Count > 0 || outcome.Status == BulkStatus.Failed))
                told.Add(outcome);
        }

        public BulkReport Report(bool isAll) => new(
            counts[(int)BulkStatus.Created], counts[(int)BulkStatus.Updated], counts[(int)BulkStatus.Unchanged],
            repaired, counts[(int)BulkStatus.Failed], isAll ? null : told);
    }

    public static void Map(RouteGroupBuilder stac, string operations)
    {
        Route(stac.MapPost("/bulk_items", (
                HttpContext http, View view, Db db, BulkWriting bulk, CancellationToken ct) =>
                    Write(http, null, view, db, bulk, ct)),
            operations + "WriteItems", "Write items in a stream of any length, each into the collection it names");
        Route(stac.MapPost("/collections/{collection}/bulk_items", (
                HttpContext http, string collection, View view, Db db, BulkWriting bulk, CancellationToken ct) =>
                    Write(http, collection, view, db, bulk, ct)),
            operations + "WriteItemsOfCollection", "Write items of a collection in a stream of any length");
    }

    static void Route(RouteHandlerBuilder route, string name, string summary) => route
        .Permit(Permission.CatalogueWrite).Query("method", "validation")
        .WithName(name).WithTags("STAC").WithSummary(summary)
        .WithMetadata(new DisableRequestSizeLimitAttribute()).WithMetadata(new DisableRequestTimeoutAttribute())
        .Accepts<Stream>(NdJson, Media.GeoJson, Media.Json)
        .Produces<BulkReport>(200, Media.Json, NdJson);

    static async Task Write(
        HttpContext http, string? collection, View view, Db db, BulkWriting bulk, CancellationToken ct)
    {
        var options = new BulkOptions(
            Choice(http, "method", ["upsert", "insert"]) == "insert",
            Choice(http, "validation", ["repair", "strict"]) switch
            {
                "repair" => Validation.Repair,
                "strict" => Validation.Strict,
                _ => null,
            },
            collection)
        {
            Roots = view.Roots,
        };
        if (collection is not null) await CollectionReads.MustExist(db, view, collection, ct);
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } requests) requests.MinDataRate = null;
        var type = http.Request.ContentType?.Split(';')[0].Trim();
        var lines = type == NdJson ? BulkBodies.Lines(http.Request.BodyReader, ct)
            : BulkBodies.Features(http.Request.BodyReader, ct);
        if (type == Media.Json)
        {
            var (items, method) = await BulkBodies.Whole(http.Request.BodyReader, ct);
            lines = items.ToAsyncEnumerable();
            // Servers that take this shape only add, unless they are told otherwise.
            if (!http.Request.Query.ContainsKey("method"))
                options = options with { OnlyNew = Method(method) != "upsert" };
        }
        var outcomes = bulk.Write(view.Org, lines, options, ct);
        if (http.Request.Headers.Accept.ToString().Contains(NdJson, StringComparison.OrdinalIgnoreCase))
            await TellEach(http, outcomes, ct);
        else
        {
            var tally = new Tally();
            await foreach (var outcome in outcomes) tally.Add(outcome);
            await AnswerWriter.Whole(http, tally.Report(isAll: false), Media.Json, ct);
        }
    }

    // Line by line while the body is still coming. Who sends everything before he reads anything finds his answer
    // waiting: it goes to a file, so that neither waits for the other.
    static async Task TellEach(HttpContext http, IAsyncEnumerable<BulkOutcome> outcomes, CancellationToken ct)
    {
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } responses) responses.MinDataRate = null;
        http.Response.ContentType = NdJson;
        await using var answer = new SpooledAnswer(http.Response.Body, ct);
        var tally = new Tally();
        await foreach (var outcome in outcomes)
        {
            tally.Add(outcome);
            answer.Line(outcome);
        }
        answer.Line(tally.Report(isAll: true));
        await answer.Finish();
    }

    static string? Method(string? method) => method is null or "insert" or "upsert" ? method
        : throw Refused.Bad("INVALID_BODY", "The body's method should be insert or upsert.");

    static string? Choice(HttpContext http, string name, string[] among)
    {
        if (SearchWish.Given(http.Request.Query, name) is not { } given) return null;
        return among.Contains(given) ? given : throw new Refused(400, "INVALID_PARAMETER",
            $"The parameter {name} should be one of: {string.Join(", ", among)}.")
        {
            Details = new Dictionary<string, object?> { ["parameter"] = name },
        };
    }
}
