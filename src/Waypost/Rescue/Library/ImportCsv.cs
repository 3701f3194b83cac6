using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>Takes a list of addresses with their sizes as CSV of any length. A line that is wrong fails by its number,
/// and alone.</summary>
static class ImportCsv
{
    /// <summary>What a column may be called; a blank field says nothing.</summary>
    public static readonly IReadOnlyList<string> Columns =
        ["url", "size_bytes", "rank", "kind", "title", "sha256", "etag", "modified", "copies_min", "copies_max"];

    const int AtOnce = 2_000;
    const int LongestText = 1_000;
    const int LongestKind = 50;
    const int MostCopies = 1_000;
    const int LongestName = 200;
    const int Sha256Characters = 64;

    sealed record Line(long Number, WantedAsset Asset);

    public static void Map(IEndpointRouteBuilder rescue, string operations) => rescue.MapPost("/imports/csv", Run)
        .Permit(Permission.RescueWrite).WithTags("Rescue").WithName(operations + "ImportCsv")
        .WithSummary("Import a list of addresses with their sizes: url,size_bytes[,rank,kind,title,sha256,…]")
        .TakesStreams("text/csv").Produces<ImportReport>();

    static async Task<Ok<ImportReport>> Run(
        HttpContext http, Caller caller, Databases databases, TimeProvider clock, CancellationToken ct,
        [StringLength(LongestName, MinimumLength = 1)] string source = "csv")
    {
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
        var import = new Import(databases, caller.Org, "csv", source, clock);
        IReadOnlyList<string>? columns = null;
        var waiting = new List<Line>();
        await foreach (var line in CsvLines.Of(http.Request.BodyReader, ct))
        {
            if (columns is null)
            {
                columns = Header(line);
                await import.Begin(ct);
                continue;
            }
            if (line.Fields is null) Fail(import, line.Number, null, line.Problem!);
            else if (Read(columns, line.Fields, out var asset) is { } why)
                Fail(import, line.Number, line.Fields.Count > 0 ? Short(line.Fields[0]) : null, why);
            else waiting.Add(new Line(line.Number, asset!));
            if (waiting.Count < AtOnce) continue;
            await Write(import, caller.Org, waiting, ct);
            waiting.Clear();
        }
        if (columns is null) throw NoHeader("It is empty.");
        await Write(import, caller.Org, waiting, ct);
        return TypedResults.Ok(await import.End(complete: false, ct));
    }

    static IReadOnlyList<string> Header(CsvLine line)
    {
        var columns = line.Fields ?? throw NoHeader(line.Problem!);
        if (columns.FirstOrDefault(name => !Columns.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw NoHeader($"The column {Short(unknown)} is not known.");
        if (columns.Distinct(StringComparer.Ordinal).Count() < columns.Count)
            throw NoHeader("A column is named twice.");
        return columns.Contains("url", StringComparer.Ordinal) ? columns : throw NoHeader("There is no column url.");
    }

    static Refused NoHeader(string why) => new(
        400, "INVALID_CSV_HEADER", "The first line of the CSV does not name its columns: " + why,
        $"Let it begin with url,size_bytes; known are {string.Join(", ", Columns)}.")
    {
        Details = new Dictionary<string, object?> { ["allowed"] = Columns },
    };

    static async Task Write(Import import, string org, List<Line> lines, CancellationToken ct)
    {
        // The last line that has an address says what it is.
        var wanted = lines.GroupBy(line => Convert.ToHexString(line.Asset.Url.Sha256), StringComparer.Ordinal)
            .Select(same => same.Last()).ToList();
        if (wanted.Count == 0) return;
        var isKept = await import.Chunk(async (tx, tally, now) =>
        {
            var kept = await tx.KeepAssets(org, wanted.ConvertAll(line => line.Asset), now);
            tally.Assets = new ImportCounts(kept.Created, kept.Changed, kept.Unchanged, 0, 0);
        }, ct);
        if (isKept) return;
        if (wanted.Count == 1)
        {
            Fail(import, wanted[0].Number, wanted[0].Asset.Url.Text, "The database does not take it.");
            return;
        }
        await Write(import, org, wanted[..(wanted.Count / 2)], ct);
        await Write(import, org, wanted[(wanted.Count / 2)..], ct);
    }

    static void Fail(Import import, long number, string? name, string why)
    {
        import.Fail(new ImportFailure(number, name, why));
        import.Tally.Assets = import.Tally.Assets with { Failed = import.Tally.Assets.Failed + 1 };
    }

    static string? Read(IReadOnlyList<string> columns, IReadOnlyList<string> fields, out WantedAsset? asset)
    {
        asset = null;
        if (fields.Count != columns.Count)
            return $"The line has {fields.Count} fields; its header names {columns.Count} columns.";
        var said = columns.Zip(fields).ToDictionary(one => one.First, one => one.Second, StringComparer.Ordinal);
        string Field(string name) => said.GetValueOrDefault(name, "");
        if (AssetUrl.Read(Field("url"), out var url) is { } why) return why;
        string? wrong = null;
        var read = new WantedAsset(url!, Field("title"))
        {
            SizeBytes = Number("size_bytes", 0, CkanPackage.MostBytes),
            Rank = Number("rank", 1, long.MaxValue / 2),
            Kind = Field("kind") is { Length: > 0 } kind ? kind : AssetUrl.KindOf(url!.Text),
            ETag = Field("etag") is { Length: > 0 } etag ? etag : null,
            Sum = Sum(),
            SourceModified = Time(),
            CopiesMin = (int?)Number("copies_min", 1, MostCopies),
            CopiesMax = (int?)Number("copies_max", 1, MostCopies),
        };
        if (read.Title.Length > LongestText) wrong ??= $"title has more than {LongestText} characters.";
        if (read.ETag?.Length > LongestText) wrong ??= $"etag has more than {LongestText} characters.";
        if (read.Kind.Length > LongestKind) wrong ??= $"kind has more than {LongestKind} characters.";
        if (read.CopiesMax < read.CopiesMin) wrong ??= "copies_max is less than copies_min.";
        if (wrong is null) asset = read;
        return wrong;

        long? Number(string name, long least, long most)
        {
            if (Field(name).Length == 0) return null;
            if (long.TryParse(Field(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most)
                return number;
            wrong ??= $"{name} is '{Short(Field(name))}'; a whole number from {least} to {most} was expected.";
            return null;
        }

        byte[]? Sum()
        {
            var text = Field("sha256");
            if (text.Length == 0) return null;
            if (text.Length == Sha256Characters && text.All(char.IsAsciiHexDigit)) return Convert.FromHexString(text);
            wrong ??= $"sha256 has {text.Length} characters; {Sha256Characters} hexadecimal digits were expected.";
            return null;
        }

        DateTimeOffset? Time()
        {
            if (Field("modified").Length == 0) return null;
            if (DateTimeOffset.TryParse(Field("modified"), CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)) return time;
            wrong ??= $"modified is '{Short(Field("modified"))}'; a time such as 2025-01-31T12:00:00Z was expected.";
            return null;
        }
    }

    static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
