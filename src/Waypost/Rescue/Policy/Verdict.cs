namespace Waypost.Rescue.Policy;

/// <summary>A copy of a version as its node reports it.</summary>
/// <param name="NodeId">Who holds it.</param>
/// <param name="Operator">Who runs the node; 0 is unknown, and independent of nobody.</param>
/// <param name="Network">Through which network it came; 0 is unknown.</param>
/// <param name="Root">The root of its hash tree.</param>
/// <param name="Sha256">The checksum of the whole file, as publishers give it.</param>
/// <param name="SourceMark">What the source called its state (ETag, else Last-Modified); null when it says nothing.
/// </param>
/// <param name="IsQuarantined">Its node's word counts nothing.</param>
sealed record CopyReport(
    long NodeId, int Operator, int Network, string Root, string? Sha256, string? SourceMark, bool IsQuarantined);

/// <summary>What the copies of a version prove.</summary>
abstract record Verdict
{
    /// <summary>Nobody independent has the same yet, and nobody has anything else.</summary>
    public sealed record Unproven : Verdict;

    /// <summary>This is the version's content, for ever.</summary>
    /// <param name="Root">The canonical root.</param>
    /// <param name="Agreeing">The nodes whose copies count.</param>
    /// <param name="Wrong">Nodes that hold something else of the same state of the source.</param>
    /// <param name="OfAnotherVersion">Nodes that fetched another state of the source: not wrong, another version.
    /// </param>
    public sealed record Verified(
        string Root, IReadOnlyList<long> Agreeing, IReadOnlyList<long> Wrong,
        IReadOnlyList<long> OfAnotherVersion) : Verdict;

    /// <summary>Copies differ though the source says that nothing changed: an independent one more is needed.
    /// </summary>
    /// <param name="Roots">What there is, the most frequent first.</param>
    public sealed record Disputed(IReadOnlyList<string> Roots) : Verdict;

    /// <summary>The source changed between two copies: each mark is a version of its own, and nobody lied.</summary>
    /// <param name="Marks">The marks of the source, in the order in which they were reported.</param>
    public sealed record SourceChanged(IReadOnlyList<string> Marks) : Verdict;

    /// <summary>Judges the copies of a version.</summary>
    /// <param name="copies">In the order in which they were reported.</param>
    /// <param name="canonical">The root that was found canonical before; it never changes.</param>
    /// <param name="publisherSha256">The publisher's checksum, when there is one.</param>
    public static Verdict Of(IReadOnlyList<CopyReport> copies, string? canonical, string? publisherSha256)
    {
        var credible = copies.Where(copy => !copy.IsQuarantined).ToList();
        var root = canonical ?? Published(credible, publisherSha256) ?? Agreed(credible);
        if (root is not null) return Settled(credible, root);
        var roots = credible.GroupBy(copy => copy.Root, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count()).Select(group => group.Key).ToList();
        if (roots.Count < 2) return new Unproven();
        var marks = credible.Select(copy => copy.SourceMark).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        // Each root under a mark of its own: the source is what differs.
        var rootsUnderOneMark = credible.GroupBy(copy => copy.SourceMark, StringComparer.Ordinal)
            .Any(group => group.Key is null
                || group.Select(copy => copy.Root).Distinct(StringComparer.Ordinal).Count() > 1);
        return marks.Count > 1 && !rootsUnderOneMark ? new SourceChanged(marks) : new Disputed(roots);
    }

    /// <summary>Two nodes agree independently when neither their operator nor their network is the same.</summary>
    public static bool AreIndependent(CopyReport one, CopyReport other) =>
        one.NodeId != other.NodeId && one.Operator != 0 && other.Operator != 0 && one.Operator != other.Operator
        && one.Network != 0 && other.Network != 0 && one.Network != other.Network;

    static string? Published(List<CopyReport> copies, string? sha256) => sha256 is null ? null
        : copies.FirstOrDefault(copy => string.Equals(copy.Sha256, sha256, StringComparison.OrdinalIgnoreCase))?.Root;

    /// <summary>The first root that two independent nodes have and against which there is not as good a case.
    /// </summary>
    static string? Agreed(List<CopyReport> copies)
    {
        var proven = copies.GroupBy(copy => copy.Root, StringComparer.Ordinal)
            .Where(group => group.Any(one => group.Any(other => AreIndependent(one, other))))
            .Select(group => group.Key).ToList();
        return proven.Count == 1 ? proven[0] : null;
    }

    static Verified Settled(List<CopyReport> copies, string root)
    {
        var agreeing = copies.Where(copy => copy.Root == root).ToList();
        var marks = agreeing.Select(copy => copy.SourceMark).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var others = copies.Where(copy => copy.Root != root).ToLookup(
            copy => copy.SourceMark is { } mark && marks.Count > 0 && !marks.Contains(mark));
        return new(root, Ids(agreeing), Ids(others[false]), Ids(others[true]));
    }

    static List<long> Ids(IEnumerable<CopyReport> copies) => [.. copies.Select(copy => copy.NodeId)];
}
