namespace Waypost.Geo.Cql2;

/// <summary>
/// How large an expression may be, in either encoding. More is refused with the limit's name and number before any
/// work is done on it.
/// </summary>
public static class Cql2Limits
{
    /// <summary>Characters of a text, or bytes of JSON.</summary>
    public const int Characters = 1_000_000;

    /// <summary>Words, numbers and signs of a text.</summary>
    public const int Tokens = 250_000;

    /// <summary>Expressions within one another; the operands of one AND lie side by side.</summary>
    public const int Depth = 64;

    /// <summary>Expressions in all, literals and properties included.</summary>
    public const int Expressions = 20_000;

    /// <summary>Operands of an AND or OR, items of a list or array, arguments of a function.</summary>
    public const int Items = 5_000;

    /// <summary>Positions of all geometries.</summary>
    public const int Positions = 50_000;

    /// <summary>
    /// Refuses a tree that is too deep or too large, or has an array where neither encoding can have one.
    /// </summary>
    /// <exception cref="BadCql2Exception">Naming the limit and the place where it is passed.</exception>
    public static void Check(Cql2Expression root)
    {
        var waiting = new Stack<(Cql2Expression Node, int Depth)>();
        waiting.Push((root, 1));
        var count = 0;
        if (root is ArrayExpression)
            throw Misplaced(root);
        while (waiting.TryPop(out var next))
        {
            if (next.Depth > Depth)
                throw Passed(next.Node.Place, "expressions within one another", Depth);
            if (++count > Expressions)
                throw Passed(next.Node.Place, "expressions", Expressions);
            var holdsArrays = next.Node is ArrayPredicate or ArrayExpression or FunctionCall;
            foreach (var child in next.Node.Children)
            {
                if (!holdsArrays && child is ArrayExpression)
                    throw Misplaced(child);
                waiting.Push((child, next.Depth + 1));
            }
        }
    }

    static BadCql2Exception Misplaced(Cql2Expression array) => new(array.Place, "an array",
        "arrays are compared by A_EQUALS, A_CONTAINS, A_CONTAINEDBY and A_OVERLAPS, or given to a function");

    internal static BadCql2Exception Passed(string place, string what, int limit) =>
        new(place, FormattableString.Invariant($"more than {limit} {what}"),
            FormattableString.Invariant($"{limit} is the limit"));
}
