namespace Waypost.Geo.Cql2;

/// <summary>Walks over expressions, whatever their kind.</summary>
public static class Cql2Tree
{
    /// <summary>The node and all below it, each before its children.</summary>
    public static IEnumerable<Cql2Expression> All(Cql2Expression root)
    {
        var waiting = new Stack<Cql2Expression>();
        waiting.Push(root);
        while (waiting.TryPop(out var node))
        {
            yield return node;
            foreach (var child in ChildrenOf(node).Reverse())
                waiting.Push(child);
        }
    }

    /// <summary>True when the node is written in text with words between its operands.</summary>
    internal static bool IsPredicate(Cql2Expression node) =>
        node is And or Or or Not or Comparison or Like or Between or In or IsNull;

    /// <summary>True when the node is written in text with words or signs between its operands.</summary>
    internal static bool IsOperation(Cql2Expression node) => IsPredicate(node) || node is Arithmetic;

    internal static IEnumerable<Cql2Expression> ChildrenOf(Cql2Expression node) => node switch
    {
        And and => and.Operands,
        Or or => or.Operands,
        Not not => [not.Operand],
        Comparison comparison => [comparison.Left, comparison.Right],
        Like like => [like.Operand, like.Pattern],
        Between between => [between.Operand, between.Lower, between.Upper],
        In within => [within.Operand, .. within.Items],
        IsNull isNull => [isNull.Operand],
        SpatialPredicate spatial => [spatial.Left, spatial.Right],
        TemporalPredicate temporal => [temporal.Left, temporal.Right],
        ArrayPredicate array => [array.Left, array.Right],
        Arithmetic arithmetic => [arithmetic.Left, arithmetic.Right],
        CaseFolded folded => [folded.Operand],
        AccentFolded folded => [folded.Operand],
        FunctionCall call => call.Arguments,
        Interval interval => new[] { interval.Start, interval.End }.OfType<Cql2Expression>(),
        ArrayExpression array => array.Items,
        _ => [],
    };
}
