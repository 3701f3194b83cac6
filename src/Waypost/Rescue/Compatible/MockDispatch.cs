using System.Text.Json;
using Waypost.Access;

namespace Waypost.Rescue.Compatible;

/// <summary>Answers of the same shape as the real ones, for whoever builds a node: nothing is reserved and nothing is
/// kept.</summary>
sealed class MockDispatch(RescueSettings settings)
{
    readonly MockData data = MockData.Load(settings.MockDataPath);
    long asked;

    /// <summary>The routes.</summary>
    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapPost("/mock_dispatch", Dispatched).Compatible(Permission.RescueTake)
            .WithName(operations + "MockDispatch")
            .WithSummary("What a dispatch answers, from mock data: to {node_id,capacity_gb,…} or a dispatch")
            .Accepts<JsonElement>("application/json");
        rescue.MapPost("/mock_ranking", Ranked).Compatible(Permission.RescueRead)
            .WithName(operations + "MockRanking").WithSummary("What a ranking answers, from mock data");
    }

    /// <summary>The route that stands at the root.</summary>
    public static void MapRoot(IEndpointRouteBuilder root) => root.MapPost("/mock_dispatch", Dispatched)
        .Compatible(Permission.RescueTake).WithName("MockDispatch")
        .WithSummary("What a dispatch answers, from mock data").Accepts<JsonElement>("application/json");

    static async Task<IResult> Dispatched(HttpContext http, MockDispatch mock, CancellationToken ct)
    {
        if (!mock.IsOn) return NotThere();
        var sent = await SentBody.Of(http.Request, ct);
        if (sent.IsGood && sent.Root.TryGetProperty("capacity_gb", out _)) return mock.OfSeed(sent);
        var request = DispatchRequest.Read(sent);
        if (!sent.IsGood) return sent.Refusal();
        return mock.Pretended(request.NodeId) ?? Python.Answer(json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "success");
            json.WriteString("message", "Request received and processed");
            json.WritePropertyName("received_data");
            request.Write(json);
            json.WritePropertyName("asset");
            json.WriteRawValue(mock.data.Assets.Text);
            json.WriteEndObject();
        });
    }

    static IResult Ranked(MockDispatch mock) => !mock.IsOn ? NotThere() : mock.Pretended(null) ?? Python.Answer(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("asset");
        json.WriteRawValue(mock.data.Assets.Text);
        json.WriteEndObject();
    });

    bool IsOn => settings.EnableMockMode;

    IResult OfSeed(SentBody sent)
    {
        const double mostGb = 1e9;
        var node = sent.Fields.Text("node_id");
        sent.Fields.Float("capacity_gb", 0, mostGb);
        sent.Fields.OptionalText("priority_level");
        if (!sent.IsGood) return sent.Refusal();
        return Pretended(node) ?? Python.Answer(json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "success");
            json.WriteString("message", "Payload received and processed");
            json.WritePropertyName("received_data");
            sent.Root.WriteTo(json);
            json.WritePropertyName("mock_data");
            json.WriteRawValue(data.Tasks.Text);
            json.WriteEndObject();
        });
    }

    IResult? Pretended(string? node)
    {
        var number = Interlocked.Increment(ref asked);
        var error = data.Errors.FirstOrDefault(one =>
            (one.NodeId is null || one.NodeId == node) && (one.Every is null || number % one.Every == 0));
        return error is null ? null : Python.Detail(error.Status, error.Detail);
    }

    static IResult NotThere() => Python.Detail(StatusCodes.Status404NotFound, "Not Found");
}
