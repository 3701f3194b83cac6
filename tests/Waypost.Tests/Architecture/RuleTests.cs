using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Architecture;

/// <summary>The house as it stands keeps its rules; and each rule bites what it is for.</summary>
public sealed class RuleTests
{
    [Fact]
    public void A_module_uses_only_the_modules_below_it() => Holds(Rules.UpwardUses, "src/Waypost");

    [Fact]
    public void Every_folder_is_a_module_that_the_composition_root_lists() =>
        Holds(Rules.UnlistedModules, "src/Waypost");

    [Fact]
    public void A_table_is_touched_only_by_the_module_that_creates_it() => Holds(Rules.ForeignTables, "src/Waypost");

    [Fact]
    public void No_file_and_no_line_outgrows_a_readers_patience() => Holds(Rules.TooLong, "src", "tests", "bench");

    [Fact]
    public void No_hole_in_SQL_stands_in_quotes() => Holds(Rules.QuotedHoles, "src/Waypost");

    [Fact]
    public void Types_are_named_for_what_they_mean() => Holds(Rules.EmptyNames, "src", "tests", "bench");

    [Fact]
    public void Nothing_outside_storage_asks_which_database_it_is() => Holds(Rules.AsksForTheDatabase, "src/Waypost");

    [Fact]
    public void No_test_sleeps() => Holds(Rules.Sleeps, "tests");

    [Fact]
    public void Nothing_is_called_async() => Holds(Rules.AsyncSuffixes, "src", "tests", "bench");

    [Fact]
    public void Tables_carry_the_name_of_their_module() => Assert.Empty(Rules.Unprefixed(Rules.TablesOf(
        from file in Directory.EnumerateFiles(
            Path.Combine(Expected.Root, "src", "Waypost"), "*.sql", SearchOption.AllDirectories)
        select (Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(file)))!, File.ReadAllText(file)))));

    [Theory]
    [InlineData("using Waypost.Work;")]
    [InlineData("var chosen = Work.LeaseTasks.Choose(a, b);")]
    public void The_layer_rule_bites_a_use_of_a_higher_module(string line) =>
        Assert.Single(Rules.UpwardUses(Of("Events", line)));

    [Theory]
    [InlineData("using Waypost.Storage;")]
    [InlineData("// Work.LeaseTasks.Choose is above us.")]
    [InlineData("var text = \"Waypost.Work\";")]
    public void The_layer_rule_lets_lower_modules_and_mere_words_pass(string line) =>
        Assert.Empty(Rules.UpwardUses(Of("Events", line)));

    [Fact]
    public void The_list_rule_bites_a_folder_that_nobody_lists() =>
        Assert.Single(Rules.UnlistedModules(Of("Attic", "class Box;")));

    [Theory]
    [InlineData("tx.Run($\"delete from work_tasks where org = {org}\");")]
    [InlineData("tx.Run($\"select 1 from access_keys k join work_jobs j on j.org = k.org\");")]
    public void The_table_rule_bites_another_modules_table(string line) =>
        Assert.Single(Rules.ForeignTables(Of("Access", line)));

    [Fact]
    public void The_length_rules_bite_a_long_file_and_a_long_line()
    {
        Assert.Single(Rules.TooLong(Of("Work", string.Concat(Enumerable.Repeat("x\n", 401)))));
        Assert.Empty(Rules.TooLong(Of("Work", string.Concat(Enumerable.Repeat("x\n", 400)))));
        Assert.Single(Rules.TooLong(Of("Work", new string('x', 121))));
    }

    [Fact]
    public void The_quote_rule_bites_a_hole_in_quotes()
    {
        Assert.Single(Rules.QuotedHoles(Of("Work", "tx.Run($\"select 1 from t where name = '{name}'\");")));
        Assert.Single(
            Rules.QuotedHoles(Of("Work", "tx.Run($\"\"\"\nselect 1 from t where name like '%{name}%'\n\"\"\");")));
        Assert.Empty(
            Rules.QuotedHoles(Of("Work", "tx.Run($\"select 1 from t where state = 'Open' and name = {name}\");")));
    }

    [Theory]
    [InlineData("sealed class JobManager { }")]
    [InlineData("static class StringHelpers { }")]
    [InlineData("public sealed record JobDto(int A);")]
    [InlineData("interface IJobRepository { }")]
    public void The_name_rule_bites_an_empty_word(string line) => Assert.Single(Rules.EmptyNames(Of("Work", line)));

    [Fact]
    public void The_database_rule_bites_whoever_asks()
    {
        Assert.Single(Rules.AsksForTheDatabase(Of("Work", "if (db is PostgresDb) return;")));
        Assert.Empty(Rules.AsksForTheDatabase(Of("Storage", "if (db is PostgresDb) return;")));
    }

    [Fact]
    public void The_sleep_rule_bites_a_wait_for_time() =>
        Assert.Equal(2, Rules.Sleeps(new Source("tests/A.cs", "await Task.Delay(5); Thread.Sleep(5);")).Count());

    [Fact]
    public void The_suffix_rule_bites_a_method_called_async()
    {
        Assert.Single(Rules.AsyncSuffixes(Of("Work", "public static async Task<int> ReadAsync(int a) => 1;")));
        Assert.Empty(Rules.AsyncSuffixes(Of("Work", "public async ValueTask DisposeAsync() { }")));
    }

    [Fact]
    public void The_prefix_rule_bites_a_table_that_does_not_say_whose_it_is() => Assert.Single(
        Rules.Unprefixed(Rules.TablesOf([("Work", "create table jobs (\n    id int\n)")])));

    [Fact]
    public async Task An_endpoint_without_a_stated_permission_stops_the_start()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/stated", () => "x").Open("test");
        Gate.CheckEndpoints(app);
        app.MapGet("/forgotten", () => "x");
        var error = Assert.Throws<InvalidOperationException>(() => Gate.CheckEndpoints(app));
        Assert.Contains("/forgotten", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("/stated", error.Message, StringComparison.Ordinal);
    }

    static void Holds(Func<Source, IEnumerable<string>> rule, params string[] folders)
    {
        var files = Source.Under(folders).ToList();
        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(rule));
    }

    static Source Of(string module, string text) => new($"src/Waypost/{module}/File.cs", text);
}
