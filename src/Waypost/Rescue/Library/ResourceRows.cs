using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>Keeps the resources of packages, and the asset that each leads to.</summary>
static class ResourceRows
{
    /// <summary>How many resources a dataset has more, and how many it no longer has.</summary>
    public readonly record struct Counted(int Added, int Vanished);

    sealed record Kept(long Id, string DgId) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(row.Long("id"), row.Text("dg_id"));
    }

    sealed record OfDataset(long Id, long DatasetId, string DgId) : IRow<OfDataset>
    {
        public static OfDataset Read(Row row) => new(row.Long("id"), row.Long("dataset_id"), row.Text("dg_id"));
    }

    sealed record Tie(long ResourceId, long AssetId) : IRow<Tie>
    {
        public static Tie Read(Row row) => new(row.Long("resource_id"), row.Long("asset_id"));
    }

    extension(Tx tx)
    {
        /// <summary>Keeps the resources of packages that are new or have something new.</summary>
        /// <returns>For each package, how many came and went.</returns>
        public async Task<Dictionary<string, Counted>> KeepResources(
            string org, IReadOnlyList<CkanPackage> packages, Dictionary<string, long> datasets, ImportTally tally,
            DateTimeOffset now)
        {
            // The catalogue says that these ids are its own; where two packages share one, the last has it.
            var wanted = packages.SelectMany(one => one.Resources.Select(part => (Package: one, Part: part)))
                .GroupBy(one => one.Part.Id, StringComparer.Ordinal).Select(same => same.Last()).ToList();
            await tx.Take(org, Numbered.Resource, 0);
            var ids = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var part in PaddedLists.Of(wanted.ConvertAll(one => one.Part.Id)))
                foreach (var one in await tx.All<Kept>($"""
                    select id, dg_id from rescue_resources where org = {org} and dg_id in {part}
                    """))
                    ids[one.DgId] = one.Id;
            var fresh = wanted.Where(one => !ids.ContainsKey(one.Part.Id)).ToList();
            foreach (var (package, part) in wanted.Where(one => ids.ContainsKey(one.Part.Id)))
                await tx.ChangeResource(org, ids[part.Id], datasets[package.Id], part, now);
            await tx.AddResources(org, fresh, datasets, ids, now);
            var gone = await tx.Vanish(org, packages, datasets, now);
            await tx.KeepAssetsOf(org, wanted, ids, tally, now);
            tally.Resources = tally.Resources with
            {
                Created = tally.Resources.Created + fresh.Count,
                Changed = tally.Resources.Changed + wanted.Count - fresh.Count,
                Vanished = tally.Resources.Vanished + gone.Values.Sum(),
            };
            return packages.ToDictionary(
                one => one.Id,
                one => new Counted(
                    fresh.Count(part => part.Package.Id == one.Id), gone.GetValueOrDefault(datasets[one.Id])),
                StringComparer.Ordinal);
        }

        async Task AddResources(
            string org, IReadOnlyList<(CkanPackage Package, CkanResource Part)> fresh,
            Dictionary<string, long> datasets, Dictionary<string, long> ids, DateTimeOffset now)
        {
            if (fresh.Count == 0) return;
            var next = await tx.Take(org, Numbered.Resource, fresh.Count);
            foreach (var (_, part) in fresh) ids[part.Id] = next++;
            await tx.Insert(
                $"""
                rescue_resources (org, id, dg_id, dataset_id, name, description, locator_function, locator_protocol,
                    mimetype, state, published_at, metadata_modified, url, resource_type, words, created_at, updated_at)
                """,
                fresh.Select(one => new object?[]
                {
                    org, ids[one.Part.Id], one.Part.Id, datasets[one.Package.Id], one.Part.Name, one.Part.Description,
                    one.Part.LocatorFunction, one.Part.LocatorProtocol, one.Part.Mimetype, one.Part.State,
                    one.Part.Created, one.Part.Modified, one.Part.Url, one.Part.Type, WordsOf(one.Part), now, now,
                }));
        }

        Task ChangeResource(string org, long id, long dataset, CkanResource part, DateTimeOffset now) => tx.Run($"""
            update rescue_resources set dataset_id = {dataset}, name = {part.Name}, description = {part.Description},
                locator_function = {part.LocatorFunction}, locator_protocol = {part.LocatorProtocol},
                mimetype = {part.Mimetype}, state = {part.State}, published_at = {part.Created},
                metadata_modified = {part.Modified}, url = {part.Url}, resource_type = {part.Type},
                words = {WordsOf(part)}, vanished_at = null, updated_at = {now}
            where org = {org} and id = {id}
            """);

        async Task<Dictionary<long, int>> Vanish(
            string org, IReadOnlyList<CkanPackage> packages, Dictionary<string, long> datasets, DateTimeOffset now)
        {
            var here = packages.ToDictionary(
                one => datasets[one.Id],
                one => one.Resources.Select(part => part.Id).ToHashSet(StringComparer.Ordinal));
            var gone = new List<OfDataset>();
            foreach (var part in PaddedLists.Of([.. here.Keys]))
                gone.AddRange((await tx.All<OfDataset>($"""
                    select id, dataset_id, dg_id from rescue_resources
                    where org = {org} and dataset_id in {part} and vanished_at is null
                    """)).Where(one => !here[one.DatasetId].Contains(one.DgId)));
            foreach (var part in PaddedLists.Of(gone.ConvertAll(one => one.Id)))
                await tx.Run($"""
                    update rescue_resources set vanished_at = {now}, updated_at = {now}
                    where org = {org} and id in {part}
                    """);
            return gone.GroupBy(one => one.DatasetId).ToDictionary(of => of.Key, of => of.Count());
        }

        async Task KeepAssetsOf(
            string org, IReadOnlyList<(CkanPackage Package, CkanResource Part)> parts, Dictionary<string, long> ids,
            ImportTally tally, DateTimeOffset now)
        {
            var wanted = new Dictionary<string, WantedAsset>(StringComparer.Ordinal);
            var ties = new List<(long Resource, string Asset)>();
            foreach (var (package, part) in parts)
            {
                if (AssetUrl.Read(part.Url, out var url) is { } why)
                {
                    tally.Add(new ImportNote(package.Name, part.Id, part.Url, why));
                    continue;
                }
                var key = Convert.ToHexString(url!.Sha256);
                ties.Add((ids[part.Id], key));
                wanted.TryAdd(key, new WantedAsset(url, part.Name)
                {
                    Kind = part.Type,
                    SizeBytes = part.SizeBytes,
                    SourceModified = part.SourceModified,
                    Sum = part.Sha256,
                });
            }
            var keys = wanted.Keys.ToList();
            var kept = await tx.KeepAssets(org, keys.ConvertAll(key => wanted[key]), now);
            var assets = keys.Zip(kept.Ids).ToDictionary(one => one.First, one => one.Second, StringComparer.Ordinal);
            await tx.KeepTies(org, ties.ConvertAll(tie => new Tie(tie.Resource, assets[tie.Asset])), now);
            tally.Assets = tally.Assets with
            {
                Created = tally.Assets.Created + kept.Created,
                Changed = tally.Assets.Changed + kept.Changed,
                Unchanged = tally.Assets.Unchanged + kept.Unchanged,
            };
        }

        // What a resource led to before stays its asset: the file was worth saving then.
        async Task KeepTies(string org, List<Tie> wanted, DateTimeOffset now)
        {
            var there = new HashSet<Tie>();
            foreach (var part in PaddedLists.Of(wanted.ConvertAll(tie => tie.ResourceId)))
                there.UnionWith(await tx.All<Tie>($"""
                    select resource_id, asset_id from rescue_asset_resources where org = {org} and resource_id in {part}
                    """));
            var missing = wanted.Distinct().Where(tie => !there.Contains(tie)).ToList();
            if (missing.Count == 0) return;
            var next = await tx.Take(org, Numbered.AssetResource, missing.Count);
            await tx.Insert(
                $"rescue_asset_resources (org, id, asset_id, resource_id, created_at, updated_at)",
                missing.Select((tie, index) => new object?[]
                {
                    org, next + index, tie.AssetId, tie.ResourceId, now, now,
                }));
        }
    }

    static string WordsOf(CkanResource part) => AssetRows.WordsOf(part.Name, part.Description);
}
