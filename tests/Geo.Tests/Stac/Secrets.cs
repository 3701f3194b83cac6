using System.Globalization;
using System.Text.Json.Nodes;

namespace Waypost.Geo.Tests.Stac;

/// <summary>
/// Makes documents with secrets in random places, each together with what should be seen of it from outside. The
/// second is made by the rule as it is documented, beside the first: nothing of the code under test is used.
/// </summary>
sealed class Secrets(Random random)
{
    /// <summary>Is in every secret, and nowhere else.</summary>
    public const string Mark = "s3cr3t";

    /// <summary>Addresses of this server that no outside view has.</summary>
    static readonly string[] inside = ["/platform/status/", "/api/v1/", "/api/jobs/", "/api/collections/c/items/i/"];

    int count;

    /// <summary>A value, and what is seen of it: null when nothing is.</summary>
    /// <param name="Whole">All of it.</param>
    /// <param name="Outer">What is seen.</param>
    /// <param name="IsSeen">Whether anything is.</param>
    /// <param name="IsDoomed">Whether it is an object hidden for its address, rather than for being left empty.</param>
    readonly record struct Both(JsonNode? Whole, JsonNode? Outer, bool IsSeen, bool IsDoomed = false);

    /// <summary>An item that is valid STAC, and what is seen of it.</summary>
    public (JsonObject Whole, JsonObject Outer) Item()
    {
        var (whole, outer) = Head("Feature");
        whole["geometry"] = JsonNode.Parse("""{"type":"Point","coordinates":[1,2]}""");
        whole["bbox"] = new JsonArray(1, 2, 1, 2);
        Same(whole, outer, "geometry", "bbox");
        var (properties, seen) = (new JsonObject { ["datetime"] = "2024-05-01T12:00:00Z" }, new JsonObject());
        Same(properties, seen, "datetime");
        foreach (var name in (string[])["title", "description", "license:note", "file:size"])
            Put(properties, seen, name, Text());
        Put(properties, seen, "keywords", Filtered(Several(Text)));
        Put(properties, seen, "providers", Filtered(Several(Provider)));
        Strange(properties, seen);
        (whole["properties"], outer["properties"]) = (properties, seen);
        (whole["assets"], outer["assets"]) = Keyed(Asset);
        Strange(whole, outer);
        return (whole, outer);
    }

    /// <summary>A collection that is valid STAC, and what is seen of it.</summary>
    public (JsonObject Whole, JsonObject Outer) Collection()
    {
        var (whole, outer) = Head("Collection");
        whole["license"] = "other";
        whole["extent"] = JsonNode.Parse(
            """{"spatial":{"bbox":[[-180,-90,180,90]]},"temporal":{"interval":[[null,null]]}}""");
        Same(whole, outer, "license", "extent");
        var description = Text();
        (whole["description"], outer["description"]) =
            (description.Whole, description.IsSeen ? description.Outer : whole["id"]!.DeepClone());
        Put(whole, outer, "title", Text());
        Put(whole, outer, "keywords", Filtered(Several(Text)));
        Put(whole, outer, "providers", Filtered(Several(Provider)));
        (whole["assets"], outer["assets"]) = Keyed(Asset);
        var (all, some) = Keyed(ItemAsset);
        whole["item_assets"] = all;
        if (all.Count == 0 || some.Count > 0)
            outer["item_assets"] = some;
        var (summaries, shown) = Keyed(() => random.Next(2) == 0 ? Filtered(Several(Any)) : Members(0));
        foreach (var (name, value) in summaries.ToList())
        {
            if (value is JsonArray { Count: 0 } or JsonObject { Count: 0 })
            {
                summaries.Remove(name);
                shown.Remove(name);
            }
        }
        whole["summaries"] = summaries;
        if (summaries.Count == 0 || shown.Count > 0)
            outer["summaries"] = shown;
        Strange(whole, outer);
        return (whole, outer);
    }

    (JsonObject, JsonObject) Head(string type)
    {
        var (whole, outer) = (new JsonObject
        {
            ["type"] = type,
            ["stac_version"] = "1.1.0",
            ["id"] = "a.b-1",
            ["collection"] = "c",
        }, new JsonObject());
        Same(whole, outer, "type", "stac_version", "id", "collection");
        var link = new Both(JsonNode.Parse("""{"rel":"collection","href":"https://example.org/c"}"""), null, true);
        (whole["links"], outer["links"]) = Lists([link with { Outer = link.Whole!.DeepClone() }, .. Several(Link)]);
        return (whole, outer);
    }

    Both Asset()
    {
        var asset = Members(0, href: true);
        return asset.Whole is JsonObject ? asset : throw new InvalidOperationException();
    }

    Both Link()
    {
        var link = Members(0, href: true);
        var rel = random.Next(6) == 0 ? Secret() : Seen("related");
        link.Whole!["rel"] = rel.Whole;
        if (link.IsSeen && rel.IsSeen)
            link.Outer!["rel"] = rel.Outer;
        return link.IsSeen && rel.IsSeen ? link : link with { Outer = null, IsSeen = false };
    }

    Both Provider()
    {
        var provider = Members(0);
        var name = Text();
        provider.Whole!["name"] = name.Whole;
        // With a name it is not empty, whatever else of it is hidden.
        if (!name.IsSeen || provider.IsDoomed)
            return provider with { Outer = null, IsSeen = false };
        var outer = provider.Outer ?? new JsonObject();
        outer["name"] = name.Outer;
        return new Both(provider.Whole, outer, true);
    }

    Both ItemAsset()
    {
        var (whole, outer) = (new JsonObject { ["type"] = "image/tiff", ["title"] = "T" }, new JsonObject());
        Same(whole, outer, "type", "title");
        if (random.Next(2) == 0)
        {
            var title = Text();
            whole["title"] = title.Whole;
            if (title.IsSeen)
                outer["title"] = title.Outer;
            else
                outer.Remove("title");
        }
        return new Both(whole, outer, outer.Count > 1);
    }

    Both Any() => Any(0);

    Both Any(int depth) => random.Next(depth > 3 ? 5 : 8) switch
    {
        0 => new Both(JsonValue.Create(++count), JsonValue.Create(count), true),
        1 => new Both(JsonValue.Create(true), JsonValue.Create(true), true),
        2 => new Both(null, null, true),
        3 or 4 => Text(),
        5 => Filtered(Several(() => Any(depth + 1))),
        _ => Members(depth + 1),
    };

    /// <summary>An object with anything in it.</summary>
    Both Members(int depth, bool href = false)
    {
        var (whole, outer) = (new JsonObject(), new JsonObject());
        Strange(whole, outer, depth);
        var hidden = false;
        if (href || random.Next(6) == 0)
        {
            var address = random.Next(9) switch
            {
                0 or 1 => Secret(),
                8 => new Both(JsonValue.Create(inside[random.Next(inside.Length)] + Mark), null, false),
                2 when !href => new Both(new JsonObject { ["a"] = 1 }, null, false),
                3 => new Both(JsonValue.Create("data/" + Mark), null, false),
                4 => new Both(JsonValue.Create("data:text/plain," + Mark), null, false),
                _ => Seen("https://example.org/" + Name()),
            };
            whole["href"] = address.Whole;
            if (address.IsSeen)
                outer["href"] = address.Outer;
            hidden = !address.IsSeen;
        }
        var isDoomed = hidden;
        hidden |= whole.Count > 0 && outer.Count == 0;
        return new Both(whole, hidden ? null : outer, !hidden, isDoomed);
    }

    void Strange(JsonObject whole, JsonObject outer, int depth = 0)
    {
        for (var n = random.Next(4); n > 0; n--)
        {
            var secret = random.Next(6) == 0;
            var name = secret ? (string)Secret().Whole! : "x:" + Name();
            var value = Any(depth + 1);
            whole[name] = value.Whole;
            if (!secret && value.IsSeen)
                outer[name] = value.Outer;
        }
    }

    Both Text() => random.Next(3) == 0 ? Secret() : Seen(Plain());

    Both[] Several(Func<Both> one) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => one())];

    static Both Filtered(Both[] members)
    {
        var (whole, outer) = Lists(members);
        return new Both(whole, outer, members.Length == 0 || outer.Count > 0);
    }

    static (JsonArray Whole, JsonArray Outer) Lists(Both[] members) => (
        new JsonArray([.. members.Select(member => member.Whole)]),
        new JsonArray([.. members.Where(member => member.IsSeen).Select(member => member.Outer)]));

    (JsonObject Whole, JsonObject Outer) Keyed(Func<Both> one)
    {
        var (whole, outer) = (new JsonObject(), new JsonObject());
        for (var n = random.Next(4); n > 0; n--)
        {
            var value = one();
            var secret = random.Next(6) == 0;
            var name = secret ? (string)Secret().Whole! : random.Next(8) == 0 ? "href" : Name();
            if (whole.ContainsKey(name))
                continue;
            whole[name] = value.Whole;
            if (value.IsSeen && !secret)
                outer[name] = value.Outer;
        }
        return (whole, outer);
    }

    static void Put(JsonObject whole, JsonObject outer, string name, Both value)
    {
        whole[name] = value.Whole;
        if (value.IsSeen)
            outer[name] = value.Outer;
    }

    static void Same(JsonObject whole, JsonObject outer, params string[] names)
    {
        foreach (var name in names)
            outer[name] = whole[name]!.DeepClone();
    }

    static Both Seen(string text) => new(JsonValue.Create(text), JsonValue.Create(text), true);

    string Name() => "n" + (count++).ToString(CultureInfo.InvariantCulture);

    string Plain()
    {
        string[] texts = ["T {0}", "2024-05-01T12:00:00Z", "https://example.org/{0}?a=b#c", "EPSG:4326 {0}",
            "m/s {0} 100%", "See [it](https://example.org/{0}).", "\u00C9 \u4E2D {0}", "urn:x:{0}", "<b>{0}</b>"];
        return string.Format(CultureInfo.InvariantCulture, texts[random.Next(texts.Length)], Name());
    }

    /// <summary>A secret in one of many dresses; the mark itself stays readable, to be looked for.</summary>
    Both Secret()
    {
        string[] roots = ["file:///{0}", "/{0}/x.nc", "s3://{0}/key", "C:\\{0}", "\\\\{0}\\share", "../{0}",
            "/vsicurl/https://example.org/{0}", "https://example.org/?u=file:///{0}", "ftp://{0}", "file:{0}"];
        var text = string.Format(CultureInfo.InvariantCulture, roots[random.Next(roots.Length)], Mark + Name());
        text = random.Next(9) switch
        {
            0 => Dressed(text, ("/", "%2F"), (":", "%3a")),
            1 => Dressed(text, ("/", "%252F"), ("\\", "%255C")),
            2 => Dressed(text, ("/", "&#x2f;"), (":", "&colon;")),
            3 => Dressed(text, ("/", "\uFF0F"), ("\\", "\uFF3C")),
            4 => Dressed(text, (Mark, "\u200B" + Mark)),
            5 => Dressed(text, ("f", "F"), ("s3:", "S3:")),
            6 => Dressed(text, (":", "\t:")),
            _ => text,
        };
        text = random.Next(6) switch
        {
            0 => "see [here](" + text + ")",
            1 => " \n" + text,
            2 => "<" + text + ">",
            _ => text,
        };
        return new Both(JsonValue.Create(text), null, false);
    }

    static string Dressed(string text, params ReadOnlySpan<(string Plain, string Dress)> dresses)
    {
        foreach (var (plain, dress) in dresses)
            text = text.Replace(plain, dress, StringComparison.Ordinal);
        return text;
    }
}
