using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Access;

/// <summary>A checksum of each tenant table's rows of one organization, read past the server.</summary>
static class TenantRows
{
    static readonly IReadOnlyList<string> Tables =
        [.. Schema.Of(WaypostApp.Modules).SelectMany(file => StatementRule.TenantTables(file.Text)).Distinct()];

    /// <summary>Which rows somebody wrote on purpose, table by table.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> Of(TestOrg org)
    {
        var storage = org.Server.Services.GetRequiredService<Settings>().Storage;
        await using DbConnection connection = storage.Database is { } database
            ? new NpgsqlConnection(database)
            : new SqliteConnection($"Data Source={Path.Combine(storage.DataFolder, "waypost.db")};Mode=ReadOnly");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var sums = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["organizations"] = await Sum(connection, "select * from organizations where id = @org", org.Id),
        };
        foreach (var table in Tables)
            sums[table] = await Sum(connection, $"select * from {table} where org = @org", org.Id);
        return sums;
    }

    static async Task<string> Sum(DbConnection connection, string sql, string org)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("org", org);
        command.Parameters.Add(parameter);
        var rows = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => Text(reader, i))));
        rows.Sort(StringComparer.Ordinal);
        var sum = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows)));
        return $"{rows.Count} rows, {Convert.ToHexString(sum)[..16]}";
    }

    static string Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? "null"
        : reader.GetDataTypeName(column) is "geometry" or "public.geometry" ? "geometry"
        : reader.GetValue(column) switch
        {
            byte[] bytes => Convert.ToHexString(SHA256.HashData(bytes)),
            var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
}
