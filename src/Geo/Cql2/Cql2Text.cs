using System.Text;

namespace Waypost.Geo.Cql2;

/// <summary>CQL2 text (OGC 21-065r2, clause 8.2 and the BNF of annex B), both ways.</summary>
public static class Cql2Text
{
    /// <summary>
    /// Reads an expression. Beyond the BNF it takes what clients send: <c>in(a, (1, 2))</c>, <c>like(a, 'b%')</c>,
    /// <c>between(a, 1, 2)</c>, timestamps with an offset, a minus before anything, and words of the language as
    /// names of properties where nothing else could stand (<c>date IS NULL</c>).
    /// </summary>
    /// <exception cref="BadCql2Exception">Saying where, what was found and what was expected.</exception>
    public static Cql2Expression Read(string text) => new Cql2TextReader(text).ReadAll();

    /// <summary>
    /// The expression as text; reading it back gives an equal expression. Names are quoted only where they must be.
    /// </summary>
    public static string Write(Cql2Expression expression)
    {
        var text = new StringBuilder();
        new Cql2TextWriter(text).Write(expression);
        return text.ToString();
    }
}
