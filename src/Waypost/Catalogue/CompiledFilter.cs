using NetTopologySuite.Geometries;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>A filter as a condition for a statement that reads <c>catalogue_items as items</c>.</summary>
/// <param name="Condition">True for the rows that match; false or null for others.</param>
/// <param name="NeedsProperties">It also speaks of <c>props</c>: <c>catalogue_properties</c>, joined by row_id.</param>
/// <param name="Drive">What every match meets, of columns of items alone that an index finds; null: nothing.</param>
/// <param name="DriveIsAll">The condition says nothing beyond <paramref name="Drive"/>.</param>
/// <param name="Terms">The parts of <paramref name="Drive"/>, the most promising first.</param>
/// <param name="Boxes">The box of every match touches one of these; null: they may be anywhere.</param>
/// <param name="From">Every match ends then or later, in microseconds since 1970; null: whenever.</param>
/// <param name="Until">Every match starts then or earlier.</param>
sealed record CompiledFilter(
    Sql Condition, bool NeedsProperties, Sql? Drive, bool DriveIsAll, IReadOnlyList<DriveTerm> Terms,
    IReadOnlyList<Envelope>? Boxes, long? From, long? Until);

/// <summary>What the values of a property are, to sort by or to count.</summary>
enum PropertyKind
{
    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Texts, in the order of their code points.</summary>
    Text,

    /// <summary>Microseconds since 1970.</summary>
    Moment,

    /// <summary>0 and 1.</summary>
    Boolean,
}

/// <summary>A property as an expression of a statement that reads <c>catalogue_items as items</c>.</summary>
/// <param name="Expression">Null for items that do not have it, or have something of another kind.</param>
/// <param name="Kind">What it gives.</param>
/// <param name="NeedsProperties">It speaks of <c>props</c>: <c>catalogue_properties</c>, joined by row_id.</param>
/// <param name="IsNullable">Some items may not have it.</param>
/// <param name="Slot">It is this column, and nothing else.</param>
sealed record PropertyColumn(
    Sql Expression, PropertyKind Kind, bool NeedsProperties, bool IsNullable, Slot? Slot);
