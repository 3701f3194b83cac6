using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Npgsql;
using Waypost.Geo.Stac;

namespace Waypost.Cli;

/// <summary>Reads a pgSTAC 0.9 database, a row at a time: nothing is asked of its functions, only of its tables
/// <c>collections</c> and <c>items</c>.</summary>
sealed class PgstacSource : IAsyncDisposable
{
    readonly NpgsqlDataSource database;
    readonly string schema;

    PgstacSource(NpgsqlDataSource database, string schema)
    {
        this.database = database;
        this.schema = schema;
    }

    /// <summary>A collection, and what its items share.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Document">The collection.</param>
    /// <param name="BaseItem">What its items share with it.</param>
    /// <param name="Expected">How many items it has.</param>
    public sealed record Collection(string Id, JsonObject Document, JsonObject? BaseItem, long Expected);

    /// <summary>Opens it and looks whether it is one.</summary>
    /// <param name="connection">A URI (<c>postgresql://…</c>), or <c>Host=…;Username=…</c>.</param>
    /// <param name="schema">Where pgSTAC's tables are.</param>
    /// <param name="password">Used where the connection has none.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="UsageException">It is no pgSTAC database that can be read.</exception>
    /// <exception cref="NotDoneException">It does not answer.</exception>
    public static async Task<PgstacSource> Open(
        string connection, string schema, string? password, CancellationToken ct)
    {
        if (schema.Length == 0 || !schema.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            throw new UsageException($"--schema is '{schema}'.", "It has letters, digits and underscores.");
        var settings = Parse(connection);
        settings.Password ??= password;
        // One long read-only question after another; a hurried server would cut them off.
        settings.CommandTimeout = 0;
        var source = new PgstacSource(NpgsqlDataSource.Create(settings), schema);
        try
        {
            await source.Check(ct);
            return source;
        }
        catch (NpgsqlException error)
        {
            await source.DisposeAsync();
            throw new NotDoneException("SOURCE", $"The pgSTAC database cannot be read: {error.Message}",
                "Check the connection: postgresql://user@host:5432/database, the password in PGPASSWORD.");
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its collections, or those of them that are named, by id.</summary>
    public async Task<IReadOnlyList<Collection>> Collections(IReadOnlyList<string> named, CancellationToken ct)
    {
        await using var command = database.CreateCommand($"""
            select id, content::text, base_item::text,
                (select count(*) from {schema}.items as items where items.collection = collections.id)
            from {schema}.collections as collections where $1 or id = any($2) order by id
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = named.Count == 0 });
        command.Parameters.Add(new NpgsqlParameter { Value = named.ToArray() });
        var found = new List<Collection>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            found.Add(new Collection(
                reader.GetString(0), JsonNode.Parse(reader.GetString(1))!.AsObject(),
                reader.IsDBNull(2) ? null : JsonNode.Parse(reader.GetString(2)) as JsonObject, reader.GetInt64(3)));
        return found;
    }

    /// <summary>The items of a collection, whole, as they come.</summary>
    public async IAsyncEnumerable<JsonObject> Items(
        Collection collection, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = database.CreateCommand($"""
            select id, st_asgeojson(geometry, 20), content::text from {schema}.items where collection = $1
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = collection.Id });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            yield return PgstacItems.Whole(
                reader.GetString(0), collection.Id, reader.IsDBNull(1) ? null : JsonNode.Parse(reader.GetString(1)),
                JsonNode.Parse(reader.GetString(2))!.AsObject(), collection.BaseItem);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => database.DisposeAsync();

    async Task Check(CancellationToken ct)
    {
        await using var command = database.CreateCommand("""
            select table_name || '.' || column_name from information_schema.columns where table_schema = $1
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = schema });
        var columns = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) columns.Add(reader.GetString(0));
        string[] needed = ["collections.content", "collections.base_item", "items.id", "items.collection",
            "items.geometry", "items.content"];
        if (needed.FirstOrDefault(column => !columns.Contains(column)) is { } missing)
            throw new UsageException($"The database has no column {schema}.{missing}: it is not pgSTAC 0.9.",
                "Name the database that pgSTAC is in, and its schema with --schema; migrate an older one first.");
        if (columns.Contains("base_items.base_item"))
            throw new UsageException(
                $"{schema}.base_items is there: this pgSTAC is newer than 0.9, and keeps its items in another way.",
                "Bring it over through its API: waypost catalogue query, then waypost catalogue ingest.");
    }

    static NpgsqlConnectionStringBuilder Parse(string connection)
    {
        try
        {
            if (!connection.StartsWith("postgres", StringComparison.OrdinalIgnoreCase)
                || !connection.Contains("://", StringComparison.Ordinal))
                return new NpgsqlConnectionStringBuilder(connection);
            var uri = new Uri(connection);
            var who = uri.UserInfo.Split(':', 2);
            var settings = new NpgsqlConnectionStringBuilder
            {
                Host = uri.Host,
                Port = uri.Port > 0 ? uri.Port : 5432,
                Database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/')),
            };
            if (who[0].Length > 0) settings.Username = Uri.UnescapeDataString(who[0]);
            if (who.Length == 2) settings.Password = Uri.UnescapeDataString(who[1]);
            return settings;
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            throw new UsageException($"The connection cannot be understood: {error.Message}",
                "Write postgresql://user@host:5432/database, or Host=…;Username=…;Database=…");
        }
    }
}
