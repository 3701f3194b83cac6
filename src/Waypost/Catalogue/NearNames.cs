namespace Waypost.Catalogue;

/// <summary>Finds the names that somebody may have meant.</summary>
static class NearNames
{
    const int Most = 3;
    const int LongestCompared = 100;

    /// <summary>Up to three of the known names that are nearest; none where none is near.</summary>
    public static IReadOnlyList<string> Of(string name, IEnumerable<string> known) =>
        name.Length > LongestCompared ? [] : [.. (
            from candidate in known
            where candidate.Length <= LongestCompared
            let distance = Distance(Ending(name, candidate), candidate)
            where distance <= Math.Max(1, Math.Min(name.Length, candidate.Length) / 3)
            orderby distance, candidate
            select candidate).Take(Most)];

    // cloud_cover is near eo:cloud_cover: who leaves out the prefix is not far.
    static string Ending(string name, string candidate) =>
        candidate.EndsWith(":" + name, StringComparison.OrdinalIgnoreCase) ? candidate : name;

    // Levenshtein: how many letters to put in, take out or change.
    static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var (diagonal, first) = (row[0], i);
            row[0] = first;
            for (var j = 1; j <= other.Length; j++)
            {
                var changed = diagonal
                    + (char.ToLowerInvariant(one[i - 1]) == char.ToLowerInvariant(other[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
