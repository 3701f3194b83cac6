namespace Waypost.Hosting;

/// <summary>How browsers of elsewhere may use the server.</summary>
/// <param name="AllowedOrigins">Origins whose pages may use every route (<c>https://map.example.org</c>); the read
/// routes
/// of catalogue and tiles are open to any.</param>
public sealed record WebSettings(IReadOnlyList<string> AllowedOrigins)
{
    /// <summary>No foreign origins.</summary>
    public WebSettings() : this([])
    {
    }

    /// <summary>Says what is wrong with these settings; null when nothing is.</summary>
    public string? Problem() => AllowedOrigins.FirstOrDefault(origin =>
        !Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
        || origin != uri.GetLeftPart(UriPartial.Authority)) is { } wrong
        ? $"web.allowed_origins has the entry '{wrong}', which is not an origin such as https://map.example.org."
        : null;
}
