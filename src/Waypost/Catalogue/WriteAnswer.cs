using System.Text;
using Waypost.Geo.Stac;

namespace Waypost.Catalogue;

/// <summary>What a writer of documents hears.</summary>
/// <param name="Document">The document as it is kept now.</param>
/// <param name="Repairs">What was put right in it.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Address">Where it is.</param>
readonly record struct WriteAnswer(
    StoredDocument Document, IReadOnlyList<StacRepairNote> Repairs, string MediaType, string Address)
{
    /// <summary>Names the places in the document that had faults and were put right.</summary>
    const string Repaired = "Waypost-Repaired";

    const int MostRepairs = 20;

    /// <summary>Answers 201 where it was created, and 200 or 204 otherwise; with the document where that is wanted
    /// (RFC 7240), or where it was created and nobody said.</summary>
    /// <param name="http">The request.</param>
    /// <param name="isNew">It was not there before.</param>
    /// <param name="roots">What its links begin with.</param>
    /// <param name="sent">What a PUT sent, null for another method: RFC 9110, section 9.3.4, allows an entity tag in
    /// the answer to a PUT only where what is kept now is, byte for byte, what was sent; a writer would take it for the
    /// tag of that. With the document in the answer, it is that one's.</param>
    /// <param name="ct">Stops it.</param>
    public async Task Write(
        HttpContext http, bool isNew, LinkRoots roots, ReadOnlyMemory<byte>? sent, CancellationToken ct)
    {
        var wanted = Preferences.Return(http.Request.Headers);
        var shows = wanted == WantedReturn.Representation || (isNew && wanted == WantedReturn.Unsaid);
        var headers = http.Response.Headers;
        if (shows || sent is not { } bytes || Same(bytes, roots)) headers.ETag = Preconditions.ETagOf(Document.Hash);
        if (Repairs.Count > 0)
            headers[Repaired] = string.Join(", ", Repairs.Take(MostRepairs).Select(repair =>
                Uri.EscapeDataString(repair.Path).Replace("%2F", "/", StringComparison.Ordinal)));
        if (isNew) headers.Location = Address;
        Apply(http, wanted);
        http.Response.StatusCode = isNew ? StatusCodes.Status201Created
            : shows ? StatusCodes.Status200OK : StatusCodes.Status204NoContent;
        if (!shows) return;
        headers.ContentLocation = Address;
        http.Response.ContentType = MediaType;
        roots.Write(Document.Body, http.Response.BodyWriter);
        await http.Response.BodyWriter.FlushAsync(ct);
    }

    /// <summary>Says which preference was followed.</summary>
    public static void Apply(HttpContext http, WantedReturn wanted)
    {
        if (wanted != WantedReturn.Unsaid)
            http.Response.Headers["Preference-Applied"] = "return=" + wanted.ToString().ToLowerInvariant();
    }

    bool Same(ReadOnlyMemory<byte> bytes, LinkRoots roots) =>
        bytes.Span.SequenceEqual(Encoding.UTF8.GetBytes(roots.Expand(Document.Body)));
}
