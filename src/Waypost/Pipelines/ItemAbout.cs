using System.Text.Json.Nodes;
using Waypost.Geo.Geometry;
using Waypost.Geo.Stac;
using Waypost.Storage;
using NtsGeometry = NetTopologySuite.Geometries.Geometry;

namespace Waypost.Pipelines;

/// <summary>What a request says about its item, whatever it shows; goes with a job that makes the item.</summary>
sealed record ItemAbout(
    string RequestId, string ItemId, string Dataset, string Resource, string Version, string? Title,
    string? Description, IReadOnlyList<string> Tags, DateTimeOffset CreatedAt)
{
    /// <summary>What this request says.</summary>
    public static ItemAbout Of(RequestRow request)
    {
        var (who, asked) = (request.Identity, request.Payload);
        return new ItemAbout(
            request.RequestId, request.ItemId, who.Dataset, who.Resource, who.Version ?? RequestIdentity.Draft,
            asked.Title, asked.Description, asked.Tags, request.CreatedAt);
    }

    /// <summary>The parts that every item has. Data that does not say when it is of counts from when it was received.
    /// </summary>
    public StacItemSource Source(
        GeoBox box, NtsGeometry? footprint, IReadOnlyDictionary<string, StacAsset> assets, DateTimeOffset now) => new(
        new StacIdentity(Dataset, Resource, Version), box, footprint, StacTime.At(CreatedAt), CreatedAt, now, assets)
        {
            Title = Title,
            Description = Description,
            Tags = Tags,
        };

    /// <summary>The item under the id that the request has for it.</summary>
    public JsonObject Named(JsonObject item)
    {
        item["id"] = ItemId;
        return item;
    }
}

/// <summary>Items on their way into the catalogue.</summary>
static class ItemParts
{
    /// <summary>The item, if it is one by STAC's rules; ours must always be.</summary>
    public static Json Checked(JsonObject item)
    {
        var json = Json.Of(item);
        var faults = StacRules.Check(json.Element);
        return faults.Count == 0 ? json : throw new InvalidOperationException(
            "The item that was made is not valid: "
            + string.Join("; ", faults.Take(3).Select(fault =>
            $"{fault.Path} is {fault.What}, expected {fault.Expected}")));
    }
}

