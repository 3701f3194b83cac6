using System.Text.Json;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Delivery;
using Waypost.Storage;
using Waypost.Work;

namespace Waypost.Pipelines;

/// <summary>The answer to a submission.</summary>
/// <param name="RequestId">The request; the same identity always has the same one.</param>
/// <param name="Status">Where it is.</param>
/// <param name="Accepted">True: the request was taken in, now or before.</param>
/// <param name="Success">The same, as the final platform contract calls it.</param>
/// <param name="StatusUrl">Where to ask how it goes on.</param>
/// <param name="MonitorUrl">The same, as the final platform contract calls it.</param>
/// <param name="JobId">The job that works on it now.</param>
/// <param name="JobType">That job's kind.</param>
/// <param name="Message">For a person.</param>
/// <param name="EstimatedCompletion">When it will be done, from past runs; null while there are too few.</param>
/// <param name="Warnings">What to know, although it was accepted.</param>
public sealed record SubmitAnswer(
    string RequestId, RequestStatus Status, bool Accepted, bool Success, string StatusUrl, string MonitorUrl,
    string? JobId, string? JobType, string Message, DateTimeOffset? EstimatedCompletion,
    IReadOnlyList<StatusWarning> Warnings);

/// <summary>A client hands in data to be worked on.</summary>
static class SubmitRequest
{
    public static void Map(IEndpointRouteBuilder platform, string? operation) => platform
        .MapPost("/submit", Handle).Permit(Permission.JobsWrite).Named(operation)
        .WithSummary("Submit data to be validated, converted, catalogued and served")
        .Accepts<SubmitBody>("application/json")
        .Produces<SubmitAnswer>(StatusCodes.Status202Accepted).Produces<SubmitAnswer>();

    static async Task<IResult> Handle(
        JsonElement body, bool? dry_run, HttpContext http, Caller caller, Db db,
        Sources sources, Outbound outbound,
        RequestCourse course, Callbacks callbacks, TimeProvider clock, CancellationToken ct)
    {
        if (dry_run == true)
            throw Refused.Bad("NOT_YET", "dry_run is not offered yet.", "Leave it out to submit the request.")
                .At("dry_run");
        var asked = Asked.Read(body, caller);
        asked = asked with { Source = await sources.Pin(asked.Source, caller.Org, db, "source_path", ct) };
        if (asked.CallbackUrl is { } callback) await CheckCallback(outbound, callback, ct);

        RequestRow? request;
        bool isNew;
        await using (var tx = await db.Begin(ct))
        {
            (request, isNew) = await Take(tx, caller.Org, asked, LinkRoots.Of(http), course, clock.GetUtcNow());
            await tx.Commit();
        }
        return await Answer(http, db, request, isNew, course, callbacks, ct);
    }

    /// <summary>The answer about a request as it stands.</summary>
    internal static async Task<IResult> Answer(
        HttpContext http, Db db, RequestRow request, bool isNew, RequestCourse course, Callbacks callbacks,
        CancellationToken ct)
    {
        await using var tx = await db.Read(ct);
        request = (await tx.FindRequest(request.Org, request.RequestId))!;
        var url = PlatformLinks.Status(http, request.RequestId);
        var answer = new SubmitAnswer(
            request.RequestId, request.Status, Accepted: true, Success: true, url, url, request.CurrentJob,
            await tx.KindOfCurrentJob(request), isNew ? "Accepted."
            : "This request was submitted before; here is how it stands.",
            await course.Completion(tx, request), await callbacks.Warnings(tx, request));
        http.Response.Headers.Location = url;
        return Results.Json(answer, statusCode: isNew ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    static async Task<(RequestRow Request, bool IsNew)> Take(
        Tx tx, string org, Asked asked, LinkRoots links, RequestCourse course, DateTimeOffset now)
    {
        if (await tx.Insert(org, asked, asked.Identity.ItemId, links, now)
            || await tx.HoldRequest(org, asked.Identity.RequestId) is null
            && await tx.Insert(org, asked, asked.Identity.DistinctItemId, links, now))
        {
            var added = (await tx.HoldRequest(org, asked.Identity.RequestId))!;
            return (await course.Accept(tx, added, now), true);
        }

        var known = (await tx.HoldRequest(org, asked.Identity.RequestId))!;
        if (known.PayloadHash == asked.PayloadHash)
            return known.Status != RequestStatus.Failed ? (known, false) : throw Refused.Conflict(
                "REQUEST_FAILED", "This request was submitted before and failed.",
                $"Try it again with POST /platform/resubmit and {{\"request_id\": \"{known.RequestId}\"}}, or send "
                + "other data with the option overwrite.").With(("request_id", known.RequestId),
                ("failed_with", known.Error));
        if (!asked.Options.Overwrite || known.Type != asked.Type) throw Mismatch(known, asked);
        if (!known.IsOver)
            throw Refused.Conflict("REQUEST_RUNNING", "This request is being worked on and cannot be overwritten now.",
                "Wait until it has ended, or cancel its job.").With(("request_id", known.RequestId));
        return (await course.Accept(tx, await tx.Replace(known, asked, now), now), true);
    }

    static async Task CheckCallback(Outbound outbound, string callback, CancellationToken ct)
    {
        if (!Uri.TryCreate(callback, UriKind.Absolute, out var uri))
            throw Refused.Bad("INVALID_VALUE", "callback_url is not a URL.", "Send a full http or https URL.")
                .At("callback_url");
        try
        {
            await outbound.CheckResolved(uri, ct);
        }
        catch (Refused refused)
        {
            throw refused.At("callback_url");
        }
    }

    static Refused Mismatch(RequestRow known, Asked asked) => Refused.Conflict(
        "IDEMPOTENCY_MISMATCH",
            "A request of the same client, dataset, resource and version was submitted with other contents.",
        known.Type == asked.Type
            ? "Send a new version_id, or the option overwrite: true to replace what is there."
            : "Send a new version_id: a request cannot change its type.")
        .With(("request_id", known.RequestId), ("differences", Differences(known.PayloadJson, Json.Of(asked.Payload))));

    static Dictionary<string, object> Differences(Json stored, Json sent)
    {
        var (before, now) = (Flat(stored.Element), Flat(sent.Element));
        return before.Keys.Union(now.Keys, StringComparer.Ordinal).Where(name => Text(before, name) != Text(now, name))
            .ToDictionary(name => name, name => (object)new
            {
                stored = before.GetValueOrDefault(name),
                sent = now.GetValueOrDefault(name)
            },
                StringComparer.Ordinal);
    }

    static Dictionary<string, JsonElement> Flat(JsonElement payload, string prefix = "")
    {
        var flat = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in payload.EnumerateObject())
            if (field.Value.ValueKind == JsonValueKind.Object)
                foreach (var (name, value) in Flat(field.Value, prefix + field.Name + ".")) flat[name] = value;
            else
                flat[prefix + field.Name] = field.Value;
        return flat;
    }

    static string? Text(Dictionary<string, JsonElement> flat, string name) =>
        flat.TryGetValue(name, out var value) ? JsonSerializer.Serialize(value, Json.Options) : null;

    extension(Tx tx)
    {
        // False when the request is there already, or the item's id is another request's.
        async Task<bool> Insert(string org, Asked asked, string itemId, LinkRoots links, DateTimeOffset now)
        {
            var (id, payload) = (asked.Identity, Json.Of(asked.Payload));
            return await tx.Run($"""
                insert into pipelines_requests (org, request_id, client_id, dataset_id, resource_id, version_id,
                    asset_id,
                    release_id, request_type, collection, item_id, payload, payload_hash, source, revision, status,
                    message,
                    step, jobs, warnings, size_class, callback_url, links, created_at, submitted_at)
                values ({org}, {id.RequestId}, {id.Client}, {id.Dataset}, {id.Resource}, {id.Version}, {id.AssetId},
                    {id.ReleaseId}, {asked.Type.Word()}, {RequestRow.CollectionOf(asked.Type)}, {itemId}, {payload},
                    {asked.PayloadHash}, {Json.Of(asked.Source)}, {1}, 'pending', {Requests.Waiting}, {0}, {0},
                    {new Json("[]")}, {SizeClass.Of(asked.Source.Bytes)}, {asked.CallbackUrl},
                    {Json.Of(PlatformLinks.Kept(links))}, {now}, {now})
                on conflict do nothing
                """) == 1;
        }

        async Task<RequestRow> Replace(RequestRow known, Asked asked, DateTimeOffset now)
        {
            await tx.Run($"""
                update pipelines_requests
                set payload = {Json.Of(asked.Payload)}, payload_hash = {asked.PayloadHash},
                source = {Json.Of(asked.Source)},
                    size_class = {SizeClass.Of(asked.Source.Bytes)}, callback_url = {asked.CallbackUrl}
                where org = {known.Org} and request_id = {known.RequestId}
                """);
            return await tx.NextRevision(known, now);
        }
    }
}
