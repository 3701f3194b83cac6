using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Waypost.Access;

namespace Waypost.Hosting;

/// <summary>The console's page and files, out of the server's own assembly.</summary>
static class ConsoleFiles
{
    const string Prefix = "console/";
    const string Compressed = ".br";
    const string Page = "index.html";
    const string Why = "The page holds no data; what it shows it asks for like every other client.";

    // The map draws with a worker of this origin, on a canvas; pictures of items may lie with other catalogues.
    const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https:; "
        + "connect-src 'self'; worker-src 'self' blob:; font-src 'self'; manifest-src 'self'; "
        + "base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".mjs"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".json"] = "application/json",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    static readonly FrozenDictionary<string, Embedded> Files = Find(typeof(ConsoleFiles).Assembly);

    /// <summary>One file of the console.</summary>
    /// <param name="Resource">Its name in the assembly.</param>
    /// <param name="Type">Its media type.</param>
    /// <param name="IsCompressed">Whether only its Brotli form is kept.</param>
    sealed record Embedded(string Resource, string Type, bool IsCompressed)
    {
        public Stream Open() => typeof(ConsoleFiles).Assembly.GetManifestResourceStream(Resource)!;
    }

    /// <summary>The page at <c>/</c> and what it is made of.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/", Methods, Root).Open(Why).AnyQuery("A page ignores what trackers append to its address.")
            .ExcludeFromDescription();
        foreach (var name in Files.Keys.Where(name => name != Page))
            routes.MapMethods("/" + name, Methods, (HttpContext http) => File(http, name)).Open(Why)
                .ExcludeFromDescription();
    }

    /// <summary>Whether this build of the server carries the console.</summary>
    internal static bool Present => Files.ContainsKey(Page);

    static IResult Root(HttpContext http)
    {
        http.Response.Headers.Vary = HeaderNames.Accept;
        if (PrefersJson(http.Request)) return TypedResults.Ok(ServerIndex.Of(http));
        return Present ? File(http, Page) : WithoutConsole(http);
    }

    static bool PrefersJson(HttpRequest request)
    {
        var wanted = request.GetTypedHeaders().Accept.OrderByDescending(type => type.Quality ?? 1)
            .FirstOrDefault(type => type.MediaType != "*/*");
        return wanted is not null && (wanted.MediaType == "application/json" || wanted.SubTypeWithoutSuffix == "json");
    }

    static IResult File(HttpContext http, string name)
    {
        var file = Files[name];
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        // Names under assets/ hold a hash of the content; every other file is asked for again.
        headers.CacheControl = name.StartsWith("assets/", StringComparison.Ordinal)
            ? "public, max-age=31536000, immutable"
            : "no-cache";
        if (!file.IsCompressed) return Results.Stream(file.Open(), file.Type, entityTag: Tag(file));
        headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (!TakesBrotli(http.Request))
            return Results.Stream(new BrotliStream(file.Open(), CompressionMode.Decompress), file.Type);
        headers.ContentEncoding = "br";
        return Results.Stream(file.Open(), file.Type, entityTag: Tag(file));
    }

    static bool TakesBrotli(HttpRequest request) => request.GetTypedHeaders().AcceptEncoding
        .Any(coding => coding.Value.Equals("br", StringComparison.OrdinalIgnoreCase) && coding.Quality != 0);

    static EntityTagHeaderValue Tag(Embedded file)
    {
        using var content = file.Open();
        return new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
    }

    static ContentHttpResult WithoutConsole(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        return TypedResults.Text("""
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Waypost</title>
            <h1>Waypost is running</h1>
            <p>This server was built without its map console, because Node was not there when it was built.</p>
            <p>To get the console: install Node 20.19 or newer, then start the server again with
            <code>dotnet run --project src/Waypost</code>. Its build makes the console by itself.</p>
            <p>Everything else works: <a href="api">the catalogue as JSON</a>, <a href="health">health</a>.</p>
            </html>
            """, "text/html; charset=utf-8");
    }

    static FrozenDictionary<string, Embedded> Find(Assembly assembly) => assembly.GetManifestResourceNames()
        .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
        .ToDictionary(NameOf, resource => new Embedded(
            resource,
            Types.GetValueOrDefault(Path.GetExtension(NameOf(resource)), "application/octet-stream"),
            resource.EndsWith(Compressed, StringComparison.Ordinal)))
        .ToFrozenDictionary();

    static string NameOf(string resource) => resource.EndsWith(Compressed, StringComparison.Ordinal)
        ? resource[Prefix.Length..^Compressed.Length]
        : resource[Prefix.Length..];
}
