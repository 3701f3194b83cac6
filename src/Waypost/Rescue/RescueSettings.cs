using Waypost.Rescue.Compatible;

namespace Waypost.Rescue;

/// <summary>How the rescue speaks with the services it works with, and stands in for.</summary>
public sealed record RescueSettings
{
    /// <summary>Whether <c>/mock_dispatch</c> and <c>/mock_ranking</c> answer.</summary>
    public bool EnableMockMode { get; init; } = true;

    /// <summary>A JSON file with what they answer, and which errors they pretend; absent: data of their own.</summary>
    public string? MockDataPath { get; init; }

    /// <summary>Where an external priorizer answers <c>POST /ranking</c>: <c>http://priorizer:8082</c>; absent: there
    /// is none.</summary>
    public string? PriorizerUrl { get; init; }

    /// <summary>Says what is wrong with these settings; null when nothing is.</summary>
    public string? Problem()
    {
        if (PriorizerUrl is not null
            && !(Uri.TryCreate(PriorizerUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            return $"rescue.priorizer_url (or PRIORIZER_URL) is '{PriorizerUrl}'; an http or https address such as "
                + "http://priorizer:8082 was expected.";
        try
        {
            MockData.Load(MockDataPath);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return $"rescue.mock_data_path (or MOCK_DATA_PATH) names {MockDataPath}, which cannot be used: "
                + error.Message;
        }
    }
}
