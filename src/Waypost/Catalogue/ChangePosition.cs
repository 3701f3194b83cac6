using System.Globalization;

namespace Waypost.Catalogue;

/// <summary>How far somebody has read the changes: everything of a position, or some of one that holds many; and what
/// the view showed then.</summary>
/// <param name="Position">The position.</param>
/// <param name="Kind">Of the last row that was read there; null: all were.</param>
/// <param name="RowId">The last row that was read there.</param>
/// <param name="Shown">Which collections the view showed, in a word; empty where it shows all for good, or nothing was
/// ever hidden.</param>
readonly record struct ChangePosition(long Position, int? Kind = null, long RowId = 0, string Shown = "")
{
    const int LongestShown = 32;

    /// <summary>As it stands in answers: <c>17</c>, or <c>17.1.2345</c>, with <c>~</c> and what was shown behind it.
    /// </summary>
    public override string ToString() => (Kind is { } kind
        ? FormattableString.Invariant($"{Position}.{kind}.{RowId}")
        : Position.ToString(CultureInfo.InvariantCulture)) + (Shown.Length > 0 ? "~" + Shown : "");

    /// <summary>Reads what an answer said; null where it is nothing of the kind.</summary>
    public static ChangePosition? Of(string text)
    {
        var shown = "";
        if (text.IndexOf('~', StringComparison.Ordinal) is >= 0 and var mark)
        {
            (text, shown) = (text[..mark], text[(mark + 1)..]);
            if (shown.Length is 0 or > LongestShown || !shown.All(char.IsAsciiLetterOrDigit)) return null;
        }
        var parts = text.Split('.');
        var numbers = new long[parts.Length];
        if (parts.Length is not (1 or 3)) return null;
        for (var i = 0; i < parts.Length; i++)
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        if (parts.Length == 1) return new ChangePosition(numbers[0], Shown: shown);
        return numbers[1] <= 2 ? new ChangePosition(numbers[0], (int)numbers[1], numbers[2], shown) : null;
    }
}
