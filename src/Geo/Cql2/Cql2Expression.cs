namespace Waypost.Geo.Cql2;

/// <summary>
/// A node of a CQL2 expression (OGC 21-065r2), the same whether it was written as text or as JSON. The kinds of node
/// are the records of this folder and no others. Nodes are equal when they say the same, wherever they stood.
/// </summary>
public abstract record Cql2Expression
{
    private protected Cql2Expression()
    {
    }

    /// <summary>
    /// Where the node was read: <c>column 12</c> of a text, or the JSON pointer <c>/args/0</c>; empty for a node made
    /// by hand. It plays no part in equality.
    /// </summary>
    public string Place { get; init; } = "";

    /// <summary>The nodes directly below this one, in the order they are written.</summary>
    public IEnumerable<Cql2Expression> Children => Cql2Tree.ChildrenOf(this);

    /// <summary>True when the other is of the same kind and says the same.</summary>
    public virtual bool Equals(Cql2Expression? other) =>
        other is not null && EqualityContract == other.EqualityContract;

    /// <inheritdoc/>
    public override int GetHashCode() => EqualityContract.GetHashCode();

    /// <summary>The expression as CQL2 text.</summary>
    public sealed override string ToString() => Cql2Text.Write(this);
}

/// <summary>True when all operands are; false when one is false; otherwise unknown.</summary>
/// <param name="Operands">Two or more boolean expressions.</param>
public sealed record And(Cql2List<Cql2Expression> Operands) : Cql2Expression;

/// <summary>True when one operand is; false when all are false; otherwise unknown.</summary>
/// <param name="Operands">Two or more boolean expressions.</param>
public sealed record Or(Cql2List<Cql2Expression> Operands) : Cql2Expression;

/// <summary>The opposite of its operand; unknown stays unknown.</summary>
/// <param name="Operand">A boolean expression.</param>
public sealed record Not(Cql2Expression Operand) : Cql2Expression;

/// <summary>Compares two scalars of one type (requirement basic-cql2/binary-comparison-predicate).</summary>
/// <param name="Operator">How.</param>
/// <param name="Left">Text, number, boolean, date or timestamp.</param>
/// <param name="Right">The same type; a date may meet a timestamp.</param>
public sealed record Comparison(ComparisonOperator Operator, Cql2Expression Left, Cql2Expression Right)
    : Cql2Expression;

/// <summary>
/// Compares a text with a pattern: <c>%</c> stands for any run of characters, <c>_</c> for one, and a backslash
/// before either (or before a backslash) takes it as it is.
/// </summary>
/// <param name="Operand">The text.</param>
/// <param name="Pattern">A text literal, possibly within <c>CASEI</c> and <c>ACCENTI</c>.</param>
public sealed record Like(Cql2Expression Operand, Cql2Expression Pattern) : Cql2Expression;

/// <summary>True when the number lies between two others, both included.</summary>
/// <param name="Operand">The number.</param>
/// <param name="Lower">The lesser bound.</param>
/// <param name="Upper">The greater bound.</param>
public sealed record Between(Cql2Expression Operand, Cql2Expression Lower, Cql2Expression Upper) : Cql2Expression;

/// <summary>True when the scalar equals one of the items.</summary>
/// <param name="Operand">The scalar.</param>
/// <param name="Items">One or more scalars of its type; none in JSON is allowed and makes it false.</param>
public sealed record In(Cql2Expression Operand, Cql2List<Cql2Expression> Items) : Cql2Expression;

/// <summary>True when the operand has no value: the property is missing or JSON null. Never unknown.</summary>
/// <param name="Operand">Any expression.</param>
public sealed record IsNull(Cql2Expression Operand) : Cql2Expression;

/// <summary>Compares two geometries in the plane of longitude and latitude (clauses 7.5 to 7.7).</summary>
/// <param name="Relation">How.</param>
/// <param name="Left">A geometry.</param>
/// <param name="Right">A geometry.</param>
public sealed record SpatialPredicate(SpatialRelation Relation, Cql2Expression Left, Cql2Expression Right)
    : Cql2Expression;

/// <summary>Compares two instants or intervals (clause 7.8).</summary>
/// <param name="Relation">How.</param>
/// <param name="Left">A date, timestamp or interval.</param>
/// <param name="Right">A date, timestamp or interval.</param>
public sealed record TemporalPredicate(TemporalRelation Relation, Cql2Expression Left, Cql2Expression Right)
    : Cql2Expression;

/// <summary>Compares two arrays as sets: neither order nor repetition matters (clause 7.9).</summary>
/// <param name="Relation">How.</param>
/// <param name="Left">An array.</param>
/// <param name="Right">An array.</param>
public sealed record ArrayPredicate(ArrayRelation Relation, Cql2Expression Left, Cql2Expression Right)
    : Cql2Expression;

/// <summary>
/// A number made of two (clause 7.12). Without a value on either side it has none; nor has a division by zero or a
/// result that is not finite. A minus sign before an operand is a multiplication by -1.
/// </summary>
/// <param name="Operator">How.</param>
/// <param name="Left">A number.</param>
/// <param name="Right">A number.</param>
public sealed record Arithmetic(ArithmeticOperator Operator, Cql2Expression Left, Cql2Expression Right)
    : Cql2Expression;

/// <summary><c>CASEI</c>: the text without case, by <see cref="Text.Folding.Case"/> (clause 7.3).</summary>
/// <param name="Operand">A text.</param>
public sealed record CaseFolded(Cql2Expression Operand) : Cql2Expression;

/// <summary><c>ACCENTI</c>: the text without accents, by <see cref="Text.Folding.Accents"/> (clause 7.4).</summary>
/// <param name="Operand">A text.</param>
public sealed record AccentFolded(Cql2Expression Operand) : Cql2Expression;

/// <summary>A call of a function that is not part of CQL2 (clause 7.11); <see cref="Cql2Functions"/> lists ours.
/// </summary>
/// <param name="Name">The name as written; matched without regard to case.</param>
/// <param name="Arguments">None or more.</param>
public sealed record FunctionCall(string Name, Cql2List<Cql2Expression> Arguments) : Cql2Expression;

/// <summary>The value of a property of the thing that is tested.</summary>
/// <param name="Name">The name, without quotes: <c>eo:cloud_cover</c>, <c>properties.datetime</c>.</param>
public sealed record PropertyReference(string Name) : Cql2Expression
{
    /// <summary>
    /// As what its value is read: <see cref="Cql2Type.Any"/> until <see cref="Cql2Check.Bind"/> has found it. A value
    /// of another type is there (<see cref="IsNull"/> is false) and compares with nothing.
    /// </summary>
    public Cql2Type Type { get; init; }
}

/// <summary>
/// An interval with both its ends included (clause 7.8.1). An end is a date, a timestamp, a property or a function;
/// dates and timestamps meet by the rules of <see cref="Cql2Instant"/>.
/// </summary>
/// <param name="Start">The first instant; null when open (<c>'..'</c>).</param>
/// <param name="End">The last instant; null when open (<c>'..'</c>).</param>
public sealed record Interval(Cql2Expression? Start, Cql2Expression? End) : Cql2Expression;

/// <summary>An array written out.</summary>
/// <param name="Items">None or more expressions of any types, arrays too.</param>
public sealed record ArrayExpression(Cql2List<Cql2Expression> Items) : Cql2Expression;
