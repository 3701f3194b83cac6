using System.Text.Json;
using Waypost.Geo.Cql2;
using Xunit;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>
/// The predicates of the standard's abstract test suite (annex A) that need no more than three rows: its temporal
/// ones, both ways round, with the rows that its expected numbers imply.
/// </summary>
public sealed class ConformanceTests
{
    static readonly string[] Rows =
    [
        """
        {"date": "2021-04-16", "start": "2021-04-16T10:15:59Z", "end": "2022-04-16T10:16:06Z", "boolean": true,
         "name": "København", "pop_other": 1038288}
        """,
        """
        {"date": "2022-04-16", "start": "2022-04-16T10:13:19Z", "end": "2023-04-16T10:16:06Z", "boolean": true,
         "name": "Kiev", "pop_other": 1662508}
        """,
        """
        {"date": "2023-04-16", "start": "2022-04-16T10:15:10Z", "end": "2022-10-16T10:17:07Z", "boolean": false,
         "name": "Berlin", "pop_other": 3013258}
        """,
        "{}",
    ];

    static readonly Dictionary<string, Cql2Type> Declared = new()
    {
        ["date"] = Cql2Type.Date,
        ["start"] = Cql2Type.Timestamp,
        ["end"] = Cql2Type.Timestamp,
        ["boolean"] = Cql2Type.Boolean,
        ["name"] = Cql2Type.Text,
        ["pop_other"] = Cql2Type.Number,
    };

    [Theory]
    [InlineData("\"date\" IS NOT NULL", 3)]
    [InlineData("\"date\"=DATE('2022-04-16')", 1)]
    [InlineData("\"date\">=DATE('2022-04-16')", 2)]
    [InlineData("\"date\"<>DATE('2022-04-16')", 2)]
    [InlineData("\"date\" in (DATE('2021-04-16'),DATE('2022-04-16'),DATE('2022-04-18'))", 2)]
    [InlineData("\"date\" not in (DATE('2021-04-16'),DATE('2022-04-16'),DATE('2022-04-18'))", 1)]
    [InlineData("\"date\" in ('2022-04-14', '2022-04-16')", 1)]
    [InlineData("start in ('2022-04-16T10:13:19Z', '2022-04-14T15:52:56Z')", 1)]
    [InlineData("start=TIMESTAMP('2022-04-16T10:13:19Z')", 1)]
    [InlineData("start<=TIMESTAMP('2022-04-16T10:13:19Z')", 2)]
    [InlineData("start<>TIMESTAMP('2022-04-16T10:13:19Z')", 2)]
    [InlineData("start=end", 0)]
    [InlineData("start<=end", 3)]
    [InlineData("start<>end", 3)]
    [InlineData("boolean=true", 2)]
    [InlineData("boolean not in (false)", 2)]
    [InlineData("ACCENTI(name)=accenti('Kobenhavn')", 1)]
    [InlineData("CASEI(name) IN (casei('Kiev'), casei('kobenhavn'), casei('Berlin'), casei('foo'))", 2)]
    [InlineData("ACCENTI(CASEI(name)) LIKE accenti(casei('kØ%'))", 1)]
    [InlineData("pop_other=1038280+8", 1)]
    [InlineData("pop_other>=1038290-2*2^0", 3)]
    [InlineData("pop_other>1038290-21 div 10", 2)]
    [InlineData("pop_other between 4000000/4 and (3*(900000+100000))", 2)]
    [InlineData("pop_other in (1000000+38288,3*1000000+13258,3*1000000+13257)", 2)]
    public void Scalars_give_the_numbers_of_the_suite(string filter, int count) => Found(filter, count);

    [Theory]
    [InlineData("t_after(\"date\",date('2022-04-16'))", 1)]
    [InlineData("t_before(\"date\",date('2022-04-16'))", 1)]
    [InlineData("t_disjoint(\"date\",date('2022-04-16'))", 2)]
    [InlineData("t_equals(\"date\",date('2022-04-16'))", 1)]
    [InlineData("t_intersects(\"date\",date('2022-04-16'))", 1)]
    [InlineData("t_after(\"date\",interval('2022-01-01','2022-12-31'))", 1)]
    [InlineData("t_before(\"date\",interval('2022-01-01','2022-12-31'))", 1)]
    [InlineData("t_disjoint(\"date\",interval('2022-01-01','2022-12-31'))", 2)]
    [InlineData("t_equals(\"date\",interval('2022-01-01','2022-12-31'))", 0)]
    [InlineData("t_equals(\"date\",interval('2022-04-16','2022-04-16'))", 1)]
    [InlineData("t_intersects(\"date\",interval('2022-01-01','2022-12-31'))", 1)]
    [InlineData("t_after(start,timestamp('2022-04-16T10:13:19Z'))", 1)]
    [InlineData("t_before(start,timestamp('2022-04-16T10:13:19Z'))", 1)]
    [InlineData("t_disjoint(start,timestamp('2022-04-16T10:13:19Z'))", 2)]
    [InlineData("t_after(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", 0)]
    [InlineData("t_before(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", 1)]
    [InlineData("t_intersects(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", 2)]
    [InlineData("t_after(interval(start,end),interval('..','2022-04-16T10:13:19Z'))", 1)]
    [InlineData("t_before(interval(start,end),interval('2023-01-01T00:00:00Z','..'))", 2)]
    [InlineData("t_disjoint(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:09Z'))", 1)]
    [InlineData("t_equals(interval(start,end),interval('2021-04-16T10:15:59Z','2022-04-16T10:16:06Z'))", 1)]
    [InlineData("t_intersects(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:09Z'))", 2)]
    [InlineData("T_CONTAINS(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 1)]
    [InlineData("T_DURING(interval(start,end),interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", 1)]
    [InlineData("T_FINISHES(interval(start,end),interval('2020-04-16T10:13:19Z','2022-04-16T10:16:06Z'))", 1)]
    [InlineData("T_FINISHEDBY(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:16:06Z'))", 1)]
    [InlineData("T_MEETS(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 0)]
    [InlineData("T_METBY(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 1)]
    [InlineData("T_OVERLAPPEDBY(interval(start,end),interval('2020-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 2)]
    [InlineData("T_OVERLAPS(interval(start,end),interval('2022-04-16T10:13:19Z','2023-04-16T10:15:10Z'))", 1)]
    [InlineData("T_STARTEDBY(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 1)]
    [InlineData("T_STARTS(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))", 0)]
    [InlineData("T_CONTAINS(interval('2021-04-16T10:13:19Z','2023-04-16T10:15:10Z'),interval(start,end))", 2)]
    [InlineData("T_DURING(interval('2022-07-01T00:00:00Z','2022-12-31T23:59:59Z'),interval(start,end))", 1)]
    [InlineData("T_FINISHES(interval('2022-04-16T10:13:19Z','2022-04-16T10:16:06Z'),interval(start,end))", 1)]
    [InlineData("T_FINISHEDBY(interval('2022-04-16T10:13:19Z','2022-04-16T10:16:06Z'),interval(start,end))", 0)]
    [InlineData("T_MEETS(interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'),interval(start,end))", 1)]
    [InlineData("T_METBY(interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'),interval(start,end))", 0)]
    [InlineData("T_OVERLAPPEDBY(interval('2020-04-16T10:13:19Z','2022-04-16T10:15:10Z'),interval(start,end))", 0)]
    [InlineData("T_OVERLAPS(interval('2022-04-16T10:13:19Z','2023-04-16T10:15:10Z'),interval(start,end))", 0)]
    [InlineData("T_STARTEDBY(interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'),interval(start,end))", 0)]
    [InlineData("T_STARTS(interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'),interval(start,end))", 1)]
    public void Times_give_the_numbers_of_the_suite(string filter, int count) => Found(filter, count);

    /// <summary>The suite expects this one to fail: there is no such latitude.</summary>
    [Fact]
    public void A_position_off_the_earth_is_refused() => Assert.Throws<BadCql2Exception>(() =>
        Cql2Check.Bind(Cql2Text.Read("S_INTERSECTS(geom,POINT(90 180))"), _ => Cql2Type.Any, Cql2Functions.Standard));

    static void Found(string text, int count)
    {
        var filter = Cql2Check.Bind(Cql2Text.Read(text), name => Declared[name], Cql2Functions.Standard);
        Assert.Equal(count, Rows.Count(row =>
        {
            using var json = JsonDocument.Parse(row);
            return Cql2Evaluation.Matches(filter, name => json.RootElement.TryGetProperty(name, out var value)
                ? Cql2Values.Of(value) : null);
        }));
    }
}
