using System.Text.Json;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>An asset as the compatible services speak of it; sizes in MB of 1,048,576 bytes.</summary>
/// <param name="Path">Always empty: there is no file of pages to name.</param>
/// <param name="Name">What it is, for a person.</param>
/// <param name="Priority">Its rank: 1 is the most urgent.</param>
/// <param name="SizeMb">Its size; null while it is not known.</param>
/// <param name="DsId">Its dataset; 0 for one that belongs to none.</param>
/// <param name="ResId">Its resource; 0 for one that belongs to none.</param>
/// <param name="AssetId">Its id.</param>
/// <param name="Url">Its address.</param>
/// <param name="MagnetLink">Where a copy is shared.</param>
/// <param name="Status"><c>SUCCESS</c> or <c>FAIL</c>.</param>
sealed record AssetModel(
    string Path, string Name, long Priority, double? SizeMb, long DsId, long ResId, long? AssetId, JsonElement? Url,
    JsonElement? MagnetLink, string? Status)
{
    /// <summary>The priority of an asset that nobody has ranked: after all others.</summary>
    public const long Unranked = 999_999;

    /// <summary>Bytes of a MB.</summary>
    public const double BytesOfMb = 1024 * 1024;

    const double MostMb = 1e12;

    static readonly string[] Statuses = ["SUCCESS", "FAIL"];
    static readonly string[] Schemes = ["http://", "https://", "ftp://", "magnet:?"];

    /// <summary>Reads one that a client sent.</summary>
    public static AssetModel Read(SentFields sent)
    {
        var model = new AssetModel(
            sent.Text("path"), sent.Text("name"), sent.Whole("priority"),
            sent.OptionalFloat("size_mb", 0, MostMb, isKeyNeeded: true), sent.Whole("ds_id"), sent.Whole("res_id"),
            sent.OptionalWhole("asset_id"), sent.Any("url", isKeyNeeded: true), sent.Any("magnet_link"),
            sent.OptionalChoice("status", Statuses));
        if (model.Url is { ValueKind: JsonValueKind.String } url
            && !Schemes.Any(scheme => url.GetString()!.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)))
            sent.Wrong("url", "invalid or missing URL scheme", "value_error.url.scheme");
        return model;
    }

    /// <summary>Writes it, member by member in the order that clients have seen.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("path", Path);
        json.WriteString("name", Name);
        json.WriteNumber("priority", Priority);
        json.WriteFloat("size_mb", SizeMb);
        json.WriteNumber("ds_id", DsId);
        json.WriteNumber("res_id", ResId);
        json.WriteWhole("asset_id", AssetId);
        json.WriteAny("url", Url);
        json.WriteAny("magnet_link", MagnetLink);
        if (Status is null) json.WriteNull("status");
        else json.WriteString("status", Status);
        json.WriteEndObject();
    }
}

/// <summary>An asset with the dataset and resource that name it first.</summary>
sealed record NamedAsset(
    long Id, string Url, string Title, long? SizeBytes, long? Rank, long? ResourceId, long? DatasetId)
    : IRow<NamedAsset>
{
    /// <inheritdoc/>
    public static NamedAsset Read(Row row) => new(
        row.Long("id"), row.Text("url"), row.Text("title"), row.LongOrNull("size_bytes"), row.LongOrNull("rank"),
        row.LongOrNull("resource_id"), row.LongOrNull("dataset_id"));

    /// <summary>As the compatible services speak of it.</summary>
    public AssetModel Model => new(
        "", Title, Rank ?? AssetModel.Unranked, SizeMb, DatasetId ?? 0, ResourceId ?? 0, Id,
        JsonElement.Parse(JsonSerializer.Serialize(Url, Json.Options)), null, null);

    /// <summary>Its size in MB.</summary>
    public double? SizeMb => SizeBytes / AssetModel.BytesOfMb;

    /// <summary>Reads assets in the order that is asked for.</summary>
    public static Sql Select(Sql condition, Sql order) => $"""
        select one.id, one.url, one.title, one.size_bytes, one.rank, parts.id as resource_id, parts.dataset_id
        from rescue_assets as one
        left join rescue_resources as parts on parts.org = one.org and parts.id = (
            select min(ties.resource_id) from rescue_asset_resources as ties
            where ties.org = one.org and ties.asset_id = one.id)
        where {condition} order by {order}
        """;
}
