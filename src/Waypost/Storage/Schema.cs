using System.Security.Cryptography;
using System.Text;

namespace Waypost.Storage;

/// <summary>Brings a database up to date from the numbered files in every module's Schema folder.</summary>
/// <remarks>
/// Files only ever get added. Each is recorded with its checksum: a database that knows a file we do not have was
/// written by a newer Waypost, and one whose checksum differs was made by a file that has been edited since; both
/// stop the start. Lines between <c>-- only sqlite</c> (or <c>-- only postgres</c>) and <c>-- both</c> are for one
/// database.
/// </remarks>
static class Schema
{
    /// <summary>A migration: its name is <c>Module/Schema/001_what.sql</c>.</summary>
    public sealed record Migration(string Name, string Text)
    {
        public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
    }

    sealed record Applied(string Name, string Checksum) : IRow<Applied>
    {
        public static Applied Read(Row row) => new(row.Text("name"), row.Text("checksum"));
    }

    public static async Task Apply(
        Db db, IReadOnlyList<Migration> migrations, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        await tx.Run($"""
            create table if not exists schema_migrations (
                name       text primary key,
                checksum   text not null,
                applied_at text not null
            )
            """);
        await LockOutOtherStarters(tx, db);
        var applied = await tx.All<Applied>($"select name, checksum from schema_migrations");
        RefuseStrangers(applied, migrations);

        foreach (var migration in migrations.ExceptBy(applied.Select(a => a.Name), m => m.Name))
        {
            await tx.Run(Sql.OfMigration(Translate(migration.Text, db)));
            await tx.Run($"""
                insert into schema_migrations (name, checksum, applied_at)
                values ({migration.Name}, {migration.Checksum}, {clock.GetUtcNow().ToString("O")})
                """);
        }
        await tx.Commit();
    }

    /// <summary>The migrations of these modules, in the modules' order and then by number.</summary>
    public static IReadOnlyList<Migration> Of(IEnumerable<string> modules) => [.. modules.SelectMany(Files)];

    static Task<int> LockOutOtherStarters(Tx tx, Db db) => db.Dialect == "postgres"
        ? tx.Run($"lock table schema_migrations in exclusive mode")
        : Task.FromResult(0);

    static void RefuseStrangers(List<Applied> applied, IReadOnlyList<Migration> migrations)
    {
        var ours = migrations.ToDictionary(m => m.Name, m => m.Checksum, StringComparer.Ordinal);
        foreach (var (name, checksum) in applied)
        {
            if (!ours.TryGetValue(name, out var expected))
                throw new StorageRefusedException(
                    $"This database was written by a newer Waypost: it knows the migration {name}, which this "
                    + "version does not have. Start the newer version, or restore a backup made by this one.");
            if (expected != checksum)
                throw new StorageRefusedException(
                    $"The migration {name} has been edited since this database was made with it (checksum "
                    + $"{checksum[..8]}… in the database, {expected[..8]}… here). Restore the original file: "
                    + "migrations only ever get added.");
        }
    }

    static IEnumerable<Migration> Files(string module)
    {
        var assembly = typeof(Schema).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith(module + "/", StringComparison.Ordinal)) continue;
            if (!name.EndsWith(".sql", StringComparison.Ordinal)) continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return new Migration(name, reader.ReadToEnd().ReplaceLineEndings("\n"));
        }
    }

    static string Translate(string text, Db db)
    {
        var kept = new StringBuilder();
        string? only = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("-- only ", StringComparison.Ordinal)) only = line["-- only ".Length..].Trim();
            else if (line.Trim() == "-- both") only = null;
            else if (only is null || only == db.Dialect) kept.Append(line).Append('\n');
        }
        return db.Types.Aggregate(
            kept.ToString(), (sql, type) => sql.Replace($"<{type.Key}>", type.Value, StringComparison.Ordinal));
    }
}
