using System.Data;
using System.Data.Common;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Waypost.Storage;

/// <summary>PostgreSQL with PostGIS; many processes may share it.</summary>
sealed class PostgresDb : Db
{
    readonly NpgsqlDataSource source;
    readonly PostgresWakes wakes;
    string version = "";

    public PostgresDb(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        // Unless the operator says otherwise: every statement of ours is written once, so preparing pays at once.
        if (!settings.ContainsKey("Max Auto Prepare")) settings.MaxAutoPrepare = 400;
        if (!settings.ContainsKey("Auto Prepare Min Usages")) settings.AutoPrepareMinUsages = 2;
        if (!settings.ContainsKey("Application Name")) settings.ApplicationName = "waypost";
        source = NpgsqlDataSource.Create(settings);
        wakes = new PostgresWakes(source);
    }

    public override string Name => $"PostgreSQL {version}";

    public override Sql SkipLocked => $"for update skip locked";

    internal override string Dialect => "postgres";

    internal override IReadOnlyDictionary<string, string> Types { get; } = new Dictionary<string, string>
    {
        ["id"] = "uuid",
        ["time"] = "timestamptz",
        ["json"] = "jsonb",
        ["bytes"] = "bytea",
        ["geometry"] = "geometry",
        ["float"] = "double precision",
        ["key"] = """text collate "C" """.TrimEnd(),
    };

    public override void Wake(string channel) => wakes.Wake(channel);

    public override Task Woken(string channel, TimeSpan atMost, CancellationToken ct) =>
        wakes.Woken(channel, atMost, ct);

    /// <summary>Checks that the server answers and has PostGIS.</summary>
    /// <exception cref="StorageRefusedException">It does not; the sentence says what to do.</exception>
    public async Task Check(CancellationToken ct)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(ct);
            version = connection.PostgreSqlVersion.ToString();
            await using var command = connection.CreateCommand();
            command.CommandText = "create extension if not exists postgis";
            await command.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException error)
        {
            throw new StorageRefusedException(
                $"The PostgreSQL of WAYPOST_DATABASE refused: {error.MessageText}. Check the user, the database and "
                + "that PostGIS is installed (create extension postgis).", error);
        }
        catch (NpgsqlException error)
        {
            throw new StorageRefusedException(
                $"The PostgreSQL of WAYPOST_DATABASE does not answer: {error.Message}. Check host, port and that the "
                + "server runs.", error);
        }
    }

    public override Task Start(CancellationToken ct) => wakes.Start(ct);

    public override async ValueTask DisposeAsync()
    {
        await wakes.DisposeAsync();
        await source.DisposeAsync();
    }

    internal override Task<Session> OpenWriter(CancellationToken ct) => Open(IsolationLevel.ReadCommitted, ct);

    internal override async Task<Session> OpenReader(CancellationToken ct, bool single)
    {
        if (!single) return await Open(IsolationLevel.RepeatableRead, ct);
        return new PostgresSession(await Connect(ct), null);
    }

    internal override Exception Explain(Exception exception) => exception switch
    {
        PostgresException { SqlState: "40001" or "40P01" } => new StorageUnavailableException(
            "Two changes wanted the same rows at once and this one gave way.", "Repeat the request.", exception),
        PostgresException { SqlState: "53100" or "53200" or "53300" or "53400" } full => new StorageUnavailableException(
            $"The database is out of room: {full.MessageText}.", "Free disk, memory or connections on it.", exception),
        PostgresException { SqlState: "25006" } => new StorageUnavailableException(
            "The database is read-only at the moment.", "Point WAYPOST_DATABASE at the primary.", exception),
        PostgresException { SqlState: ['0', '8', ..] or ['5', '7', 'P', ..] } => Lost(exception),
        PostgresException => exception,
        NpgsqlException or SocketException or EndOfStreamException => Lost(exception),
        _ => exception,
    };

    static StorageUnavailableException Lost(Exception exception) => new(
        "The connection to the database was lost; what was not acknowledged was not kept.",
        "Look at the database server; Waypost connects again by itself.", exception);

    async Task<Session> Open(IsolationLevel isolation, CancellationToken ct)
    {
        var connection = await Connect(ct);
        try
        {
            return new PostgresSession(connection, await connection.BeginTransactionAsync(isolation, ct));
        }
        catch (Exception exception)
        {
            await connection.DisposeAsync();
            throw Explain(exception);
        }
    }

    async Task<NpgsqlConnection> Connect(CancellationToken ct)
    {
        try
        {
            return await source.OpenConnectionAsync(ct);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw Explain(exception);
        }
    }

    sealed class PostgresSession(NpgsqlConnection connection, NpgsqlTransaction? transaction) : Session
    {
        public override async Task<int> Run(Sql sql, string text, CancellationToken ct)
        {
            await using var command = Command(sql, text);
            return await command.ExecuteNonQueryAsync(ct);
        }

        public override async Task<List<T>> All<T>(Sql sql, string text, CancellationToken ct)
        {
            await using var command = Command(sql, text);
            await using var reader = await command.ExecuteReaderAsync(ct);
            return await ReadAll<T>(reader, ct);
        }

        public override async IAsyncEnumerable<T> Each<T>(
            Sql sql, string text, [EnumeratorCancellation] CancellationToken ct)
        {
            await using var command = Command(sql, text);
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct)) yield return T.Read(new Row(reader));
        }

        public override async Task<long> Insert(string into, IEnumerable<object?[]> rows, CancellationToken ct)
        {
            var inserted = 0L;
            await using var copy = await connection.BeginBinaryImportAsync($"copy {into} from stdin (format binary)", ct);
            foreach (var row in rows)
            {
                await copy.StartRowAsync(ct);
                foreach (var value in row) await Write(copy, value, ct);
                inserted++;
            }
            await copy.CompleteAsync(ct);
            return inserted;
        }

        public override Task Commit(CancellationToken ct) => transaction?.CommitAsync(ct) ?? Task.CompletedTask;

        public override async ValueTask DisposeAsync()
        {
            if (transaction is not null) await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }

        static Task Write(NpgsqlBinaryImporter copy, object? value, CancellationToken ct) => value switch
        {
            null => copy.WriteNullAsync(ct),
            Json document => copy.WriteAsync(document.Text, NpgsqlDbType.Jsonb, ct),
            DateTimeOffset time => copy.WriteAsync(time.ToUniversalTime(), NpgsqlDbType.TimestampTz, ct),
            Enum choice => copy.WriteAsync(choice.ToString(), NpgsqlDbType.Text, ct),
            _ => copy.WriteAsync(value, ct),
        };

        NpgsqlCommand Command(Sql sql, string text)
        {
            var command = new NpgsqlCommand(text, connection, transaction);
            foreach (var (name, value, type) in sql.Parameters()) command.Parameters.Add(Parameter(name, value, type));
            return command;
        }

        static NpgsqlParameter Parameter(string name, object? value, Type type) => value switch
        {
            null => new NpgsqlParameter { ParameterName = name, Value = DBNull.Value, NpgsqlDbType = TypeOf(type) },
            Json document => new NpgsqlParameter(name, NpgsqlDbType.Jsonb) { Value = document.Text },
            DateTimeOffset time => new NpgsqlParameter(name, NpgsqlDbType.TimestampTz) { Value = time.ToUniversalTime() },
            Enum choice => new NpgsqlParameter(name, NpgsqlDbType.Text) { Value = choice.ToString() },
            _ => new NpgsqlParameter(name, value),
        };

        static NpgsqlDbType TypeOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(Json) => NpgsqlDbType.Jsonb,
            var t when t == typeof(DateTimeOffset) => NpgsqlDbType.TimestampTz,
            var t when t == typeof(Guid) => NpgsqlDbType.Uuid,
            var t when t == typeof(int) => NpgsqlDbType.Integer,
            var t when t == typeof(long) => NpgsqlDbType.Bigint,
            var t when t == typeof(double) => NpgsqlDbType.Double,
            var t when t == typeof(bool) => NpgsqlDbType.Boolean,
            var t when t == typeof(byte[]) => NpgsqlDbType.Bytea,
            _ => NpgsqlDbType.Text,
        };
    }
}
