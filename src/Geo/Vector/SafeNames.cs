using System.Globalization;
using System.Text;

namespace Waypost.Geo.Vector;

/// <summary>
/// Turns the names of properties into names that any database, file format and URL takes: lower-case ASCII letters,
/// digits and underscores. No two become the same, and none becomes a column that a feature table has itself: a
/// source's <c>id</c> is <c>source_id</c>.
/// </summary>
public static class SafeNames
{
    /// <summary>Letters of a name: what PostgreSQL keeps of one.</summary>
    const int LengthLimit = 63;

    /// <summary>Columns of a feature table of ours.</summary>
    static readonly string[] Ours = ["id", "fid", "ogc_fid", "geom", "geometry", "org", "feature_index"];

    /// <summary>Words that SQL keeps for itself: quoted they would work, and some readers forget to quote.</summary>
    static readonly string[] Reserved = (
        "all and any array as asc between both by case cast check collate column constraint create cross "
        + "current_date current_time current_timestamp current_user default delete desc distinct do drop else end "
        + "except exists false fetch for foreign freeze from full grant group having in index inner insert "
        + "intersect into is isnull join lateral leading left like limit natural not notnull null offset on only or "
        + "order outer overlaps placing primary references returning right select set similar some symmetric table "
        + "then to trailing true union unique update user using values when where window with").Split(' ');

    /// <summary>A safe name for each of the given ones, in the same order.</summary>
    public static IReadOnlyList<string> For(IReadOnlyList<string> names)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var safe = new string[names.Count];
        // Names that are safe already keep themselves, whatever comes before them.
        for (var i = 0; i < safe.Length; i++)
        {
            if (One(names[i], i) == names[i] && taken.Add(names[i]))
                safe[i] = names[i];
        }
        for (var i = 0; i < safe.Length; i++)
            safe[i] ??= Free(One(names[i], i), taken);
        return safe;
    }

    static string One(string name, int at)
    {
        var text = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            var letters = Transliteration.Of(rune);
            if (letters.Length > 0)
                text.Append(letters);
            else if (text.Length > 0 && text[^1] != '_')
                text.Append('_');
        }
        var word = text.ToString().TrimEnd('_');
        if (word.Length == 0)
            return string.Create(CultureInfo.InvariantCulture, $"column_{at + 1}");
        if (char.IsAsciiDigit(word[0]))
            word = "n_" + word;
        if (Ours.Contains(word))
            word = "source_" + word;
        else if (Reserved.Contains(word))
            word += "_";
        return word.Length <= LengthLimit ? word : word[..LengthLimit];
    }

    static string Free(string name, HashSet<string> taken)
    {
        for (var number = 2; !taken.Add(name); number++)
        {
            var ending = string.Create(CultureInfo.InvariantCulture, $"_{number}");
            var stem = name.Length + ending.Length <= LengthLimit ? name : name[..(LengthLimit - ending.Length)];
            if (taken.Add(stem + ending))
                return stem + ending;
        }
        return name;
    }
}
