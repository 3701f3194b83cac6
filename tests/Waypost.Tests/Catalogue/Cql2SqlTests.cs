using Waypost.Catalogue;
using Waypost.Geo.Cql2;
using Waypost.Geo.Tests.Cql2;
using Waypost.Geo.Text;
using Waypost.Storage;
using Xunit;

namespace Waypost.Tests.Catalogue;

/// <summary>Filters answer the same in .NET and in both databases.</summary>
public sealed class Cql2SqlTests
{
    const int Filters = 300;
    const int Depth = 4;

    [Theory]
    [CombinatorialBackends]
    public async Task Random_filters_find_the_same_in_a_database_as_in_memory(
        Backend backend, bool promoted, bool isExternal)
    {
        var seed = Environment.GetEnvironmentVariable("WAYPOST_TEST_SEED") is { } given
            ? int.Parse(given, null) : Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new RandomFilters(seed);
        var server = await TestServer.Shared(backend);
        var org = (await server.NewOrg()).Id;
        var records = await FilterRecords.Put(server.Db, org, random, 150, promoted);
        var view = new View(org, isExternal, [], null, null!);

        var told = 0;
        for (var i = 0; i < Filters; i++)
        {
            var filter = random.Filter(1 + i % Depth);
            var expected = records.Matching(filter, isExternal);
            var queryables = await Queryables.Of(server.Db, view, null, Cql2Sql.NamesIn(filter), Token);
            var compiled = Cql2Sql.Compile(filter, view, queryables);
            var found = await records.Meeting(server.Db, compiled.Condition);
            Assert.True(expected == found, $"seed {seed}, {filter}\nexpected {expected}\nfound    {found}");
            if (expected.Length > 0 && expected.Split(' ').Length < records.Records.Count) told++;
            if (compiled.Boxes is { } boxes)
                Assert.All(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), id => Assert.Contains(
                    boxes, box => box.Intersects(records.Records[int.Parse(id, null)].Geometry!.EnvelopeInternal)));
            if (compiled.Drive is not { } drive) continue;
            // What is to be found by an index is all of it, or more.
            var driven = await records.Meeting(
                server.Db, compiled.DriveIsAll ? drive : $"({compiled.Condition}) and {drive}");
            Assert.True(expected == driven, $"seed {seed}, {filter}\nexpected {expected}\ndriven   {driven}");
        }
        Assert.True(told > Filters / 4, $"seed {seed}: only {told} filters told records apart");
    }

    [Theory, Backends]
    public async Task Case_and_accents_are_folded_alike_everywhere(Backend backend)
    {
        var server = await TestServer.Shared(backend);
        // Every character of the basic plane that a text may have, by the thousand.
        var all = Enumerable.Range(1, 0xFFFF).Where(code => !char.IsSurrogate((char)code)).Select(code => (char)code);
        foreach (var some in all.Chunk(1000))
        {
            var text = new string(some);
            var folded = await server.Db.One<Folds>($"""
                select cql_casei({text}) as without_case, cql_accenti({text}) as without_accents
                """, Token);
            Assert.Equal(Folding.Case(text), folded!.Case);
            Assert.Equal(Folding.Accents(text), folded.Accents);
        }
    }

    sealed record Folds(string Case, string Accents) : IRow<Folds>
    {
        public static Folds Read(Row row) => new(row.Text("without_case"), row.Text("without_accents"));
    }

    sealed class CombinatorialBackendsAttribute : Xunit.v3.DataAttribute
    {
        public override async ValueTask<IReadOnlyCollection<Xunit.ITheoryDataRow>> GetData(
            System.Reflection.MethodInfo testMethod, Xunit.Sdk.DisposalTracker disposalTracker)
        {
            var backends = await new BackendsAttribute().GetData(testMethod, disposalTracker);
            return
            [
                .. from row in backends
                   from promoted in new[] { false, true }
                   from isExternal in new[] { false, true }
                   select new TheoryDataRow((Backend)row.GetData()[0]!, promoted, isExternal) { Skip = row.Skip },
            ];
        }

        public override bool SupportsDiscoveryEnumeration() => true;
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;
}
