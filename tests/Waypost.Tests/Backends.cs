using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Waypost.Tests;

public enum Backend
{
    Sqlite,
    Postgres,
}

/// <summary>Runs a test once per database. Without PostgreSQL a developer's run skips it; the build server's
/// fails.</summary>
public sealed class BackendsAttribute : DataAttribute
{
    public static string? PostgresUrl => Environment.GetEnvironmentVariable("WAYPOST_TEST_POSTGRES");

    public static bool OnBuildServer => Environment.GetEnvironmentVariable("CI") is not null;

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        var noPostgres = PostgresUrl is null && !OnBuildServer ? "WAYPOST_TEST_POSTGRES is not set" : null;
        return new([new TheoryDataRow(Backend.Sqlite), new TheoryDataRow(Backend.Postgres) { Skip = noPostgres }]);
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
