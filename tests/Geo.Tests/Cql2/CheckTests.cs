using Waypost.Geo.Cql2;
using Xunit;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>Types are found before anything is evaluated, and what cannot meet is refused with its place.</summary>
public sealed class CheckTests
{
    static readonly Dictionary<string, Cql2Type> Declared = new()
    {
        ["name"] = Cql2Type.Text,
        ["n"] = Cql2Type.Number,
        ["yes"] = Cql2Type.Boolean,
        ["day"] = Cql2Type.Date,
        ["at"] = Cql2Type.Timestamp,
        ["tags"] = Cql2Type.Array,
        ["geometry"] = Cql2Type.Geometry,
    };

    [Theory]
    [InlineData("x = 1", "x Number")]
    [InlineData("'a' <> x", "x Text")]
    [InlineData("x = TRUE", "x Boolean")]
    [InlineData("x < DATE('2020-01-31')", "x Date")]
    [InlineData("x < n", "x Number, n Number")]
    [InlineData("x = y", "x Any, y Any")]
    [InlineData("x", "x Boolean")]
    [InlineData("NOT (x OR yes)", "x Boolean, yes Boolean")]
    [InlineData("x IS NULL AND n IS NULL", "x Any, n Number")]
    [InlineData("x LIKE 'a%'", "x Text")]
    [InlineData("CASEI(x) = 'a'", "x Text")]
    [InlineData("x + 1 = y", "x Number, y Number")]
    [InlineData("x BETWEEN 1 AND y", "x Number, y Number")]
    [InlineData("x BETWEEN TIMESTAMP('2020-01-31T00:00:00Z') AND y", "x Timestamp, y Timestamp")]
    [InlineData("x IN (y, 'a')", "x Text, y Text")]
    [InlineData("S_WITHIN(x, geometry)", "x Geometry, geometry Geometry")]
    [InlineData("T_AFTER(x, INTERVAL(y, '..'))", "x Timestamp, y Timestamp")]
    [InlineData("A_EQUALS(x, (y, n))", "x Array, y Any, n Number")]
    [InlineData("length(x) = year(y)", "x Text, y Timestamp")]
    [InlineData("name > TIMESTAMP('2020-01-31T00:00:00Z')", "name Timestamp")]
    [InlineData("day = at", "day Date, at Timestamp")]
    public void Each_use_of_a_property_has_a_type(string filter, string uses) => Assert.Equal(uses,
        string.Join(", ", Cql2Check.Properties(Bound(filter)).Select(use => $"{use.Name} {use.Type}")));

    [Theory]
    [InlineData("at > '2020-01-31T12:00:00Z'", "at > TIMESTAMP('2020-01-31T12:00:00Z')")]
    [InlineData("at > '2020-01-31'", "at > DATE('2020-01-31')")]
    [InlineData("day IN ('2020-01-31', '2020-02-01')", "day IN (DATE('2020-01-31'), DATE('2020-02-01'))")]
    [InlineData("T_BEFORE(at, '2020-01-31')", "T_BEFORE(at, DATE('2020-01-31'))")]
    [InlineData("year('2020-01-31') = 2020", "year(DATE('2020-01-31')) = 2020")]
    [InlineData("name = '2020-01-31'", "name = '2020-01-31'")]
    public void A_text_beside_a_moment_becomes_one(string filter, string bound) =>
        Assert.Equal(bound, Bound(filter).ToString());

    [Theory]
    [InlineData("n = 'a'", "column 5", "a text; a number was expected")]
    [InlineData("name = 1", "column 8", "a number; a text was expected")]
    [InlineData("name = n", "column 8", "n, which is a number; a text was expected")]
    [InlineData("yes = 1", "column 7", "a boolean was expected")]
    [InlineData("at = 'today'", "column 6", "a date or a timestamp was expected")]
    [InlineData("at = 1", "column 6", "a timestamp was expected")]
    [InlineData("n", "column 1", "a boolean was expected")]
    [InlineData("n + 1", "column 1", "a boolean was expected")]
    [InlineData("n AND yes", "column 1", "a boolean was expected")]
    [InlineData("n LIKE 'a'", "column 1", "a text was expected")]
    [InlineData("name + 1 = 2", "column 1", "a number was expected")]
    [InlineData("n IN (1, 'a')", "column 10", "a number was expected")]
    [InlineData("n BETWEEN 1 AND 'a'", "column 17", "a number was expected")]
    [InlineData("geometry = geometry", "column 1", "comparisons are of texts")]
    [InlineData("x = POINT(1 2)", "column 5", "comparisons are of texts")]
    [InlineData("S_WITHIN(name, POINT(1 2))", "column 10", "a geometry was expected")]
    [InlineData("T_AFTER(n, at)", "column 9", "a timestamp was expected")]
    [InlineData("A_EQUALS(name, ('a'))", "column 10", "an array was expected")]
    [InlineData("A_EQUALS(tags, (POINT(1 2)))", "column 17", "a geometry in an array")]
    [InlineData("nonsense(1) = 1", "column 1", "there are lower, upper")]
    [InlineData("length(name, n) = 1", "column 1", "length(a text) was expected")]
    [InlineData("max() = 1", "column 1", "max(a number, …) was expected")]
    [InlineData("length(n) = 1", "column 8", "a text was expected")]
    [InlineData("S_WITHIN(geometry, POINT(90 180))", "column 20", "latitude within -90 to 90")]
    [InlineData("S_WITHIN(geometry, BBOX(0, 0, 10, 91))", "column 20", "latitude outside -90..90")]
    [InlineData("S_WITHIN(geometry, BBOX(0, 10, 10, 0))", "column 20", "above its north")]
    public void What_cannot_meet_is_refused_with_its_place(string filter, string place, string words)
    {
        var error = Assert.Throws<BadCql2Exception>(() => Bound(filter));
        Assert.Equal(place, error.Place);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    static Cql2Expression Bound(string filter) => Cql2Check.Bind(
        Cql2Text.Read(filter), name => Declared.GetValueOrDefault(name), Cql2Functions.Standard);
}
