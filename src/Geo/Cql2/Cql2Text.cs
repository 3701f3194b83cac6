using System.Text;

namespace Waypost.Geo.Cql2;

/// <summary>CQL2 text (OGC 21-065r2, clause 8.2 and the BNF of annex B), both ways.</summary>
public static class Cql2Text
{
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
