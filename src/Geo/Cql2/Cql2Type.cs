namespace Waypost.Geo.Cql2;

/// <summary>The types of CQL2 values (clauses 6.3, 7.5, 7.8 and 7.9).</summary>
public enum Cql2Type
{
    /// <summary>Not known before the value is seen: an undeclared property.</summary>
    Any,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A day.</summary>
    Date,

    /// <summary>A moment.</summary>
    Timestamp,

    /// <summary>From one instant to another.</summary>
    Interval,

    /// <summary>A geometry or a box.</summary>
    Geometry,

    /// <summary>An array.</summary>
    Array,
}
