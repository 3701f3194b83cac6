namespace Waypost.Geo.Cql2;

/// <summary>How two scalars are compared.</summary>
public enum ComparisonOperator
{
    /// <summary><c>=</c></summary>
    Equal,

    /// <summary><c>&lt;&gt;</c></summary>
    NotEqual,

    /// <summary><c>&lt;</c></summary>
    Less,

    /// <summary><c>&gt;</c></summary>
    Greater,

    /// <summary><c>&lt;=</c></summary>
    LessOrEqual,

    /// <summary><c>&gt;=</c></summary>
    GreaterOrEqual,
}

/// <summary>How two numbers make one.</summary>
public enum ArithmeticOperator
{
    /// <summary><c>+</c></summary>
    Add,

    /// <summary><c>-</c></summary>
    Subtract,

    /// <summary><c>*</c></summary>
    Multiply,

    /// <summary><c>/</c>: of real numbers, 7 / 2 is 3.5.</summary>
    Divide,

    /// <summary><c>%</c>: what <see cref="IntegerDivide"/> leaves; the sign is that of the left operand.</summary>
    Modulo,

    /// <summary><c>div</c>: the quotient without its fraction, towards zero: -7 div 2 is -3.</summary>
    IntegerDivide,

    /// <summary><c>^</c></summary>
    Power,
}

/// <summary>How two geometries lie, by OGC 06-103r4 (DE-9IM).</summary>
public enum SpatialRelation
{
    /// <summary>They share at least a point.</summary>
    Intersects,

    /// <summary>They cover the same points.</summary>
    Equals,

    /// <summary>They share no point.</summary>
    Disjoint,

    /// <summary>They share points of their boundaries and none of their interiors.</summary>
    Touches,

    /// <summary>The first lies in the second and not in its boundary alone.</summary>
    Within,

    /// <summary>Of one dimension, they share a part of that dimension and neither covers the other.</summary>
    Overlaps,

    /// <summary>Their interiors meet in less than the greater dimension, and neither covers the other.</summary>
    Crosses,

    /// <summary>The second lies <see cref="Within"/> the first.</summary>
    Contains,
}

/// <summary>How two instants or intervals lie, by the W3C/OGC Time Ontology.</summary>
public enum TemporalRelation
{
    /// <summary>The first starts after the second ends.</summary>
    After,

    /// <summary>The first ends before the second starts.</summary>
    Before,

    /// <summary>The first starts before and ends after the second.</summary>
    Contains,

    /// <summary>One is before the other.</summary>
    Disjoint,

    /// <summary>The first starts after and ends before the second.</summary>
    During,

    /// <summary>Starts and ends coincide.</summary>
    Equals,

    /// <summary>The first starts before the second, and they end together.</summary>
    FinishedBy,

    /// <summary>The first starts after the second, and they end together.</summary>
    Finishes,

    /// <summary>They share an instant: not <see cref="Disjoint"/>.</summary>
    Intersects,

    /// <summary>The first ends when the second starts.</summary>
    Meets,

    /// <summary>The first starts when the second ends.</summary>
    MetBy,

    /// <summary>The second starts first and ends within the first.</summary>
    OverlappedBy,

    /// <summary>The first starts first and ends within the second.</summary>
    Overlaps,

    /// <summary>They start together, and the first ends later.</summary>
    StartedBy,

    /// <summary>They start together, and the first ends earlier.</summary>
    Starts,
}

/// <summary>How two arrays compare as sets.</summary>
public enum ArrayRelation
{
    /// <summary>Each element of either is in the other.</summary>
    Equals,

    /// <summary>The first has each element of the second.</summary>
    Contains,

    /// <summary>The second has each element of the first.</summary>
    ContainedBy,

    /// <summary>They share an element.</summary>
    Overlaps,
}
