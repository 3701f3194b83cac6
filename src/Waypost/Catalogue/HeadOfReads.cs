namespace Waypost.Catalogue;

/// <summary>Answers HEAD wherever STAC answers GET (RFC 9110, section 9.3.2): the same, without the content.</summary>
static class HeadOfReads
{
    /// <summary>Put this before the routes are matched. The server keeps back what is written to a HEAD.</summary>
    public static IApplicationBuilder UseHeadOfReads(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (HttpMethods.IsHead(http.Request.Method) && IsStac(http.Request.Path)) http.Request.Method = HttpMethods.Get;
        return next(http);
    });

    static bool IsStac(PathString path)
    {
        var parts = (path.Value ?? "").Split('/', 6);
        return parts is [_, "external", ..] or [_, "api"]
            || parts is [_, "api", not ("v1" or "jobs" or "platform"), ..]
            || parts is [_, "api", "v1", _, "stac" or "external" or "shared", ..];
    }
}
