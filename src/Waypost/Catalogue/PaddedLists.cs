using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Long lists of values for <c>in</c>, in a few lengths only: every length is another statement to prepare.
/// </summary>
static class PaddedLists
{
    const int Most = 128;

    /// <summary>The values in parts, each as <c>(a, b, …)</c>; the last value is repeated to the next power of two.
    /// </summary>
    public static IEnumerable<Sql> Of<T>(IReadOnlyList<T> values)
    {
        for (var from = 0; from < values.Count; from += Most)
        {
            var count = Math.Min(Most, values.Count - from);
            var length = 1;
            while (length < count) length *= 2;
            var first = from;
            yield return $"({Sql.Join($", ", Enumerable.Range(0, length).Select(i =>
                (Sql)$"{values[first + Math.Min(i, count - 1)]}"))})";
        }
    }
}
