using System.Globalization;
using Waypost.Access;

namespace Waypost.Hosting;

/// <summary>The variables that the rescue dispatcher documents, so that it can be replaced where it is.</summary>
/// <remarks><c>DEBUG</c> is other programs' variable too: what is no truth value there is passed over.</remarks>
static class DispatcherVariables
{
    const string UsualHost = "127.0.0.1";
    const int UsualPort = 8001;
    const int HighestPort = 65_535;

    /// <summary>The settings with what these variables say; they go before waypost.json.</summary>
    /// <param name="settings">What is said otherwise.</param>
    /// <param name="environment">The process's variables.</param>
    /// <param name="isAddressSaid">A flag or a variable of ours says where to listen.</param>
    /// <exception cref="CannotStartException">A value does not fit; the sentence names its variable.</exception>
    public static Settings Apply(
        Settings settings, IReadOnlyDictionary<string, string> environment, bool isAddressSaid)
    {
        var said = new Sayings(environment);
        if (!isAddressSaid && (said["DISPATCHER_HOST"] ?? said["DISPATCHER_PORT"]) is not null)
            settings = settings with { Urls = Address(said["DISPATCHER_HOST"], said["DISPATCHER_PORT"]) };
        if (said["LOG_LEVEL"] is { } level) settings = settings with { LogLevel = Level(level) };
        else if (Truth(said["DEBUG"]) == true) settings = settings with { LogLevel = LogLevel.Debug };
        var rescue = settings.Rescue;
        if (said["ENABLE_MOCK_MODE"] is { } mock)
            rescue = rescue with
            {
                EnableMockMode = Truth(mock) ?? throw new CannotStartException(
                    $"The variable ENABLE_MOCK_MODE is '{mock}'; true or false was expected."),
            };
        return settings with
        {
            Rescue = rescue with
            {
                MockDataPath = said["MOCK_DATA_PATH"] ?? rescue.MockDataPath,
                PriorizerUrl = said["PRIORIZER_URL"] ?? rescue.PriorizerUrl,
            },
        };
    }

    static string Address(string? host, string? port)
    {
        var number = UsualPort;
        if (port is not null
            && !(int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number)
                && number <= HighestPort))
            throw new CannotStartException(
                $"The variable DISPATCHER_PORT is '{port}'; a number from 0 to {HighestPort} was expected.");
        return string.Create(CultureInfo.InvariantCulture, $"http://{host ?? UsualHost}:{number}");
    }

    static LogLevel Level(string level) => level.ToUpperInvariant() switch
    {
        "DEBUG" => LogLevel.Debug,
        "INFO" => LogLevel.Information,
        "WARNING" or "WARN" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "CRITICAL" => LogLevel.Critical,
        _ => throw new CannotStartException(
            $"The variable LOG_LEVEL is '{level}'; DEBUG, INFO, WARNING, ERROR or CRITICAL was expected."),
    };

    static bool? Truth(string? text) => text?.ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => null,
    };

    // An empty variable is how compose files and shells say "not set".
    sealed class Sayings(IReadOnlyDictionary<string, string> environment)
    {
        public string? this[string name] => environment.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
    }
}
