using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Waypost.Storage;

/// <summary>Holds every statement on a tenant's table to naming its organization. On in tests.</summary>
/// <remarks>A table is a tenant's when its <c>create table</c> has a column <c>org</c>.</remarks>
public sealed partial class StatementRule(IEnumerable<string> tenantTables)
{
    static readonly ConcurrentDictionary<string, long> doors = new(StringComparer.Ordinal);
    readonly HashSet<string> tenants = new(tenantTables, StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, string?> verdicts = new(StringComparer.Ordinal);

    /// <summary>How often each reason to look across organizations was given since the start.</summary>
    public static IReadOnlyDictionary<string, long> Doors => doors;

    /// <summary>Throws when the statement touches a tenant's table and does not say whose rows it means.</summary>
    /// <exception cref="InvalidOperationException">The statement forgets the organization.</exception>
    public void Check(string statement)
    {
        if (verdicts.GetOrAdd(statement, Judge) is { } table)
            throw new InvalidOperationException(
                $"The statement touches {table} and does not name org: every tenant's statement says whose rows it "
                + $"means, or goes through AcrossOrganizations(reason).\n{statement}");
    }

    internal static void CountDoor(string reason) => doors.AddOrUpdate(reason, 1, (_, count) => count + 1);

    /// <summary>The tables in a migration's text that belong to tenants.</summary>
    internal static IEnumerable<string> TenantTables(string migration) =>
        from Match table in TableCreation().Matches(migration)
        where OrgColumn().IsMatch(table.Groups["columns"].Value)
        select table.Groups["table"].Value;

    string? Judge(string statement) => NamesOrg().IsMatch(statement)
        ? null
        : Words().Matches(statement).Select(word => word.Value).FirstOrDefault(tenants.Contains);

    [GeneratedRegex(@"create table (?<table>[a-z_]+) \((?<columns>.*?)\n\)", RegexOptions.Singleline)]
    private static partial Regex TableCreation();

    [GeneratedRegex(@"^\s*org\s", RegexOptions.Multiline)]
    private static partial Regex OrgColumn();

    [GeneratedRegex(@"\borg\b")]
    private static partial Regex NamesOrg();

    [GeneratedRegex("[a-z_]+")]
    private static partial Regex Words();
}
