using System.CommandLine;
using Npgsql;

namespace Waypost.Cli;

/// <summary>The options that say where documents go: to an API, or straight into a database.</summary>
sealed class TargetOptions
{
    static readonly string[] DatabaseKeys = ["db_host", "db_port", "db_name", "db_user"];

    readonly Option<string?> data = new("--data")
    {
        Description = "Write into the SQLite of this data folder, which no server may be using; beside --db-*: the "
            + "server's data folder, whose waypost.json says what outsiders see",
        HelpName = "folder",
    };

    readonly Option<string?> host = Database<string?>("--db-host", "host", "Write into a PostgreSQL: its host");
    readonly Option<int?> port = Database<int?>("--db-port", "port", "Its port. Default: 5432");
    readonly Option<string?> name = Database<string?>("--db-name", "name", "The database. Default: eomatch");
    readonly Option<string?> user = Database<string?>("--db-user", "user", "Who connects. Default: eomatch");

    readonly Option<string?> password = Database<string?>(
        "--db-password", "password", "Their password. Default: PGPASSWORD");

    readonly Option<bool> strict = new("--strict")
    {
        Description = "Refuse items that are not valid STAC instead of repairing them",
    };

    readonly Option<string?> report = new("--report")
    {
        Description = "Write what became of each item into this file, a line of JSON each",
        HelpName = "path",
    };

    /// <summary>Adds those of a command that sends many documents, too.</summary>
    public Command AddAllTo(Command command)
    {
        command.Options.Add(strict);
        command.Options.Add(report);
        return AddTo(command);
    }

    /// <summary>Opens what <c>--report</c> says.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public IngestLog Log(ParseResult parsed)
    {
        try
        {
            return new IngestLog(parsed.GetValue(report) is { } path ? new StreamWriter(path) : null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The report cannot be written: {error.Message}", "Choose another file.");
        }
    }

    /// <summary>Adds them to a command.</summary>
    public Command AddTo(Command command)
    {
        foreach (var option in new Option[] { data, host, port, name, user, password }) command.Options.Add(option);
        return command;
    }

    /// <summary>Opens what the command line means: the API of <c>--api-url</c>, the folder of <c>--data</c>, the
    /// database of <c>--db-*</c>; else what the configuration says in the same order; else the API of
    /// <c>--server</c>.</summary>
    public async Task<ICatalogueTarget> Open(
        ParseResult parsed, Surroundings surroundings, EomatchSettings settings, CatalogueOptions shared,
        CancellationToken ct)
    {
        var isStrict = parsed.GetResult(strict) is not null && parsed.GetValue(strict);
        var org = parsed.GetValue<string?>("--org") ?? surroundings.Variable("WAYPOST_ORG") ?? "default";
        if (parsed.GetValue(shared.ApiUrl) is null)
        {
            var folder = parsed.GetValue(data);
            var isSaid = parsed.GetValue(host) is not null || parsed.GetValue(port) is not null
                || parsed.GetValue(name) is not null || parsed.GetValue(user) is not null;
            if (folder is not null && !isSaid)
                return await DatabaseTarget.Open(folder, null, org, isStrict, surroundings.Clock, ct);
            var isConfigured = settings.Text("ingest", "api_url") is null && settings.Has("ingest", DatabaseKeys);
            if (isSaid || isConfigured)
                return await DatabaseTarget.Open(
                    folder, ConnectionString(parsed, surroundings, settings), org, isStrict, surroundings.Clock, ct);
        }
        return new ApiTarget(shared.Api(parsed, surroundings, settings, "ingest"), isStrict, surroundings.Clock);
    }

    string ConnectionString(ParseResult parsed, Surroundings surroundings, EomatchSettings settings) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = parsed.GetValue(host) ?? settings.Text("ingest", "db_host") ?? "localhost",
            Port = parsed.GetValue(port) ?? settings.Number("ingest", "db_port") ?? 5432,
            Database = parsed.GetValue(name) ?? settings.Text("ingest", "db_name") ?? "eomatch",
            Username = parsed.GetValue(user) ?? settings.Text("ingest", "db_user") ?? "eomatch",
            Password = parsed.GetValue(password) ?? settings.Text("ingest", "db_password")
                ?? surroundings.Variable("PGPASSWORD"),
        }.ConnectionString;

    static Option<T> Database<T>(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };
}
