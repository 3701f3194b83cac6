using System.Globalization;

namespace Waypost.Catalogue;

/// <summary>How far somebody has read the changes: everything of a position, or some of one that holds many.</summary>
/// <param name="Position">The position.</param>
/// <param name="Kind">Of the last row that was read there; null: all were.</param>
/// <param name="RowId">The last row that was read there.</param>
readonly record struct ChangePosition(long Position, int? Kind = null, long RowId = 0)
{
    /// <summary>As it stands in answers: <c>17</c>, or <c>17.1.2345</c>.</summary>
    public override string ToString() => Kind is { } kind
        ? FormattableString.Invariant($"{Position}.{kind}.{RowId}")
        : Position.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads what an answer said; null where it is nothing of the kind.</summary>
    public static ChangePosition? Of(string text)
    {
        var parts = text.Split('.');
        var numbers = new long[parts.Length];
        if (parts.Length is not (1 or 3)) return null;
        for (var i = 0; i < parts.Length; i++)
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        if (parts.Length == 1) return new ChangePosition(numbers[0]);
        return numbers[1] <= 2 ? new ChangePosition(numbers[0], (int)numbers[1], numbers[2]) : null;
    }
}
