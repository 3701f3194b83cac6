using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>What is here of an uploaded file.</summary>
/// <param name="Name">The name it was sent under.</param>
/// <param name="SourcePath">What a submission writes to mean it.</param>
/// <param name="Complete">Whether all of it is here, so that a submission may name it.</param>
/// <param name="Received">Bytes that are here.</param>
/// <param name="Total">Bytes that it has; null while nobody has said.</param>
/// <param name="Sha256">Of the whole content.</param>
public sealed record UploadState(
    string Name, string SourcePath, bool Complete, long Received, long? Total, string? Sha256);

/// <summary>Files sent ahead of a submission: whole, or in parts that go on where the last one ended.</summary>
/// <remarks>
/// A part says where it belongs with <c>Content-Range: bytes first-last/total</c> (RFC 9110, 14.4). What arrived before
/// a connection broke is kept; HEAD says with <c>Upload-Offset</c> where to go on. A finished file under the same name
/// stays what it is until the new one is whole.
/// </remarks>
static class Uploads
{
    const int LongestName = 200;
    const int Unbuffered = 1;
    const int DiskFull = 28;
    const int DiskFullOnWindows = 112;
    const string OffsetHeader = "Upload-Offset";
    const string LengthHeader = "Upload-Length";
    const string CompleteHeader = "Upload-Complete";

    /// <summary>An upload's row. The file it grows in is named after it; <c>total</c> is null when none is growing, and
    /// 0 when its sender did not say how long it will be.</summary>
    internal sealed record Row(string Name, long? Total, long Received, string? Sha256, long? Bytes) : IRow<Row>
    {
        public static Row Read(Storage.Row row) => new(
            row.Text("name"), row.LongOrNull("total"), row.Long("received"), row.TextOrNull("sha256"),
            row.LongOrNull("bytes"));
    }

    /// <summary>Where a body belongs in its file.</summary>
    readonly record struct Part(long First, long? Length, long? Total, bool IsRange);

    public static void Map(IEndpointRouteBuilder platform, Func<string, string?> operation)
    {
        platform.MapPut("/uploads/{name}", Put).Permit(Permission.JobsWrite).Named(operation("upload"))
            .WithSummary("Upload a file, whole or its next part")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.DisableRequestSizeLimitAttribute())
            .WithMetadata(new Microsoft.AspNetCore.Http.Timeouts.DisableRequestTimeoutAttribute())
            .Accepts<Stream>("application/octet-stream")
            .Produces<UploadState>().Produces<UploadState>(StatusCodes.Status201Created)
            .Produces<UploadState>(StatusCodes.Status308PermanentRedirect);
        platform.MapMethods("/uploads/{name}", ["HEAD"], Head).Permit(Permission.JobsWrite)
            .WithSummary("How much of an upload is here");
        platform.MapGet("/uploads/{name}", Get).Permit(Permission.JobsWrite).Named(operation("getUpload"))
            .WithSummary("What is here of an upload");
        platform.MapDelete("/uploads/{name}", Delete).Permit(Permission.JobsWrite).Named(operation("forgetUpload"))
            .WithSummary("Forget an upload");
    }

    /// <summary>Refuses what cannot be the name of an upload.</summary>
    public static string Checked(string name, string field)
    {
        if (name.Length is 0 or > LongestName || name is "." or ".."
            || name.Any(c => c is '/' or '\\' || char.IsControl(c)))
            throw Refused.Bad("INVALID_NAME",
                $"An upload's name has 1 to {LongestName} characters and no slash or control character.").At(field);
        return name;
    }

    static async Task<IResult> Put(
        string name, HttpContext http, Caller caller, Db db, Blobs blobs, PipelinesSettings settings,
        TimeProvider clock, CancellationToken ct)
    {
        Checked(name, "name");
        var part = PartOf(http.Request, settings.MostSourceBytes);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;

        await using var file = Open(PartialPath(blobs, caller.Org, name));
        var before = await Find(db, caller.Org, name, ct);
        CheckPlace(part, file.Length, before);
        file.SetLength(part.First);
        file.Position = part.First;
        await Note(db, caller.Org, name, part.Total, part.First, clock.GetUtcNow(), ct);
        try
        {
            await Receive(http.Request.Body, file, part, settings.MostSourceBytes, ct);
        }
        finally
        {
            // What has arrived is worth keeping, also when the connection broke: that is what resuming is for.
            file.Flush();
            await Note(db, caller.Org, name, part.Total, file.Length, clock.GetUtcNow(), CancellationToken.None);
        }
        var total = part.Total ?? file.Length;
        if (file.Length < total)
            return NotYet(http.Response, new UploadState(name, "upload:" + name, false, file.Length, total, null));
        // All of it is here: a sender who hangs up before hearing so must not cost it.
        return await Finish(
            http, caller.Org, file, before is { Sha256: not null }, name, db, blobs, clock, CancellationToken.None);
    }

    static async Task<IResult> Head(
        string name, HttpContext http, Caller caller, Db db, Blobs blobs, CancellationToken ct)
    {
        var state = await State(name, caller, db, blobs, ct);
        WriteHeaders(http.Response, state);
        http.Response.ContentLength = state.Received;
        return Results.StatusCode(StatusCodes.Status200OK);
    }

    static async Task<UploadState> Get(
        string name, HttpContext http, Caller caller, Db db, Blobs blobs, CancellationToken ct)
    {
        var state = await State(name, caller, db, blobs, ct);
        WriteHeaders(http.Response, state);
        return state;
    }

    static async Task<IResult> Delete(string name, Caller caller, Db db, Blobs blobs, CancellationToken ct)
    {
        Checked(name, "name");
        // Held while it is forgotten, so that nobody writes into a file that is gone.
        await using (var file = Open(PartialPath(blobs, caller.Org, name)))
        {
            await using var tx = await db.Begin(ct);
            var forgotten = await tx.Run($"delete from pipelines_uploads where org = {caller.Org} and name = {name}");
            await tx.Commit();
            File.Delete(file.Name);
            if (forgotten == 0) throw Refused.NotFound("The upload");
        }
        return Results.NoContent();
    }

    /// <summary>The upload's row; null when there is none of this name.</summary>
    internal static Task<Row?> Find(Db db, string org, string name, CancellationToken ct) => db.One<Row>($"""
        select name, total, received, sha256, bytes from pipelines_uploads where org = {org} and name = {name}
        """, ct);

    static async Task<UploadState> State(string name, Caller caller, Db db, Blobs blobs, CancellationToken ct)
    {
        var row = await Find(db, caller.Org, Checked(name, "name"), ct) ?? throw Refused.NotFound("The upload");
        if (row.Total is null && row.Sha256 is { } sha)
            return new UploadState(name, "upload:" + name, true, row.Bytes!.Value, row.Bytes, sha);
        var partial = new FileInfo(PartialPath(blobs, caller.Org, name));
        return new UploadState(name, "upload:" + name, false, partial.Exists ? partial.Length : 0,
            row.Total is > 0 ? row.Total : null, null);
    }

    static Part PartOf(HttpRequest request, long most)
    {
        var header = request.Headers.ContentRange.ToString();
        if (header.Length == 0)
        {
            CheckSize(request.ContentLength, most);
            return new Part(0, request.ContentLength, request.ContentLength, false);
        }
        if (!ContentRangeHeaderValue.TryParse(header, out var range)
            || range is not { From: { } first, To: { } last, Length: { } total })
            throw Refused.Bad("INVALID_RANGE", "Content-Range must say which bytes of how many are sent.",
                "Send Content-Range: bytes FIRST-LAST/TOTAL, counted from 0.");
        CheckSize(total, most);
        if (request.ContentLength is { } length && length != last - first + 1)
            throw Refused.Bad("INVALID_RANGE",
                $"Content-Range speaks of {last - first + 1} bytes, and Content-Length of {length}.");
        return new Part(first, last - first + 1, total, true);
    }

    static void CheckSize(long? total, long most)
    {
        if (total > most)
            throw new Refused(StatusCodes.Status413PayloadTooLarge, "UPLOAD_TOO_LARGE",
                $"The file has {total} bytes; up to {most} are accepted.",
                    "Send it in several files, or ask the operator.");
    }

    static void CheckPlace(Part part, long received, Row? before)
    {
        if (part.First == 0) return;
        if (before?.Total is > 0 and var total && total != part.Total)
            throw Conflict("UPLOAD_LENGTH_CHANGED",
                $"The upload was begun as a file of {total} bytes, and this part says {part.Total}.",
                "Begin again with byte 0.", received);
        if (before?.Total is null || part.First != received)
            throw Conflict("UPLOAD_OFFSET",
                $"This part begins with byte {part.First}, and {received} bytes are here.",
                "Go on where Upload-Offset says, or begin again with byte 0.", before?.Total is null ? 0 : received);
    }

    static Refused Conflict(string code, string sentence, string remedy, long received) =>
        new(StatusCodes.Status409Conflict, code, sentence, remedy)
        {
            Details = new Dictionary<string, object?> { ["upload_offset"] = received },
        };

    static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, Unbuffered,
                FileOptions.Asynchronous);
        }
        catch (IOException)
        {
            throw Refused.Conflict("UPLOAD_BUSY", "Another request is writing this upload.",
                "Wait until it has ended; HEAD says how much is here then.");
        }
    }

    static async Task Receive(Stream body, FileStream file, Part part, long most, CancellationToken ct)
    {
        var buffer = new byte[1 << 16];
        var expected = part.Length ?? most - part.First;
        try
        {
            for (var received = 0L; ;)
            {
                var count = await body.ReadAsync(buffer, ct);
                if (count == 0) return;
                received += count;
                if (received > expected)
                    throw new Refused(StatusCodes.Status413PayloadTooLarge, "UPLOAD_TOO_LARGE",
                        $"More bytes came than the {expected} that were announced or are accepted.");
                await file.WriteAsync(buffer.AsMemory(0, count), ct);
            }
        }
        catch (IOException full) when ((full.HResult & 0xFFFF) is DiskFull or DiskFullOnWindows)
        {
            throw new StorageUnavailableException("The disk is full; what had arrived before is kept.",
                "Make room, then go on where HEAD says.", full);
        }
    }

    static async Task<IResult> Finish(
        HttpContext http, string org, FileStream file, bool replaces, string name, Db db, Blobs blobs,
        TimeProvider clock, CancellationToken ct)
    {
        file.Position = 0;
        var sha = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct));
        var bytes = file.Length;
        // Out of the way while it is still held: whoever opens the upload's place from here on begins anew.
        var whole = $"{file.Name}-{sha}";
        File.Move(file.Name, whole, overwrite: true);
        await file.DisposeAsync();
        await blobs.PutFile(Source.BlobKey(org, sha), whole, ct);
        var now = clock.GetUtcNow();
        await using (var tx = await db.Begin(ct))
        {
            await tx.Run($"""
                update pipelines_uploads
                set sha256 = {sha}, bytes = {bytes}, total = null, received = {bytes}, changed_at = {now}
                where org = {org} and name = {name}
                """);
            await tx.Commit();
        }
        var state = new UploadState(name, "upload:" + name, true, bytes, bytes, sha);
        WriteHeaders(http.Response, state);
        return replaces ? Results.Ok(state) : Results.Created(http.Request.PathBase + http.Request.Path, state);
    }

    static async Task Note(
        Db db, string org, string name, long? total, long received, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        await tx.Run($"""
            insert into pipelines_uploads (org, name, total, received, created_at, changed_at)
            values ({org}, {name}, {total ?? 0}, {received}, {now}, {now})
            on conflict (org, name) do update
            set total = excluded.total, received = excluded.received, changed_at = excluded.changed_at
            """);
        await tx.Commit();
    }

    static IResult NotYet(HttpResponse response, UploadState state)
    {
        WriteHeaders(response, state);
        response.Headers.Range = string.Create(CultureInfo.InvariantCulture, $"bytes=0-{state.Received - 1}");
        return Results.Json(state, statusCode: StatusCodes.Status308PermanentRedirect);
    }

    static void WriteHeaders(HttpResponse response, UploadState state)
    {
        response.Headers[OffsetHeader] = state.Received.ToString(CultureInfo.InvariantCulture);
        if (state.Total is { } total) response.Headers[LengthHeader] = total.ToString(CultureInfo.InvariantCulture);
        response.Headers[CompleteHeader] = state.Complete ? "?1" : "?0";
        response.Headers.CacheControl = "no-store";
    }

    // A name may hold anything; the file's name is its hash.
    internal static string PartialPath(Blobs blobs, string org, string name) => Path.Combine(
        blobs.ScratchFolder("uploads-" + org),
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..40] + ".part");
}
