using Waypost.Geo.Stac;

namespace Waypost.Catalogue;

/// <summary>What a writer of documents hears.</summary>
static class WriteAnswers
{
    /// <summary>Names the places in the document that had faults and were put right.</summary>
    const string Repaired = "Waypost-Repaired";

    const int MostRepairs = 20;

    /// <summary>The headers: its entity tag, and where it was put right.</summary>
    public static void Head(HttpContext http, StoredDocument document, IReadOnlyList<StacRepairNote> repairs)
    {
        http.Response.Headers.ETag = Preconditions.ETagOf(document.Hash);
        if (repairs.Count > 0)
            http.Response.Headers[Repaired] =
                string.Join(", ", repairs.Take(MostRepairs).Select(repair => Uri.EscapeDataString(repair.Path)
                    .Replace("%2F", "/", StringComparison.Ordinal)));
    }

    /// <summary>The document as it is kept now, or 204 where nobody wants it.</summary>
    public static async Task Body(
        HttpContext http, int status, StoredDocument document, string mediaType, LinkRoots roots, bool show,
        CancellationToken ct)
    {
        if (!show)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        http.Response.StatusCode = status;
        http.Response.ContentType = mediaType;
        roots.Write(document.Body, http.Response.BodyWriter);
        await http.Response.BodyWriter.FlushAsync(ct);
    }

    /// <summary>True where the request asks to see what became of the document (RFC 7240: Prefer:
    /// return=representation).</summary>
    public static bool WantsDocument(HttpContext http) => http.Request.Headers["Prefer"].Any(
        preference => preference?.Contains("return=representation", StringComparison.OrdinalIgnoreCase) == true);
}
