using System.Text.Json;
using Waypost.Geo.Cql2;
using Xunit;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>Each operator finds the rows it should, of 112 rows of every type, when they are at hand.</summary>
public sealed class OperatorTests
{
    static readonly Dictionary<string, Cql2Type> Declared = new()
    {
        ["intfield"] = Cql2Type.Number,
        ["floatfield"] = Cql2Type.Number,
        ["textfield"] = Cql2Type.Text,
        ["boolfield"] = Cql2Type.Boolean,
        ["nfield"] = Cql2Type.Boolean,
        ["datefield"] = Cql2Type.Date,
        ["ts_start"] = Cql2Type.Timestamp,
        ["ts_end"] = Cql2Type.Timestamp,
        ["intarrayfield"] = Cql2Type.Array,
        ["geom"] = Cql2Type.Geometry,
    };

    [Fact]
    public void Filters_find_the_rows_that_are_expected_of_them()
    {
        var rows = StandardExamples.Lines("cql2testdata.ndjson").Select(Row).ToList();
        var expected = StandardExamples.Lines("operators_expected.txt");
        for (var i = 0; i + 1 < expected.Length; i += 2)
        {
            var filter = Cql2Text.Read(expected[i]);
            var bound = Cql2Check.Bind(filter, name => Declared[name], Cql2Functions.Standard);
            Assert.Equal($"{expected[i]}: {expected[i + 1]}", $"{expected[i]}: {Found(rows, bound)}");
            Assert.Equal($"{expected[i]}: {expected[i + 1]}", $"{expected[i]}: {Found(rows, filter)}");
        }
    }

    static string Found(List<Dictionary<string, object?>> rows, Cql2Expression filter) => string.Join(' ', rows
        .Where(row => Cql2Evaluation.Matches(filter, name => row.GetValueOrDefault(name)))
        .Select(row => row["intfield"]));

    static Dictionary<string, object?> Row(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.EnumerateObject()
            .ToDictionary(member => member.Name, member => Cql2Values.Of(member.Value));
    }
}
