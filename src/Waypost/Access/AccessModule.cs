namespace Waypost.Access;

/// <summary>Who may do what: organizations, keys, secrets, rate tiers.</summary>
static class AccessModule
{
    /// <summary>What the gate and this module's routes need.</summary>
    public static void Add(IServiceCollection services, AccessSettings settings, string dataFolder)
    {
        services.AddSingleton(settings);
        services.AddSingleton(settings.Secret is { } secret ? Secrets.Of(secret) : Secrets.InFolder(dataFolder));
    }
}
