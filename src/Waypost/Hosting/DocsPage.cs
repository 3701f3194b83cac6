using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;

namespace Waypost.Hosting;

/// <summary>The description of the API for people: a page that needs nothing but this server.</summary>
static class DocsPage
{
    const string Why = "The documentation is public; the data behind the routes is not.";
    const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'";

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (path, name, type) in ((string, string, string)[])[
            ("/docs", "docs/index.html", "text/html; charset=utf-8"),
            ("/docs/page.css", "docs/page.css", "text/css; charset=utf-8"),
            ("/docs/page.js", "docs/page.js", "text/javascript; charset=utf-8")])
        {
            var text = Read(name);
            routes.MapGet(path, (HttpContext http) => Show(http, text, type)).Open(Why).ExcludeFromDescription();
        }
        var problems = ProblemsPage(Read("docs/problems.md"));
        routes.MapGet("/docs/problems", (HttpContext http) => Show(http, problems, "text/html; charset=utf-8"))
            .Open(Why).ExcludeFromDescription();
    }

    static ContentHttpResult Show(HttpContext http, string text, string type)
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Text(text, type);
    }

    /// <summary>docs/problems.md as a page on which each code is a place to link to.</summary>
    internal static string ProblemsPage(string markdown)
    {
        var page = new StringBuilder("""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Waypost: problems</title>
            <link rel="stylesheet" href="page.css"></head><body>

            """);
        var inTable = false;
        foreach (var line in markdown.Split('\n'))
        {
            if (line.StartsWith('|') != inTable) page.Append((inTable = !inTable) ? "<table>" : "</table>\n");
            if (line.StartsWith("|---", StringComparison.Ordinal)
                || line.StartsWith("| code", StringComparison.Ordinal))
                continue;
            page.Append(line.Split('|', 4) switch
            {
                ["", var code, var meaning, ..] => Row(code.Trim().Trim('`'), meaning.Trim()),
                _ when line.StartsWith("# ", StringComparison.Ordinal) => $"<h1>{Html(line[2..])}</h1>\n",
                _ when line.StartsWith("## ", StringComparison.Ordinal) => $"<h2>{Html(line[3..])}</h2>\n",
                _ => Html(line) + (line.Length == 0 ? "<p>\n" : "\n"),
            });
        }
        return page.Append("</body></html>\n").ToString();
    }

    static string Row(string code, string meaning) =>
        $"<tr id=\"{Html(code)}\"><td><code>{Html(code)}</code></td><td>{Html(meaning)}</td></tr>\n";

    // Between backquotes stands code.
    static string Html(string text) => string.Concat(WebUtility.HtmlEncode(text).Split('`')
        .Select((part, i) => i % 2 == 1 ? $"<code>{part}</code>" : part));

    static string Read(string name)
    {
        using var reader = new StreamReader(typeof(DocsPage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The build left {name} out."));
        return reader.ReadToEnd();
    }
}
