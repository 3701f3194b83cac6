using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Waypost.Access;
using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Hosting;

/// <summary>Reads what the server is told: flags, then <c>WAYPOST_*</c> variables, then <c>waypost.json</c> in the data
/// folder; the first that speaks of a thing decides it.</summary>
/// <remarks>A name that is not known, or a value that does not fit, stops the start with its name, what was expected
/// and
/// where; values of secrets are never repeated.</remarks>
static class ReadSettings
{
    /// <summary>The file in the data folder.</summary>
    public const string FileName = "waypost.json";

    const string Prefix = "WAYPOST_";

    // What each variable sets: ours, then those that a service we stand in for documents.
    internal static readonly IReadOnlyDictionary<string, string> Variables = new Dictionary<string, string>
    {
        ["WAYPOST_URLS"] = "where the server listens, several with ';' between them; the flag --urls goes before it",
        ["WAYPOST_DATA"] = "the data folder: SQLite, blobs, keys, waypost.json; the flag --data goes before it",
        ["WAYPOST_DATABASE"] = "a PostgreSQL connection string; absent: SQLite in the data folder",
        ["WAYPOST_ADMIN_KEY"] =
            "the first administrator's key, 16 characters or more; absent: one is made, printed once and kept in the "
            + "data folder",
        ["WAYPOST_SECRET"] =
            "seals stored secrets, 16 characters or more; absent: a key file in the data folder does",
        ["DISPATCHER_HOST"] = "the rescue dispatcher's: where to listen, on DISPATCHER_PORT; WAYPOST_URLS goes before",
        ["DISPATCHER_PORT"] = "the rescue dispatcher's: the port to listen at; 8001 where only the host is said",
        ["LOG_LEVEL"] = "the rescue dispatcher's: DEBUG, INFO, WARNING, ERROR or CRITICAL",
        ["DEBUG"] = "the rescue dispatcher's: true logs everything, unless LOG_LEVEL says otherwise",
        ["ENABLE_MOCK_MODE"] = "the rescue dispatcher's: true or false; the setting rescue.enable_mock_mode",
        ["MOCK_DATA_PATH"] = "the rescue dispatcher's: the setting rescue.mock_data_path",
        ["PRIORIZER_URL"] = "the rescue dispatcher's: the setting rescue.priorizer_url",
    };

    // Of the client, the tests and the benchmarks, which may share an environment with the server.
    static readonly string[] NotOurs =
        ["WAYPOST_SERVER", "WAYPOST_KEY", "WAYPOST_ORG", "WAYPOST_SHARED_DATA", "WAYPOST_UPDATE_EXPECTED"];

    static readonly string[] NotOursPrefixes = ["WAYPOST_TEST_", "WAYPOST_BENCH_", "WAYPOST_CLI_"];

    const int ShortestSecret = 16;

    /// <summary>The settings, whole and checked.</summary>
    /// <param name="flags">Values of <c>--urls</c> and <c>--data</c>.</param>
    /// <param name="environment">The process's variables.</param>
    /// <exception cref="CannotStartException">Something is wrong; the sentence names it.</exception>
    public static Settings Read(
        IReadOnlyDictionary<string, string> flags, IReadOnlyDictionary<string, string> environment)
    {
        RefuseUnknown(environment);
        var folder = Said("--data", "WAYPOST_DATA", flags, environment) ?? "data";
        var settings = ReadFile(Path.Combine(folder, FileName));
        var secret = Variable("WAYPOST_SECRET", environment);
        if (secret is { Length: < ShortestSecret })
            throw new CannotStartException(
                $"WAYPOST_SECRET has fewer than {ShortestSecret} characters. Choose a longer one.");

        var whole = settings with
        {
            Urls = Said("--urls", "WAYPOST_URLS", flags, environment) ?? settings.Urls,
            Storage = new StorageSettings(folder, Variable("WAYPOST_DATABASE", environment)),
            Access = settings.Access with
            {
                AdminKey = Variable("WAYPOST_ADMIN_KEY", environment),
                Secret = secret,
            },
        };
        var isAddressSaid = Said("--urls", "WAYPOST_URLS", flags, environment) is not null;
        whole = DispatcherVariables.Apply(whole, environment, isAddressSaid);
        CheckUrls(whole.Urls);
        if (whole.Problem() is { } problem) throw new CannotStartException(problem + Where(folder));
        return whole;
    }

    /// <summary>Reads <c>waypost.json</c>; what it does not say has its default. No file says nothing.</summary>
    internal static Settings ReadFile(string path)
    {
        string text;
        try
        {
            text = File.Exists(path) ? File.ReadAllText(path) : "{}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"{Path.GetFullPath(path)} cannot be read: {error.Message}", error);
        }
        try
        {
            return JsonSerializer.Deserialize<Settings>(text, Options)
                ?? throw new CannotStartException($"{Path.GetFullPath(path)} holds null; an object was expected.");
        }
        catch (JsonException error)
        {
            var fault = JsonTrouble.Explain(error, Options);
            throw new CannotStartException(
                $"{Path.GetFullPath(path)} is not right: {fault.Sentence} docs/reference/settings.md lists what may be "
                + "said there.", error);
        }
    }

    /// <summary>How waypost.json is read: strictly, but comments and a last comma may stay.</summary>
    internal static JsonSerializerOptions Options { get; } = new(Json.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new NetworkConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutWhatTheEnvironmentSays } },
    };

    static void LeaveOutWhatTheEnvironmentSays(JsonTypeInfo type)
    {
        foreach (var property in type.Properties) property.IsRequired = false;
        var leftOut = type.Type == typeof(Settings) ? ["clock", "storage"]
            : type.Type == typeof(AccessSettings) ? ["admin_key", "secret"]
            : Array.Empty<string>();
        foreach (var name in leftOut)
            type.Properties.Remove(type.Properties.Single(property => property.Name == name));
    }

    static void RefuseUnknown(IReadOnlyDictionary<string, string> environment)
    {
        var unknown = environment.Keys.FirstOrDefault(name =>
            name.StartsWith(Prefix, StringComparison.Ordinal) && !Variables.ContainsKey(name)
            && !NotOurs.Contains(name) && !NotOursPrefixes.Any(of => name.StartsWith(of, StringComparison.Ordinal)));
        if (unknown is not null)
            throw new CannotStartException(
                $"The environment has a variable {unknown}, which is not one of Waypost's: "
                + string.Join(", ", Variables.Keys.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
                + ". Correct its name or remove it.");
    }

    static string? Said(
        string flag, string variable, IReadOnlyDictionary<string, string> flags,
        IReadOnlyDictionary<string, string> environment) =>
        flags.GetValueOrDefault(flag) ?? Variable(variable, environment);

    // An empty variable is how compose files and shells say "not set".
    static string? Variable(string name, IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    static void CheckUrls(string urls)
    {
        foreach (var url in urls.Split(';'))
        {
            string? wrong = null;
            try
            {
                var address = BindingAddress.Parse(url);
                if (address.Scheme != "http") wrong = "only http is served; let a proxy before it speak TLS";
                else if (address.PathBase.Length > 0) wrong = "a path cannot be listened at";
            }
            catch (FormatException)
            {
                wrong = "a URL such as http://127.0.0.1:8080 was expected";
            }
            if (wrong is not null)
                throw new CannotStartException($"--urls, WAYPOST_URLS or urls in {FileName} says '{url}': {wrong}.");
        }
    }

    static string Where(string folder) =>
        File.Exists(Path.Combine(folder, FileName)) ? $" (in {Path.GetFullPath(Path.Combine(folder, FileName))})" : "";

    sealed class NetworkConverter : JsonConverter<IPNetwork>
    {
        public override IPNetwork Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return LinkSettings.Parse([reader.GetString() ?? ""]).TrustedProxies[0];
            }
            catch (Exception error) when (error is FormatException or InvalidOperationException)
            {
                throw new JsonException();
            }
        }

        public override void Write(Utf8JsonWriter writer, IPNetwork value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
