using System.Globalization;
using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Tests.Catalogue;

/// <summary>Collections and items to catalogue.</summary>
static class Samples
{
    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static Json Collection(string id, string description = "Things to find.") => new($$"""
        {"type":"Collection","stac_version":"1.1.0","id":"{{id}}","description":"{{description}}","license":"other",
         "extent":{"spatial":{"bbox":[[-180,-90,180,90]]},"temporal":{"interval":[[null,null]] } },
         "links":[{"rel":"self","href":"./collection.json"},{"rel":"license","href":"https://example.org/l"}]}
        """);

    public static Json Item(
        string collection, string id, double[]? box = null, string? datetime = "2024-05-06T07:08:09Z",
        string? geometry = null, string properties = "\"title\":\"A thing\"", string assets = "{}", string links = "[]")
    {
        var placed = box is not null || geometry is not null;
        geometry ??= box is null ? "null" : Rectangle(box);
        var bbox = placed ? $"\"bbox\":[{Numbers(box ?? [-180, -90, 180, 90])}]," : "";
        var time = datetime is null ? "\"datetime\":null" : $"\"datetime\":\"{datetime}\"";
        return new Json($$"""
            {"type":"Feature","stac_version":"1.1.0","stac_extensions":[],"id":"{{id}}","collection":"{{collection}}",
             {{bbox}}"geometry":{{geometry}},"properties":{ {{time}},{{properties}} },
             "assets":{{assets}},"links":{{links}}}
            """);
    }

    public static string Rectangle(double[] box)
    {
        var (w, s, e, n) = (Number(box[0]), Number(box[1]), Number(box[2]), Number(box[3]));
        return $$"""
            {"type":"Polygon","coordinates":[[[{{w}},{{s}}],[{{e}},{{s}}],[{{e}},{{n}}],[{{w}},{{n}}],[{{w}},{{s}}]]]}
            """;
    }

    /// <summary>Writes collections and items through the catalogue's own door, in one transaction.</summary>
    public static Task Put(this TestOrg org, string collection, params Json[] items) => org.Do(async tx =>
    {
        await tx.PutCollection(org.Id, Collection(collection), Now);
        foreach (var item in items) await tx.PutItem(org.Id, item, Now);
    });

    public static string Numbers(IEnumerable<double> numbers) => string.Join(',', numbers.Select(Number));

    static string Number(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
