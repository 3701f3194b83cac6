using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Pipelines;

/// <summary>The body of a submission, in either of its two shapes; this record is what the API's description shows.
/// </summary>
/// <param name="DatasetId">The client's data set.</param>
/// <param name="ResourceId">The resource within it.</param>
/// <param name="VersionId">Its version; absent: a draft (final shape only).</param>
/// <param name="RequestType">Seed shape: vector, raster or collection.</param>
/// <param name="SourcePath">Seed shape: a path under an import folder, an http(s) URL, or upload:NAME.</param>
/// <param name="ProcessingConfig">Seed shape: how to work on it.</param>
/// <param name="CallbackUrl">Where the result is posted when the request ends, well or not.</param>
/// <param name="Operation">Final shape: CREATE, or UPDATE to replace what this identity holds.</param>
/// <param name="ContainerName">Final shape: an import folder, or <c>uploads</c>.</param>
/// <param name="FileName">Final shape: the file in it.</param>
/// <param name="SourceUrl">Final shape: an http(s) URL instead of container and file.</param>
/// <param name="Title">What people call it.</param>
/// <param name="AccessLevel">public or OUO.</param>
/// <param name="Description">What it shows.</param>
/// <param name="Tags">Keywords.</param>
/// <param name="ProcessingOptions">Final shape: how to work on it.</param>
/// <param name="ClientId">The application; it is the key's own.</param>
/// <param name="DataType">Final shape: vector or raster; absent: the file's name says.</param>
public sealed record SubmitBody(
    string DatasetId, string ResourceId, string? VersionId, string? RequestType, string? SourcePath,
    JsonElement? ProcessingConfig, string? CallbackUrl, string? Operation, string? ContainerName, JsonElement? FileName,
    string? SourceUrl, string? Title, string? AccessLevel, string? Description, string[]? Tags,
    JsonElement? ProcessingOptions, string? ClientId, string? DataType);

/// <summary>What a client asked for, whichever shape it used: one thing with one hash.</summary>
sealed partial record Asked(
    RequestIdentity Identity, DataType Type, Source Source, ProcessingOptions Options, string? Title,
    string? Description, string? AccessLevel, IReadOnlyList<string> Tags, string? CallbackUrl)
{
    const int LongestTitle = 255;
    const int LongestTag = 100;
    const int LongestUrl = 2000;

    static readonly string[] VectorEndings = [".geojson", ".json", ".geojsonl", ".ndjson"];
    static readonly string[] RasterEndings = [".tif", ".tiff", ".gtiff"];

    /// <summary>What decides whether a repeated submission is the same one.</summary>
    public Payload Payload => new(
        Type, Source.Path, Source.Sha256, Options, Title, Description, AccessLevel, Tags, CallbackUrl);

    /// <summary>The hash of <see cref="Payload"/>.</summary>
    public string PayloadHash => HashOf(Payload);

    /// <summary>The hash of a payload as it is written here; what a database gives back may be ordered anew.</summary>
    public static string HashOf(Payload payload) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json.Of(payload).Text)));

    /// <summary>Reads a body in either shape.</summary>
    /// <exception cref="Refused">A field is missing, wrong or unknown; the refusal names it.</exception>
    public static Asked Read(JsonElement body, Caller caller)
    {
        var fields = new Fields(body, "The body");
        var dataset = Id(fields, "dataset_id");
        var resource = Id(fields, "resource_id");
        var version = fields.Text("version_id");
        if (version is not null) RequestIdentity.Check("version_id", version);
        var seed = fields.Text("request_type");
        var path = fields.Text("source_path");
        var (type, source) = seed is not null || path is not null
            ? SeedShape(fields, seed, path, version)
            : FinalShape(fields);
        var options = OptionsOf(fields, type);
        if (fields.Word("operation", "CREATE", "UPDATE", "DELETE") is { } operation and not "CREATE")
            options = operation == "UPDATE" ? options with { Overwrite = true } : throw Refused.Bad(
                "NOT_YET", "operation DELETE is not offered yet.", "Unpublishing comes with a later version.")
                    .At("operation");
        var identity = new RequestIdentity(Client(fields, caller), dataset, resource, version);
        var asked = new Asked(
            identity, type, source, options, fields.Text("title", LongestTitle), fields.Text("description"),
            fields.Word("access_level", "public", "OUO"), fields.Texts("tags", LongestTag),
            fields.Text("callback_url", LongestUrl));
        fields.RefuseOthers("UNKNOWN_FIELD");
        return asked;
    }

    static string Id(Fields fields, string name)
    {
        var id = fields.Text(name) ?? throw fields.Missing(name);
        RequestIdentity.Check(name, id);
        return id;
    }

    static (DataType, Source) SeedShape(Fields fields, string? requestType, string? path, string? version)
    {
        if (requestType is null) throw fields.Missing("request_type");
        var type = TypeOf(fields.Word("request_type", "vector", "raster", "collection")!, "request_type");
        if (path is null) throw fields.Missing("source_path");
        if (version is null) throw fields.Missing("version_id");
        return (type, Source.Parse(path, "source_path"));
    }

    static (DataType, Source) FinalShape(Fields fields)
    {
        if (fields.Value("file_name") is { ValueKind: JsonValueKind.Array }) throw NoCollections("file_name");
        var container = fields.Text("container_name");
        var file = fields.Text("file_name");
        var url = fields.Text("source_url", LongestUrl);
        var given = fields.Word("data_type", "vector", "raster", "collection");
        if (url is not null && (file is not null || container is not null))
            throw Refused.Bad("INVALID_VALUE", "The body has both source_url and container_name or file_name.",
                "Send one of the two.").At("source_url");
        if (url is null && container is null) throw fields.Missing("container_name");
        if (url is null && file is null) throw fields.Missing("file_name");
        if (container is not null && !ContainerName().IsMatch(container))
            throw Refused.Bad("INVALID_VALUE",
                "container_name must be 3 to 63 lower-case letters, digits and single hyphens, a letter or digit at "
                + "both ends.").At("container_name");
        var source = url is not null ? Source.Parse(url, "source_url")
            : Source.Parse($"{container}/{file}", "file_name");
        return (given is not null ? TypeOf(given, "data_type") : TypeOf(source.FileName), source);
    }

    static ProcessingOptions OptionsOf(Fields fields, DataType type)
    {
        var config = fields.Value("processing_config");
        var options = fields.Value("processing_options");
        if (config is not null && options is not null)
            throw Refused.Bad("INVALID_VALUE", "The body has both processing_config and processing_options.",
                "Send one of the two; they mean the same.").At("processing_options");
        return config is not null
            ? ProcessingOptions.Read(config, "processing_config", type)
            : ProcessingOptions.Read(options, "processing_options", type);
    }

    static DataType TypeOf(string word, string field) => word switch
    {
        "vector" => DataType.Vector,
        "raster" => DataType.Raster,
        _ => throw NoCollections(field),
    };

    static DataType TypeOf(string fileName)
    {
        if (VectorEndings.Any(end =>
            fileName.EndsWith(end, StringComparison.OrdinalIgnoreCase))) return DataType.Vector;
        if (RasterEndings.Any(end =>
            fileName.EndsWith(end, StringComparison.OrdinalIgnoreCase))) return DataType.Raster;
        throw Refused.Bad("DATA_TYPE_UNKNOWN", "The file's name does not say what kind of data it is.",
            "Send data_type: vector for GeoJSON, raster for GeoTIFF.").At("data_type");
    }

    // The key says who the client is; an administrator may submit for another one.
    static string Client(Fields fields, Caller caller)
    {
        if (fields.Text("client_id") is not { } named || named == caller.ClientId) return caller.ClientId;
        if (caller.Role != Role.OrgAdmin)
            throw new Refused(403, "CLIENT_MISMATCH", "client_id is not the one this key belongs to.",
                "Leave client_id out, or use a key of that client.").At("client_id");
        RequestIdentity.Check("client_id", named);
        return named;
    }

    static Refused NoCollections(string field) => Refused.Bad("COLLECTION_NOT_YET",
        "Collections of files are not taken in yet.", "Submit each file as a request of its own.").At(field);

    [GeneratedRegex(@"^(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex ContainerName();
}
