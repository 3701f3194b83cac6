using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>What the demo is to show.</summary>
/// <param name="Files">Files to submit; none: the samples that come with the server.</param>
/// <param name="Exit">Stop when done instead of serving on.</param>
/// <param name="AdminKey">The key that it asks with.</param>
/// <param name="DataFolder">Where the server keeps its data: the same file in another folder is another
/// version.</param>
public sealed record DemoOptions(IReadOnlyList<string> Files, bool Exit, string AdminKey, string DataFolder);

/// <summary>The main job before one's eyes: real files go in through the front door, and what comes out is fetched and
/// looked at.</summary>
/// <remarks>It is a client like any other: it knows the server only by its address and a key.</remarks>
static class Demo
{
    const int UploadBuffer = 1 << 16;
    const int WaitSeconds = 1;
    static readonly TimeSpan LongestRequest = TimeSpan.FromHours(6);

    /// <summary>Shows every file.</summary>
    /// <returns>0 when each step of each file was verified; else 1.</returns>
    public static async Task<int> Run(WebApplication app, DemoOptions options, CancellationToken ct)
    {
        using var client = new HttpClient
        {
            BaseAddress = new Uri(app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)
                .Replace("[::]", "[::1]", StringComparison.Ordinal)),
            Timeout = LongestRequest,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", options.AdminKey) },
        };
        var files = options.Files.Count > 0
            ? [.. options.Files.Select(DemoFile.OnDisk)]
            : await DemoFile.Samples(ct);
        var failed = 0;
        await DemoScreen.Show(files.Select(file => file.Name).ToList(), async screen =>
        {
            foreach (var file in files)
                if (!await Show(client, file, options.DataFolder, screen, ct)) failed++;
        });
        DemoScreen.Say(failed == 0
            ? "Every step of every file was verified."
            : $"{failed} of {files.Count} files did not come through; see above.");
        if (options.Exit) return failed == 0 ? 0 : 1;

        DemoScreen.Say($"Serving on at {client.BaseAddress}. Stop with Ctrl+C.");
        await app.WaitForShutdownAsync(ct);
        return failed == 0 ? 0 : 1;
    }

    static async Task<bool> Show(
        HttpClient client, DemoFile file, string folder, DemoScreen screen, CancellationToken ct)
    {
        try
        {
            var source = await Upload(client, file, screen, ct);
            var submitted = await Submit(client, file, source, await file.Version(folder, ct), ct);
            var status = await Follow(client, submitted, file, screen, ct);
            var seen = await DemoChecks.Verify(client, status, ct);
            screen.Done(file.Name, seen);
            return true;
        }
        catch (Exception problem) when (problem is DemoFailedException or HttpRequestException or IOException
            or JsonException or UnauthorizedAccessException)
        {
            screen.Failed(file.Name, problem.Message);
            return false;
        }
    }

    static async Task<string> Upload(HttpClient client, DemoFile file, DemoScreen screen, CancellationToken ct)
    {
        await using var content = file.Open();
        using var body = new StreamContent(new Watched(
            content, at => screen.Step(file.Name, "uploading", at / (double)Math.Max(1, content.Length))),
                UploadBuffer);
        body.Headers.ContentLength = content.Length;
        using var response = await client.PutAsync("/platform/uploads/" + Uri.EscapeDataString(file.Name), body, ct);
        return (await Read(response, ct)).GetProperty("source_path").GetString()!;
    }

    static async Task<JsonElement> Submit(
        HttpClient client, DemoFile file, string source, string version, CancellationToken ct)
    {
        var body = new
        {
            dataset_id = "demo",
            resource_id = file.ResourceId,
            version_id = version,
            request_type = file.Type,
            source_path = source,
            title = file.Name,
        };
        using var response = await client.PostAsJsonAsync("/platform/submit", body, Json.Options, ct);
        if ((int)response.StatusCode != 409) return await Read(response, ct);

        // It failed in an earlier demo: try again, which is what a person would do.
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(ct);
        if (problem.GetProperty("code").GetString() != "REQUEST_FAILED") return await Read(response, ct);
        using var again = await client.PostAsJsonAsync(
            "/platform/resubmit", new { request_id = problem.GetProperty("request_id").GetString() }, ct);
        return await Read(again, ct);
    }

    static async Task<JsonElement> Follow(
        HttpClient client, JsonElement submitted, DemoFile file, DemoScreen screen, CancellationToken ct)
    {
        var url = submitted.GetProperty("status_url").GetString()!;
        while (true)
        {
            using var response = await client.GetAsync($"{url}?wait={WaitSeconds}", ct);
            var status = await Read(response, ct);
            var percent = status.GetProperty("progress_percent").GetDouble();
            switch (status.GetProperty("status").GetString())
            {
                case "completed":
                    return status;
                case "failed":
                    var error = status.GetProperty("error");
                    throw new DemoFailedException(
                        $"{error.GetProperty("code").GetString()}: {error.GetProperty("message").GetString()} "
                        + error.GetProperty("remediation").GetString());
                default:
                    screen.Step(file.Name, status.GetProperty("progress").GetProperty("workflow_name").GetString()!,
                        percent / 100);
                    break;
            }
        }
    }

    /// <summary>The body of an answer that must be a success.</summary>
    internal static async Task<JsonElement> Read(HttpResponseMessage response, CancellationToken ct)
    {
        var text = await response.Content.ReadAsStringAsync(ct);
        return response.IsSuccessStatusCode ? JsonElement.Parse(text) : throw new DemoFailedException(
            $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri!.PathAndQuery} answered "
            + $"{(int)response.StatusCode}: {text}");
    }
}

/// <summary>Something that the demo expected did not come; the message says what.</summary>
sealed class DemoFailedException(string message) : Exception(message);

/// <summary>One file that the demo submits.</summary>
/// <param name="Name">What a person calls it.</param>
/// <param name="Open">Opens its content.</param>
sealed record DemoFile(string Name, Func<Stream> Open)
{
    const int VersionDigits = 12;

    /// <summary>raster or vector, as its name says; the server looks into it.</summary>
    public string Type => Name.EndsWith(".tif", StringComparison.OrdinalIgnoreCase)
        || Name.EndsWith(".tiff", StringComparison.OrdinalIgnoreCase) ? "raster" : "vector";

    /// <summary>Its name as an id may be.</summary>
    public string ResourceId
    {
        get
        {
            var id = string.Concat(Path.GetFileNameWithoutExtension(Name)
                .Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'))
                    .TrimStart('.', '_', '-');
            return id.Length > 0 ? id : "file";
        }
    }

    /// <summary>The same content in the same data folder is the same version, so that a demo may be repeated.</summary>
    public async Task<string> Version(string folder, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder)));
        await using var content = Open();
        hash.AppendData(await SHA256.HashDataAsync(content, ct));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..VersionDigits];
    }

    /// <summary>A file of the caller's.</summary>
    public static DemoFile OnDisk(string path) => new(Path.GetFileName(path), () => File.OpenRead(path));

    /// <summary>The samples: countries, and a picture of the world painted from them.</summary>
    public static async Task<List<DemoFile>> Samples(CancellationToken ct)
    {
        var countries = new MemoryStream();
        await using (var resource = typeof(Demo).Assembly.GetManifestResourceStream("Samples/countries.geojson")!)
            await resource.CopyToAsync(countries, ct);
        var shapes = new List<NetTopologySuite.Geometries.Geometry>();
        using (var reading = new Geo.Vector.VectorReading(new MemoryStream(countries.ToArray())))
            await foreach (var feature in reading.Features(ct)) shapes.Add(feature.Geometry);
        var picture = new MemoryStream();
        const int width = 2048;
        Geo.Vector.SampleTiff.Write(
            picture, Geo.Vector.Rasterize.World(shapes, width, width / 2), width, width / 2, Geo.Geometry.GeoBox.World);
        return
        [
            new DemoFile("world.tif", () => new MemoryStream(picture.ToArray())),
            new DemoFile("countries.geojson", () => new MemoryStream(countries.ToArray())),
        ];
    }
}

/// <summary>A stream that says how far it has been read.</summary>
sealed class Watched(Stream inner, Action<long> at) : Stream
{
    long read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position { get => read; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Told(inner.Read(buffer, offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer,
        CancellationToken cancellationToken = default) =>
        Told(await inner.ReadAsync(buffer, cancellationToken));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    int Told(int count)
    {
        read += count;
        at(read);
        return count;
    }
}
