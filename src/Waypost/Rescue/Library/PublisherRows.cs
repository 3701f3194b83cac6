using Waypost.Catalogue;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>Keeps who publishes packages, and where the catalogue had them from.</summary>
static class PublisherRows
{
    sealed record Kept(long Id, string DgId, string Name, string Title) : IRow<Kept>
    {
        public static Kept Read(Row row) =>
            new(row.Long("id"), row.Text("dg_id"), row.Text("name"), row.Text("title"));
    }

    sealed record Harvest(long Id, string DgId) : IRow<Harvest>
    {
        public static Harvest Read(Row row) => new(row.Long("id"), row.Text("dg_id"));
    }

    extension(Tx tx)
    {
        /// <summary>Keeps the publishers of packages; their ids by their ids in the catalogue.</summary>
        public async Task<IReadOnlyDictionary<string, long>> KeepPublishers(
            string org, IEnumerable<CkanPackage> packages, DateTimeOffset now)
        {
            var wanted = packages.Select(one => one.Publisher).OfType<CkanPublisher>()
                .DistinctBy(one => one.Id, StringComparer.Ordinal).ToList();
            var ids = new Dictionary<string, long>(StringComparer.Ordinal);
            if (wanted.Count == 0) return ids;
            await tx.Take(org, Numbered.Publisher, 0);
            var kept = new Dictionary<string, Kept>(StringComparer.Ordinal);
            foreach (var part in PaddedLists.Of(wanted.ConvertAll(one => one.Id)))
                foreach (var one in await tx.All<Kept>($"""
                    select id, dg_id, name, title from rescue_publishers where org = {org} and dg_id in {part}
                    """))
                    kept[one.DgId] = one;
            foreach (var one in wanted)
                if (!kept.TryGetValue(one.Id, out var before)) ids[one.Id] = await tx.Add(org, one, now);
                else
                {
                    ids[one.Id] = before.Id;
                    if (before.Name != one.Name || before.Title != one.Title)
                        await tx.Run($"""
                            update rescue_publishers set name = {one.Name}, title = {one.Title},
                                words = {AssetRows.WordsOf(one.Name, one.Title)}, updated_at = {now}
                            where org = {org} and id = {before.Id}
                            """);
                }
            return ids;
        }

        /// <summary>Keeps which harvest sources packages came from.</summary>
        public async Task KeepHarvests(
            string org, IEnumerable<CkanPackage> packages, Dictionary<string, long> datasets, DateTimeOffset now)
        {
            var wanted = packages.Where(one => one.Harvest is not null).ToList();
            if (wanted.Count == 0) return;
            await tx.Take(org, Numbered.HarvestSource, 0);
            var ids = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var part in PaddedLists.Of(wanted.ConvertAll(one => one.Harvest!.Id)))
                foreach (var one in await tx.All<Harvest>($"""
                    select id, dg_id from rescue_harvest_sources where org = {org} and dg_id in {part}
                    """))
                    ids[one.DgId] = one.Id;
            foreach (var one in wanted)
            {
                var harvest = one.Harvest!;
                if (!ids.TryGetValue(harvest.Id, out var source))
                    ids[harvest.Id] = source = await tx.AddHarvest(org, harvest, now);
                var link = await tx.Take(org, Numbered.HarvestSourceDataset, 1);
                await tx.Run($"""
                    insert into rescue_harvest_source_datasets (org, id, harvest_source_id, dataset_id)
                    values ({org}, {link}, {source}, {datasets[one.Id]})
                    on conflict (org, harvest_source_id, dataset_id) do nothing
                    """);
            }
        }

        async Task<long> Add(string org, CkanPublisher one, DateTimeOffset now)
        {
            var id = await tx.Take(org, Numbered.Publisher, 1);
            await tx.Run($"""
                insert into rescue_publishers (org, id, dg_id, name, title, founded_at, words, created_at, updated_at)
                values ({org}, {id}, {one.Id}, {one.Name}, {one.Title}, {one.Created},
                    {AssetRows.WordsOf(one.Name, one.Title)}, {now}, {now})
                """);
            return id;
        }

        async Task<long> AddHarvest(string org, CkanHarvest harvest, DateTimeOffset now)
        {
            var id = await tx.Take(org, Numbered.HarvestSource, 1);
            await tx.Run($"""
                insert into rescue_harvest_sources (
                    org, id, dg_id, name, title, source, total_datasets, created_at, updated_at)
                values ({org}, {id}, {harvest.Id}, {""}, {harvest.Title}, {""}, {0L}, {now}, {now})
                """);
            return id;
        }
    }
}
