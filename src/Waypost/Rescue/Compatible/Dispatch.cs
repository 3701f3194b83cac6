using System.Text.Json;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>What a node that asks for assets says of itself; sizes in GB of 1,073,741,824 bytes.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Description">What it is.</param>
/// <param name="FreeSpaceGb">How much it has room for.</param>
/// <param name="NodeId">Who it is; without one, each request is somebody else's.</param>
public sealed record DispatchRequest(string Name, string Description, double FreeSpaceGb, string? NodeId)
{
    const double MostGb = 1e9;
    const double BytesOfGb = 1024 * 1024 * 1024;
    const int LongestNode = 200;

    /// <summary>The room in bytes.</summary>
    internal long FreeBytes => (long)Math.Min(FreeSpaceGb * BytesOfGb, long.MaxValue / 4);

    /// <summary>Who it is to us.</summary>
    internal string Holder(DateTimeOffset now) => NodeId ?? "nobody:" + Guid.CreateVersion7(now).ToString("N");

    /// <summary>Reads what a client sent; the first version of the service asked for less.</summary>
    internal static DispatchRequest Read(SentBody sent, bool isFirstVersion = false)
    {
        var fields = sent.Fields;
        var read = isFirstVersion
            ? new DispatchRequest("", "", fields.Float("free_space_gb", 0, MostGb), Node(fields))
            : new DispatchRequest(
                fields.Text("name"), fields.Text("description"), fields.Float("free_space_gb", 0, MostGb),
                Node(fields));
        return read;
    }

    static string? Node(SentFields fields)
    {
        var node = fields.OptionalText("node_id");
        if (node?.Length > LongestNode)
            fields.Wrong(
                "node_id", $"ensure this value has at most {LongestNode} characters",
                "value_error.any_str.max_length", ("limit_value", LongestNode));
        return string.IsNullOrEmpty(node) ? null : node;
    }

    /// <summary>Writes it back as it was understood.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteString("description", Description);
        json.WriteFloat("free_space_gb", FreeSpaceGb);
        if (NodeId is null) json.WriteNull("node_id");
        else json.WriteString("node_id", NodeId);
        json.WriteEndObject();
    }
}

/// <summary>The dispatcher's own routes: a greeting, and assets for whoever asks, reserved for them.</summary>
static class Dispatch
{
    const string NothingFits = "No available assets matching the criteria";
    const string Received = "Request received and processed";

    const string Hello = "\"Hello rescuer 👋\"";

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/", Greet).Compatible(Permission.RescueRead)
            .WithName(operations + "Root").WithSummary("The dispatcher's greeting").Produces<string>();
        rescue.MapPost("/dispatch", Give).Compatible(Permission.RescueTake)
            .WithName(operations + "Dispatch").WithSummary("Assets for a node, by its free space; reserved for a day")
            .Accepts<DispatchRequest>("application/json");
    }

    public static void MapRoot(IEndpointRouteBuilder root) => root.MapPost("/dispatch", Give)
        .Compatible(Permission.RescueTake)
        .WithName("Dispatch").WithSummary("Assets for a node, by its free space; reserved for a day")
        .Accepts<DispatchRequest>("application/json");

    static IResult Greet() => Python.Answer(json => json.WriteRawValue(Hello));

    static async Task<IResult> Give(HttpContext http, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var sent = await SentBody.Of(http.Request, ct);
        var request = DispatchRequest.Read(sent);
        if (!sent.IsGood) return sent.Refusal();
        var now = clock.GetUtcNow();
        var given = await Attempts.InOne(
            db, tx => tx.Reserve(caller.Org, request.Holder(now), request.FreeBytes, now), ct);
        return given.Count == 0 ? Python.Detail(StatusCodes.Status422UnprocessableEntity, NothingFits)
            : Answer(request.Write, [.. given.Select(one => one.Model)]);
    }

    /// <summary>The answer that the dispatcher gives to everything.</summary>
    public static IResult Answer(
        Action<Utf8JsonWriter> received, IReadOnlyList<AssetModel> assets, Action<Utf8JsonWriter>? more = null) =>
        Python.Answer(json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "success");
            json.WriteString("message", Received);
            json.WritePropertyName("received_data");
            received(json);
            json.WriteStartArray("asset");
            foreach (var asset in assets) asset.Write(json);
            json.WriteEndArray();
            more?.Invoke(json);
            json.WriteEndObject();
        });

    /// <summary>A route of a service that this one stands in for: its clients have no keys and send what they like.
    /// </summary>
    public static RouteHandlerBuilder Compatible(this RouteHandlerBuilder route, Permission permission) => route
        .Permit(permission).WithoutKeyOnLoopback()
        .AnyQuery("The services that this one stands in for pass over parameters that they do not know.")
        .WithTags("Rescue dispatcher");
}
