namespace Waypost.Rescue.Library;

/// <summary>How many of one kind of thing.</summary>
/// <param name="Created">Were not there before.</param>
/// <param name="Changed">Have something new.</param>
/// <param name="Unchanged">Were there already, just so.</param>
/// <param name="Vanished">Are no longer in what was read.</param>
/// <param name="Failed">Could not be kept.</param>
public sealed record ImportCounts(long Created, long Changed, long Unchanged, long Vanished, long Failed);

/// <summary>A dataset that has something new.</summary>
/// <param name="DatasetId">Its id.</param>
/// <param name="DgId">Its id in the catalogue that was read.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Fields">What of its package differs, by name.</param>
/// <param name="ResourcesAdded">How many resources it has more.</param>
/// <param name="ResourcesVanished">How many it no longer has.</param>
public sealed record DatasetChange(
    long DatasetId, string DgId, string Name, IReadOnlyList<string> Fields, int ResourcesAdded, int ResourcesVanished);

/// <summary>A dataset that the catalogue no longer has.</summary>
/// <param name="DatasetId">Its id.</param>
/// <param name="DgId">Its id in the catalogue.</param>
/// <param name="Name">Its name there.</param>
public sealed record VanishedDataset(long DatasetId, string DgId, string Name);

/// <summary>Something that could not be kept.</summary>
/// <param name="Number">Its place in what was sent, from 1; of lines, the line.</param>
/// <param name="Name">Its name, as far as that could be read.</param>
/// <param name="Detail">Why.</param>
public sealed record ImportFailure(
    long Number,
    [property: System.Text.Json.Serialization.JsonIgnore(
        Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] string? Name,
    string Detail);

/// <summary>A resource that was kept, but whose address nobody can fetch.</summary>
/// <param name="Package">The name of its dataset.</param>
/// <param name="Resource">Its id in the catalogue.</param>
/// <param name="Url">The address.</param>
/// <param name="Detail">Why.</param>
public sealed record ImportNote(string Package, string Resource, string Url, string Detail);

/// <summary>What an import did.</summary>
/// <param name="ImportId">Its id: <c>/rescue/imports/{id}</c> shows it again.</param>
/// <param name="Format"><c>ckan</c>, <c>csv</c> or <c>database</c>.</param>
/// <param name="Source">Which catalogue it read, by the name it was given.</param>
/// <param name="Complete">Whether it was said to be all there is, and came whole; only then something vanishes.</param>
/// <param name="Datasets">What became of datasets.</param>
/// <param name="Resources">What became of resources.</param>
/// <param name="Assets">What became of assets: one for each address.</param>
/// <param name="Changes">The datasets that have something new, the first 1,000.</param>
/// <param name="Vanished">The datasets that are gone, the first 1,000.</param>
/// <param name="Failures">What could not be kept, the first 1,000.</param>
/// <param name="Notes">Resources whose address nobody can fetch, the first 1,000.</param>
/// <param name="Unfetchable">How many such resources there are.</param>
public sealed record ImportReport(
    long ImportId, string Format, string Source, bool Complete, ImportCounts Datasets, ImportCounts Resources,
    ImportCounts Assets, IReadOnlyList<DatasetChange> Changes, IReadOnlyList<VanishedDataset> Vanished,
    IReadOnlyList<ImportFailure> Failures, IReadOnlyList<ImportNote> Notes, long Unfetchable);

/// <summary>Adds up what an import does; of lists it keeps the beginning.</summary>
sealed class ImportTally
{
    /// <summary>The longest list of a report.</summary>
    public const int MostTold = 1_000;

    readonly List<DatasetChange> changes = [];
    readonly List<VanishedDataset> vanished = [];
    readonly List<ImportFailure> failures = [];
    readonly List<ImportNote> notes = [];

    /// <summary>What became of datasets.</summary>
    public ImportCounts Datasets { get; set; } = new(0, 0, 0, 0, 0);

    /// <summary>What became of resources.</summary>
    public ImportCounts Resources { get; set; } = new(0, 0, 0, 0, 0);

    /// <summary>What became of assets.</summary>
    public ImportCounts Assets { get; set; } = new(0, 0, 0, 0, 0);

    /// <summary>How many resources have an address that nobody can fetch.</summary>
    public long Unfetchable { get; private set; }

    /// <summary>Notes a dataset that has something new.</summary>
    public void Add(DatasetChange change) => Keep(changes, change);

    /// <summary>Notes a dataset that is gone.</summary>
    public void Add(VanishedDataset gone) => Keep(vanished, gone);

    /// <summary>Notes what could not be kept; who calls counts it.</summary>
    public void Add(ImportFailure failure) => Keep(failures, failure);

    /// <summary>Notes and counts a resource that nobody can fetch.</summary>
    public void Add(ImportNote note)
    {
        Unfetchable++;
        Keep(notes, note);
    }

    /// <summary>Adds what a chunk did.</summary>
    public void Add(ImportTally chunk)
    {
        Datasets = Sum(Datasets, chunk.Datasets);
        Resources = Sum(Resources, chunk.Resources);
        Assets = Sum(Assets, chunk.Assets);
        Unfetchable += chunk.Unfetchable;
        foreach (var one in chunk.changes) Keep(changes, one);
        foreach (var one in chunk.vanished) Keep(vanished, one);
        foreach (var one in chunk.failures) Keep(failures, one);
        foreach (var one in chunk.notes) Keep(notes, one);
    }

    /// <summary>The whole.</summary>
    public ImportReport Report(long id, string format, string source, bool complete) => new(
        id, format, source, complete, Datasets, Resources, Assets, changes, vanished, failures, notes, Unfetchable);

    static ImportCounts Sum(ImportCounts a, ImportCounts b) => new(
        a.Created + b.Created, a.Changed + b.Changed, a.Unchanged + b.Unchanged, a.Vanished + b.Vanished,
        a.Failed + b.Failed);

    static void Keep<T>(List<T> list, T one)
    {
        if (list.Count < MostTold) list.Add(one);
    }
}
