using System.Text.Json;
using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>Keeps packages as datasets, publishers, resources and assets; what came before just so is only noted as
/// seen.</summary>
static class PackageRows
{
    const int MostWords = 2_000;

    sealed record Kept(long Id, string DgId, string Hash) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Long("id"), row.Text("dg_id"), row.Text("hash"));
    }

    sealed record Before(long DatasetId, string Content) : IRow<Before>
    {
        public static Before Read(Row row) => new(row.Long("dataset_id"), row.Text("content"));
    }

    extension(Tx tx)
    {
        /// <summary>Keeps a chunk of packages, each id once.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="import">The import that sees them.</param>
        /// <param name="source">The catalogue they are from.</param>
        /// <param name="packages">The packages.</param>
        /// <param name="tally">Adds up what became of them; thrown away with the transaction.</param>
        /// <param name="now">When.</param>
        public async Task KeepPackages(
            string org, long import, string source, IReadOnlyList<CkanPackage> packages, ImportTally tally,
            DateTimeOffset now)
        {
            // Whoever imports into this organization at the same time waits here.
            await tx.Take(org, Numbered.Dataset, 0);
            var kept = await tx.FindDatasets(org, packages);
            var fresh = packages.Where(one => !kept.ContainsKey(one.Id)).ToList();
            var changed = packages.Where(one => kept.TryGetValue(one.Id, out var k) && k.Hash != one.Hash).ToList();
            var same = packages.Where(one => kept.TryGetValue(one.Id, out var k) && k.Hash == one.Hash)
                .Select(one => kept[one.Id].Id).ToList();
            await tx.SeenAgain(org, import, source, same);
            var fields = await tx.Differences(org, changed, kept);
            var publishers = await tx.KeepPublishers(org, fresh.Concat(changed), now);
            var ids = kept.ToDictionary(one => one.Key, one => one.Value.Id, StringComparer.Ordinal);
            await tx.AddDatasets(org, import, source, fresh, publishers, ids, now);
            foreach (var one in changed) await tx.ChangeDataset(org, import, source, one, publishers, ids[one.Id], now);
            await tx.KeepContents(org, fresh.Concat(changed), ids);
            await tx.KeepHarvests(org, fresh.Concat(changed), ids, now);
            var counted = await tx.KeepResources(org, [.. fresh.Concat(changed)], ids, tally, now);
            foreach (var one in changed)
                tally.Add(new DatasetChange(
                    ids[one.Id], one.Id, one.Name, fields[one.Id], counted[one.Id].Added, counted[one.Id].Vanished));
            tally.Datasets = tally.Datasets with
            {
                Created = tally.Datasets.Created + fresh.Count,
                Changed = tally.Datasets.Changed + changed.Count,
                Unchanged = tally.Datasets.Unchanged + same.Count,
            };
        }

        async Task<Dictionary<string, Kept>> FindDatasets(string org, IReadOnlyList<CkanPackage> packages)
        {
            var found = new Dictionary<string, Kept>(StringComparer.Ordinal);
            foreach (var part in PaddedLists.Of([.. packages.Select(one => one.Id)]))
                foreach (var one in await tx.All<Kept>($"""
                    select id, dg_id, hash from rescue_datasets where org = {org} and dg_id in {part}
                    """))
                    found[one.DgId] = one;
            return found;
        }

        async Task SeenAgain(string org, long import, string source, List<long> same)
        {
            foreach (var part in PaddedLists.Of(same))
                await tx.Run($"""
                    update rescue_datasets set seen_by = {import}, source = {source}, vanished_at = null
                    where org = {org} and id in {part}
                    """);
        }

        async Task<Dictionary<string, IReadOnlyList<string>>> Differences(
            string org, List<CkanPackage> changed, Dictionary<string, Kept> kept)
        {
            var before = new Dictionary<long, string>();
            foreach (var part in PaddedLists.Of(changed.ConvertAll(one => kept[one.Id].Id)))
                foreach (var one in await tx.All<Before>($"""
                    select dataset_id, content from rescue_packages where org = {org} and dataset_id in {part}
                    """))
                    before[one.DatasetId] = one.Content;
            return changed.ToDictionary(
                one => one.Id,
                one => before.TryGetValue(kept[one.Id].Id, out var content) ? Fields(content, one.Content) : [],
                StringComparer.Ordinal);
        }

        async Task AddDatasets(
            string org, long import, string source, List<CkanPackage> fresh,
            IReadOnlyDictionary<string, long> publishers, Dictionary<string, long> ids, DateTimeOffset now)
        {
            if (fresh.Count == 0) return;
            var next = await tx.Take(org, Numbered.Dataset, fresh.Count);
            foreach (var one in fresh) ids[one.Id] = next++;
            await tx.Insert(
                $"""
                rescue_datasets (org, id, dg_id, name, title, notes, metadata_created, metadata_modified,
                    direct_downloads, accesses, publisher_id, source, words, hash, seen_by, created_at, updated_at)
                """,
                fresh.Select(one => new object?[]
                {
                    org, ids[one.Id], one.Id, one.Name, one.Title, one.Notes, one.Created, one.Modified,
                    one.Downloads, one.Accesses, one.Publisher is { } by ? publishers[by.Id] : null, source,
                    WordsOf(one), one.Hash, import, now, now,
                }));
        }

        Task ChangeDataset(
            string org, long import, string source, CkanPackage one, IReadOnlyDictionary<string, long> publishers,
            long id, DateTimeOffset now)
        {
            long? publisher = one.Publisher is { } by ? publishers[by.Id] : null;
            return tx.Run($"""
                update rescue_datasets set name = {one.Name}, title = {one.Title}, notes = {one.Notes},
                    metadata_created = {one.Created}, metadata_modified = {one.Modified},
                    direct_downloads = {one.Downloads}, accesses = {one.Accesses}, publisher_id = {publisher},
                    source = {source}, words = {WordsOf(one)}, hash = {one.Hash}, seen_by = {import},
                    vanished_at = null, updated_at = {now}
                where org = {org} and id = {id}
                """);
        }

        async Task KeepContents(string org, IEnumerable<CkanPackage> written, Dictionary<string, long> ids)
        {
            var packages = written.ToList();
            foreach (var part in PaddedLists.Of(packages.ConvertAll(one => ids[one.Id])))
                await tx.Run($"delete from rescue_packages where org = {org} and dataset_id in {part}");
            await tx.Insert($"rescue_packages (org, dataset_id, content)",
                packages.Select(one => new object?[] { org, ids[one.Id], one.Content }));
        }
    }

    static string WordsOf(CkanPackage one) => AssetRows.WordsOf(
        one.Name, one.Title, one.Notes.Length > MostWords ? one.Notes[..MostWords] : one.Notes);

    // What differs between two packages, member by member.
    static IReadOnlyList<string> Fields(string before, string after)
    {
        using var one = JsonDocument.Parse(before);
        using var two = JsonDocument.Parse(after);
        var old = Members(one.RootElement);
        var young = Members(two.RootElement);
        return
        [
            .. old.Keys.Union(young.Keys, StringComparer.Ordinal)
                .Where(name => old.GetValueOrDefault(name) != young.GetValueOrDefault(name))
                .Order(StringComparer.Ordinal),
        ];
    }

    static Dictionary<string, string> Members(JsonElement package)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in package.EnumerateObject()) members[member.Name] = member.Value.GetRawText();
        return members;
    }
}
