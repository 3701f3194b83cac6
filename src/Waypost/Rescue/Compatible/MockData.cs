using System.Text.Json;
using Waypost.Storage;

namespace Waypost.Rescue.Compatible;

/// <summary>An error that the mock routes pretend.</summary>
/// <param name="NodeId">To this node; null: to any.</param>
/// <param name="Every">At every so many requests; null: at each.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">The sentence.</param>
sealed record PretendedError(string? NodeId, int? Every, int Status, string Detail);

/// <summary>What the mock routes answer: tasks of the seed's shape, assets of the dispatcher's, and errors.</summary>
/// <param name="Tasks">The <c>mock_data</c> of the answer.</param>
/// <param name="Assets">The <c>asset</c> list.</param>
/// <param name="Errors">The errors.</param>
sealed record MockData(Json Tasks, Json Assets, IReadOnlyList<PretendedError> Errors)
{
    const int LargestFile = 16 << 20;
    const string Expected = " Expected: {\"mock_data\": {\"assigned_tasks\": […], \"estimated_duration\": …, "
        + "\"node_status\": …}, \"assets\": […], \"errors\": [{\"node_id\": …, \"every\": …, \"status\": 503, "
        + "\"detail\": …}]}, the mock_data alone, or a list of assets.";

    /// <summary>What is answered where nobody says otherwise.</summary>
    public static readonly MockData Usual = new(
        Json.Of(new
        {
            assigned_tasks = new[]
            {
                new
                {
                    task_id = "task-001",
                    dataset_url = "https://data.gov/climate/2024",
                    size_mb = 500,
                    priority = 8,
                },
            },
            estimated_duration = "2 hours",
            node_status = "active",
        }),
        Json.Of(new[] { Asset(1, "csv", 4.5), Asset(2, "nc", 16.2) }), []);

    /// <summary>Reads the file; without one, <see cref="Usual"/>.</summary>
    /// <exception cref="FormatException">It is not of a known shape; the sentence says what was expected.</exception>
    public static MockData Load(string? path)
    {
        if (path is null) return Usual;
        if (new FileInfo(path).Length > LargestFile) throw new FormatException("it is larger than 16 MiB.");
        JsonElement file;
        try
        {
            file = JsonElement.Parse(File.ReadAllText(path));
        }
        catch (JsonException error)
        {
            throw new FormatException("it is not JSON (" + error.Message + ")." + Expected, error);
        }
        if (file.ValueKind == JsonValueKind.Array) return Usual with { Assets = AssetsOf(file) };
        if (file.ValueKind != JsonValueKind.Object) throw new FormatException("it holds no object." + Expected);
        if (file.TryGetProperty("assigned_tasks", out _)) return Usual with { Tasks = new Json(Compact(file)) };
        foreach (var member in file.EnumerateObject())
            if (member.Name is not ("mock_data" or "assets" or "errors"))
                throw new FormatException($"it has a member {member.Name}." + Expected);
        return new MockData(
            file.TryGetProperty("mock_data", out var tasks) && tasks.ValueKind == JsonValueKind.Object
                ? new Json(Compact(tasks)) : Usual.Tasks,
            file.TryGetProperty("assets", out var assets) ? AssetsOf(assets) : Usual.Assets,
            file.TryGetProperty("errors", out var errors) ? ErrorsOf(errors) : []);
    }

    static object Asset(int number, string kind, double sizeMb) => new
    {
        path = "mock/package_search_S0000.json",
        name = $"Mock asset {number}",
        priority = number,
        size_mb = sizeMb,
        ds_id = 1,
        res_id = number,
        asset_id = number,
        url = $"https://data.example.gov/mock/{number}.{kind}",
        magnet_link = (string?)null,
        status = (string?)null,
    };

    static Json AssetsOf(JsonElement list) => list.ValueKind == JsonValueKind.Array
        && list.EnumerateArray().All(one => one.ValueKind == JsonValueKind.Object && one.TryGetProperty("url", out _))
        ? new Json(Compact(list)) : throw new FormatException("an asset in it is no object with a url." + Expected);

    static List<PretendedError> ErrorsOf(JsonElement list)
    {
        try
        {
            var errors = new Json(list.GetRawText()).To<List<PretendedError>>();
            return errors.All(one => one is { Status: >= 400 and <= 599, Every: null or >= 1, Detail: not null })
                ? errors
                : throw new FormatException("an error in it has no status from 400 to 599, or no detail." + Expected);
        }
        catch (JsonException error)
        {
            throw new FormatException("its errors cannot be read." + Expected, error);
        }
    }

    static string Compact(JsonElement element) => JsonSerializer.Serialize(element, Json.Options);
}
