using Waypost.Geo.Cql2;
using Xunit;

namespace Waypost.Geo.Tests.Cql2;

/// <summary>What is read as what, and what is refused with which words.</summary>
public sealed class ReadingTests
{
    [Theory]
    [InlineData("in(a, ('x', 'y'))", "a IN ('x', 'y')")]
    [InlineData("in(a, 'x', 'y')", "a IN ('x', 'y')")]
    [InlineData("like(a, 'x%')", "a LIKE 'x%'")]
    [InlineData("between(a, 1, 2)", "a BETWEEN 1 AND 2")]
    [InlineData("not(a = true)", "NOT a = TRUE")]
    [InlineData("a not between 1 and 2 and b", "NOT a BETWEEN 1 AND 2 AND b")]
    [InlineData("((a = 1))", "a = 1")]
    [InlineData("a = 1 OR b = 2 AND c = 3", "a = 1 OR b = 2 AND c = 3")]
    [InlineData("(a OR b) AND NOT (c AND d)", "(a OR b) AND NOT (c AND d)")]
    [InlineData("- foo * 2.0 + \"bar\" / 6.1 = 1", "-1 * foo * 2 + bar / 6.1 = 1")]
    [InlineData("a - (b - c) = (a - b) - c", "a - (b - c) = a - b - c")]
    [InlineData("(a ^ 2) ^ b = 1E3", "(a ^ 2) ^ b = 1000")]
    [InlineData("a < = 1 AND b<>2", "a <= 1 AND b <> 2")]
    [InlineData("date IS NULL AND \"date\" = 1", "\"date\" IS NULL AND \"date\" = 1")]
    [InlineData("point = 1 AND interval = 2", "\"point\" = 1 AND \"interval\" = 2")]
    [InlineData("properties.eo:cloud_cover<.5", "properties.eo:cloud_cover < 0.5")]
    [InlineData("a_equals(x, (1))", "A_EQUALS(x, (1))")]
    [InlineData("a_equals(x, (1 + 2))", "A_EQUALS(x, ((1 + 2)))")]
    [InlineData("f((1 + 2), (1), (), ((1)), (a) + 1)", "f(1 + 2, (1), (), ((1)), a + 1)")]
    [InlineData("A_OVERLAP(x, ())", "A_OVERLAPS(x, ())")]
    [InlineData("s_within(g, MULTIPOINT(1 2, 3 4))", "S_WITHIN(g, MULTIPOINT ((1 2), (3 4)))")]
    [InlineData("s_within(g, POINTZ(1 2 3))", null)]
    [InlineData("s_within(g, point z (1 2 3))", "S_WITHIN(g, POINT Z (1 2 3))")]
    [InlineData("s_within(g, POINT EMPTY)", "S_WITHIN(g, POINT EMPTY)")]
    [InlineData("s_within(g, GEOMETRYCOLLECTION EMPTY)", "S_WITHIN(g, GEOMETRYCOLLECTION EMPTY)")]
    [InlineData("t_after(a, interval('..', DATE('2020-01-31')))", "T_AFTER(a, INTERVAL('..', '2020-01-31'))")]
    [InlineData("a = TIMESTAMP('2020-01-31T12:00:00.50+02:00')", "a = TIMESTAMP('2020-01-31T10:00:00.5Z')")]
    [InlineData(@"a = 'it''s' OR a = 'it\'s'", "a = 'it''s' OR a = 'it''s'")]
    [InlineData(@"a = '\t\a' OR a = '\%' OR a = '\\'", "a = '\t\a' OR a = '\\\\%' OR a = '\\\\'")]
    public void Text_is_read_as_clients_write_it(string text, string? written)
    {
        if (written is null)
            Assert.Throws<BadCql2Exception>(() => Cql2Text.Read(text));
        else
            Assert.Equal(written, Cql2Text.Read(text).ToString());
    }

    [Theory]
    [InlineData("""
        {"op": "AND", "args": [true, {"op": "S_Within", "args": [{"property": "g"}, {"bbox": [1,2,3,4]}]}]}
        """,
        "TRUE AND S_WITHIN(g, BBOX(1, 2, 3, 4))")]
    [InlineData("""{"op": "=", "args": [{"casei": {"property": "a"}}, {"accenti": "b"}]}""", "CASEI(a) = ACCENTI('b')")]
    [InlineData("""{"op": "isNull", "args": {"property": "a"}}""", "a IS NULL")]
    [InlineData("""{"op": "between", "args": [{"property": "a"}, [1, 2]]}""", "a BETWEEN 1 AND 2")]
    [InlineData("""{"function": {"name": "f", "args": [[1], "x"]}}""", "f((1), 'x')")]
    [InlineData("""{"op": "in", "args": [{"property": "a"}, []]}""", "IN(a, ())")]
    [InlineData("""{"op": "t_metBy", "args": [{"property": "a"}, {"interval": ["..", {"date": "2020-01-31"}]}]}""",
        "T_METBY(a, INTERVAL('..', '2020-01-31'))")]
    public void JSON_is_read_as_clients_write_it(string json, string written) =>
        Assert.Equal(written, Cql2Json.Read(json).ToString());

    [Theory]
    [InlineData("", "", "nothing in it")]
    [InlineData("a =", "column 4", "its end; a value, a property or a function was expected")]
    [InlineData("a = = 1", "column 5", "'='")]
    [InlineData("a = 'x", "column 5", "without its closing quote")]
    [InlineData("\"a = 1", "column 1", "without its closing quote")]
    [InlineData("a != 1", "column 3", "'<>' is written")]
    [InlineData("a = NULL", "column 5", "IS NULL")]
    [InlineData("a AND OR b", "column 7", "'OR'")]
    [InlineData("a b", "column 3", "AND, OR, a comparison or the end")]
    [InlineData("a IN 1", "column 6", "'('")]
    [InlineData("a BETWEEN 1 OR 2", "column 13", "AND and the upper bound")]
    [InlineData("a LIKE b", "column 8", "LIKE takes a text")]
    [InlineData("a = (1, 2)", "column 5", "an array")]
    [InlineData("a ^ b ^ c = 1", "column 7", "a second '^'")]
    [InlineData("a IS 1", "column 6", "NULL was expected")]
    [InlineData("a = 1E999", "column 5", "'1E999'")]
    [InlineData("a = DATE('2020-02-30')", "column 10", "a date such as")]
    [InlineData("a = TIMESTAMP('2020-02-28')", "column 15", "a timestamp such as")]
    [InlineData("T_AFTER(a, INTERVAL('x', '..'))", "column 21", "no instant")]
    [InlineData("S_WITHIN(g, POLYGON((0 0, 1 0, 1 1, 0 1)))", "column 21", "not closed")]
    [InlineData("S_WITHIN(g, LINESTRING(0 0))", "column 23", "one position")]
    [InlineData("S_WITHIN(g, POINT(1))", "column 20", "a number was expected")]
    [InlineData("S_WITHIN(g, BBOX(1, 2, 3))", "column 13", "3 numbers")]
    [InlineData("a = 'x\0'", "column 5", "U+0000")]
    [InlineData("a = 1;", "column 6", "';'")]
    public void What_is_wrong_in_text_is_said_with_its_column(string text, string place, string words)
    {
        var error = Assert.Throws<BadCql2Exception>(() => Cql2Text.Read(text));
        Assert.Equal(place, error.Place);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "line 1, byte 2", "not JSON")]
    [InlineData("null", "", "isNull")]
    [InlineData("{}", "", "an empty object")]
    [InlineData("""{"op": "and", "args": [true]}""", "/args", "two or more")]
    [InlineData("""{"op": "=", "args": [1, 2, 3]}""", "/args", "3 operands")]
    [InlineData("""{"op": "=", "args": [1, null]}""", "/args/1", "null")]
    [InlineData("""{"op": "=", "args": [1, [2]]}""", "/args/1", "an array")]
    [InlineData("""{"op": "=", "args": [1, {"date": "x"}]}""", "/args/1/date", "a date such as")]
    [InlineData("""{"op": "=", "args": {"a": 1}}""", "/args", "an array of operands")]
    [InlineData("""{"op": 1, "args": []}""", "/op", "a name")]
    [InlineData("""{"op": "!=", "args": [1, 2]}""", "/op", "'<>'")]
    [InlineData("""{"op": "=", "args": [1, 2], "x": 1}""", "", "args, op, x")]
    [InlineData("""{"op": "in", "args": [1, 2]}""", "/args/1", "an array of items")]
    [InlineData("""{"op": "like", "args": ["a", {"property": "b"}]}""", "/args/1", "LIKE takes a text")]
    [InlineData("""{"type": "Circle", "coordinates": []}""", "/type", "a type of GeoJSON")]
    [InlineData("""{"type": "Point", "coordinates": [1]}""", "/coordinates", "1 numbers")]
    [InlineData("""{"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,"1"],[0,0]]]}""", "/coordinates/0/2/1", "'1'")]
    [InlineData("""{"op": "=", "args": ["\ud800", 1]}""", "/args/0", "half a character")]
    [InlineData("""{"\ud800": 1}""", "", "half a character")]
    [InlineData("""{"op": "=", "args": ["\u0000", 1]}""", "/args/0", "U+0000")]
    public void What_is_wrong_in_JSON_is_said_with_its_pointer(string json, string place, string words)
    {
        var error = Assert.Throws<BadCql2Exception>(() => Cql2Json.Read(json));
        Assert.Equal(place, error.Place);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_is_refused_with_its_place()
    {
        Assert.Contains("U+D801", Assert.Throws<BadCql2Exception>(() => Cql2Text.Read("a = \uD801")).Message,
            StringComparison.Ordinal);
        Assert.Contains("U+D801", Assert.Throws<BadCql2Exception>(() => Cql2Text.Read("a = '\uD801'")).Message,
            StringComparison.Ordinal);
        Assert.Throws<BadCql2Exception>(() => Cql2Json.Read("\"\uD801\""));
    }

    [Fact]
    public void Every_limit_is_kept_and_named()
    {
        var deep = Cql2Limits.Depth + 1;
        Refused(new string('(', 5_000) + "a" + new string(')', 5_000), "expressions within one another");
        Refused(string.Concat(Enumerable.Repeat("NOT ", 200_000)) + "a", "expressions within one another");
        Refused(string.Concat(Enumerable.Repeat("- ", 200_000)) + "a = 1", "expressions within one another");
        Refused(string.Concat(Enumerable.Repeat("f(", deep)) + new string(')', deep), "expressions within one another");
        Refused("S_WITHIN(g, " + string.Concat(Enumerable.Repeat("GEOMETRYCOLLECTION(", 5_000)), "within one another");
        Refused("a = 1" + string.Concat(Enumerable.Repeat(" + 1", deep)), "operations in a row");
        Refused("a IN (" + string.Join(',', Enumerable.Range(0, Cql2Limits.Items + 1)) + ")", "items in one list");
        Refused(string.Join(" AND ", Enumerable.Repeat("a", Cql2Limits.Items + 1)), "operands of one AND");
        Refused(string.Join(" AND ", Enumerable.Repeat("a IN (1, 2, 3, 4)", Cql2Limits.Items)), "expressions");
        Refused(new string(' ', Cql2Limits.Characters) + "a", "characters");
        Refused(string.Concat(Enumerable.Repeat("( ", Cql2Limits.Tokens + 1)), "words, numbers and signs");
        Refused("S_WITHIN(g, MULTIPOINT(" + string.Join(',', Enumerable.Repeat("1 2", Cql2Limits.Positions + 1)) + "))",
            "positions");
        var nested = string.Concat(Enumerable.Repeat("{\"op\":\"not\",\"args\":[", deep))
            + "true" + string.Concat(Enumerable.Repeat("]}", deep));
        Assert.Contains("within one another", Assert.Throws<BadCql2Exception>(() => Cql2Json.Read(nested)).Message,
            StringComparison.Ordinal);

        static void Refused(string text, string limit) => Assert.Contains(
            limit, Assert.Throws<BadCql2Exception>(() => Cql2Text.Read(text)).Message, StringComparison.Ordinal);
    }
}
