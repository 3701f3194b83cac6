using Waypost.Events;

namespace Waypost.Access;

/// <summary>Who may do what: organizations, keys, secrets, rate tiers.</summary>
static class AccessModule
{
    /// <summary>How often it is written when keys were last used.</summary>
    static readonly TimeSpan WriteUsesEvery = TimeSpan.FromMinutes(1);

    /// <summary>What the gate and this module's routes need.</summary>
    public static void Add(IServiceCollection services, AccessSettings settings, string dataFolder)
    {
        services.AddSingleton(settings);
        services.AddSingleton(settings.Secret is { } secret ? Secrets.Of(secret) : Secrets.InFolder(dataFolder));
        services.AddSingleton<Keys>();
        services.AddSingleton<RateLimits>();
        services.AddBackgroundLoop(KeyUses);
    }

    /// <summary>The routes that belong to the installation.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        Organizations.Map(routes);
        WhoCalls.Map(routes);
    }

    /// <summary>The routes that belong to an organization.</summary>
    public static void MapForOrg(IEndpointRouteBuilder org)
    {
        Organizations.MapForOrg(org);
        ManageKeys.MapForOrg(org);
        ClientSecrets.MapForOrg(org);
    }

    static BackgroundLoop KeyUses(IServiceProvider services)
    {
        var keys = services.GetRequiredService<Keys>();
        var clock = services.GetRequiredService<TimeProvider>();
        return new BackgroundLoop("access.key_uses", 3 * WriteUsesEvery, async ct =>
        {
            await Task.Delay(WriteUsesEvery, clock, ct);
            await keys.WriteUses(ct);
        });
    }
}
