using System.Text.Json;
using Waypost.Geo.Cql2;
using Xunit;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>Each operator finds the rows it should, of rows of every type.</summary>
public sealed class OperatorTests
{
    [Fact]
    public void Filters_find_the_rows_that_are_expected_of_them()
    {
        foreach (var table in OperatorRows.All())
        {
            var rows = table.Rows.Select(Row).ToList();
            foreach (var (text, expected) in table.Expected)
            {
                var filter = Cql2Text.Read(text);
                var bound = Cql2Check.Bind(filter, name => table.Declared[name], Cql2Functions.Standard);
                Assert.Equal($"{text}: {expected}", $"{text}: {Found(rows, bound, table.Key)}");
                Assert.Equal($"{text}: {expected}", $"{text}: {Found(rows, filter, table.Key)}");
                Assert.Equal(filter, Cql2Json.Read(Cql2Json.Write(filter)));
            }
        }
    }

    static string Found(List<Dictionary<string, object?>> rows, Cql2Expression filter, string key) =>
        string.Join(' ', rows.Where(row => Cql2Evaluation.Matches(filter, name => row.GetValueOrDefault(name)))
            .Select(row => row[key]));

    static Dictionary<string, object?> Row(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.EnumerateObject()
            .ToDictionary(member => member.Name, member => Cql2Values.Of(member.Value));
    }
}
