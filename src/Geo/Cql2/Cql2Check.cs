using Waypost.Geo.Geometry;

namespace Waypost.Geo.Cql2;

/// <summary>
/// Finds the types in an expression before it is evaluated: what cannot be compared is refused with its place, each
/// property learns as what it is read, and a text that is compared with a date or timestamp becomes one.
/// </summary>
public static class Cql2Check
{
    /// <summary>Longitudes of literals may run one turn either way, as shapes over the antimeridian do.</summary>
    const double FarthestLongitude = 360;

    /// <summary>
    /// Every use of a property, in the order of the text, with its place; after <see cref="Bind"/> with its type.
    /// </summary>
    public static IReadOnlyList<PropertyReference> Properties(Cql2Expression expression) =>
        [.. Cql2Tree.All(expression).OfType<PropertyReference>()];

    /// <summary>
    /// The filter with its types found. A property of type <see cref="Cql2Type.Any"/> takes the type its place asks
    /// for: that of the other operand, a number in arithmetic, and so on. It stays <c>Any</c> under IS NULL, in arrays
    /// and between two such properties, where the values decide. A property of texts may be compared with a date or
    /// timestamp: its texts are then read as instants.
    /// </summary>
    /// <param name="filter">A boolean expression.</param>
    /// <param name="typeOf">The declared type of a property; <see cref="Cql2Type.Any"/> when none is.</param>
    /// <param name="functions">The functions that may be called.</param>
    /// <param name="isKnown">Whether a name in an array is that of a property; what is not is a text. Null: all are.
    /// </param>
    /// <exception cref="BadCql2Exception">
    /// For operands of types that cannot meet, an unknown function or wrong arguments, and geometries off the earth.
    /// </exception>
    public static Cql2Expression Bind(
        Cql2Expression filter, Func<string, Cql2Type> typeOf, Cql2Functions functions,
        Func<string, bool>? isKnown = null) =>
        new Binding(typeOf, functions, isKnown ?? (_ => true)).As(filter, Cql2Type.Boolean);

    /// <summary>The type of a bound expression's value.</summary>
    /// <param name="node">The expression.</param>
    /// <param name="functions">The functions that may be called.</param>
    public static Cql2Type TypeOf(Cql2Expression node, Cql2Functions functions) => node switch
    {
        PropertyReference property => property.Type,
        TextLiteral or CaseFolded or AccentFolded => Cql2Type.Text,
        NumberLiteral or Arithmetic => Cql2Type.Number,
        DateLiteral => Cql2Type.Date,
        TimestampLiteral => Cql2Type.Timestamp,
        Interval => Cql2Type.Interval,
        GeometryLiteral or BoxLiteral => Cql2Type.Geometry,
        ArrayExpression => Cql2Type.Array,
        FunctionCall call => functions.Find(call.Name)?.Result ?? Cql2Type.Any,
        _ => Cql2Type.Boolean,
    };

    /// <summary>The type in a word, for messages.</summary>
    public static string Named(Cql2Type type) => type switch
    {
        Cql2Type.Any => "a value",
        Cql2Type.Text => "a text",
        Cql2Type.Array or Cql2Type.Interval => $"an {type.ToString().ToLowerInvariant()}",
        _ => $"a {type.ToString().ToLowerInvariant()}",
    };

    /// <summary>Refuses a literal that does not lie on the earth.</summary>
    internal static void Place(Cql2Expression literal)
    {
        if (literal is BoxLiteral box && !GeoBox.TryMake(box.Value.ToArray(), out _, out var problem))
            throw new BadCql2Exception(literal.Place, "a BBOX that is not on the earth", problem.TrimEnd('.'));
        if (literal is not GeometryLiteral { Value: { IsEmpty: false } geometry })
            return;
        var around = geometry.EnvelopeInternal;
        if (around.MinY < -90 || around.MaxY > 90 || around.MinX < -FarthestLongitude
            || around.MaxX > FarthestLongitude)
        {
            throw new BadCql2Exception(literal.Place, FormattableString.Invariant(
                $"a geometry from {around.MinX} {around.MinY} to {around.MaxX} {around.MaxY}"),
                "longitude and latitude in degrees were expected, the latitude within -90 to 90");
        }
    }
}
