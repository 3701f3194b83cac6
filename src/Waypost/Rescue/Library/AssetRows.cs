using Waypost.Catalogue;
using Waypost.Geo.Text;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>What an import says of an asset; what it does not say stays as it is.</summary>
/// <param name="Url">Where it is fetched from.</param>
/// <param name="Title">What it is, for a person; empty: nothing is said.</param>
sealed record WantedAsset(AssetUrl Url, string Title = "")
{
    /// <summary>An id that another database gave it; null: the next one.</summary>
    public long? Id { get; init; }

    /// <summary>What kind of file: its extension.</summary>
    public string? Kind { get; init; }

    /// <summary>Its size in bytes.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>When its source says that it was changed.</summary>
    public DateTimeOffset? SourceModified { get; init; }

    /// <summary>The version that its source states.</summary>
    public string? ETag { get; init; }

    /// <summary>Its publisher's checksum.</summary>
    public byte[]? Sum { get; init; }

    /// <summary>Its place in the order, 1 first.</summary>
    public long? Rank { get; init; }

    /// <summary>How many verified copies it has to have.</summary>
    public int? CopiesMin { get; init; }

    /// <summary>How many copies it has at the most.</summary>
    public int? CopiesMax { get; init; }
}

/// <summary>What became of the assets of a chunk.</summary>
/// <param name="Ids">The id of each, in their order.</param>
/// <param name="Created">How many were not there before.</param>
/// <param name="Changed">How many have something new.</param>
/// <param name="Unchanged">How many were there already, just so.</param>
sealed record AssetsKept(IReadOnlyList<long> Ids, int Created, int Changed, int Unchanged);

/// <summary>Keeps assets: one for each address, however often it comes.</summary>
static class AssetRows
{
    /// <summary>Verified copies that an asset is to have, unless somebody says otherwise.</summary>
    public const int UsualCopiesMin = 2;

    /// <summary>Copies that are made of an asset at the most, unless somebody says otherwise.</summary>
    public const int UsualCopiesMax = 3;

    sealed record Kept(
        long Id, byte[] Sha256, long? KindId, string Title, long? SizeBytes, DateTimeOffset? SourceModified,
        string? ETag, byte[]? Sum, long? Rank, int CopiesMin, int CopiesMax) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(
            row.Long("id"), row.Bytes("url_sha256"), row.LongOrNull("kind_id"), row.Text("title"),
            row.LongOrNull("size_bytes"), row.TimeOrNull("source_modified"), row.TextOrNull("etag"),
            row.BytesOrNull("sum_sha256"), row.LongOrNull("rank"), row.Int("copies_min"), row.Int("copies_max"));

        /// <summary>The same with what an import says.</summary>
        public Kept With(WantedAsset said, long? kind) => this with
        {
            KindId = kind ?? KindId,
            Title = said.Title.Length > 0 ? said.Title : Title,
            SizeBytes = said.SizeBytes ?? SizeBytes,
            SourceModified = said.SourceModified ?? SourceModified,
            ETag = said.ETag ?? ETag,
            Sum = said.Sum ?? Sum,
            Rank = said.Rank ?? Rank,
            CopiesMin = said.CopiesMin ?? CopiesMin,
            CopiesMax = Math.Max(said.CopiesMax ?? CopiesMax, said.CopiesMin ?? CopiesMin),
        };

        /// <summary>Whether the file itself must be another one.</summary>
        public bool IsOtherFile(Kept before) =>
            (before.SizeBytes is not null && SizeBytes != before.SizeBytes)
            || (before.Sum is not null && !before.Sum.AsSpan().SequenceEqual(Sum));

        public bool IsSame(Kept other) => this with { Sum = null } == other with { Sum = null, Sha256 = Sha256 }
            && Sum.AsSpan().SequenceEqual(other.Sum);
    }

    sealed record KindRow(long Id, string Name) : IRow<KindRow>
    {
        public static KindRow Read(Row row) => new(row.Long("id"), row.Text("name"));
    }

    /// <summary>The texts an asset is found by.</summary>
    public static string WordsOf(params IEnumerable<string> texts) =>
        string.Join(' ', texts.SelectMany(Folding.Words).Distinct(StringComparer.Ordinal));

    extension(Tx tx)
    {
        /// <summary>Keeps assets, each address once in the list.</summary>
        public async Task<AssetsKept> KeepAssets(string org, IReadOnlyList<WantedAsset> wanted, DateTimeOffset now)
        {
            await tx.Take(org, Numbered.Asset, 0);
            var kinds = await tx.KeepKinds(org, wanted.Select(one => one.Kind).OfType<string>(), now);
            var kept = await tx.FindAssets(org, wanted);
            var fresh = wanted.Where(one => !kept.ContainsKey(Key(one.Url.Sha256))).ToList();
            var ids = await tx.Add(org, fresh, kinds, now);
            var changed = 0;
            foreach (var said in wanted)
            {
                if (!kept.TryGetValue(Key(said.Url.Sha256), out var before)) continue;
                ids[Key(said.Url.Sha256)] = before.Id;
                var after = before.With(said, said.Kind is { } kind ? kinds[kind] : null);
                if (after.IsSame(before)) continue;
                await tx.Change(org, before, after, now);
                changed++;
            }
            return new AssetsKept(
                [.. wanted.Select(one => ids[Key(one.Url.Sha256)])], fresh.Count, changed, kept.Count - changed);
        }

        /// <summary>The ids of kinds by their names; those that are not there are added.</summary>
        public async Task<IReadOnlyDictionary<string, long>> KeepKinds(
            string org, IEnumerable<string> names, DateTimeOffset now)
        {
            var asked = names.Distinct(StringComparer.Ordinal).ToList();
            if (asked.Count == 0) return new Dictionary<string, long>();
            await tx.Take(org, Numbered.Kind, 0);
            var found = (await tx.All<KindRow>($"select id, name from rescue_kinds where org = {org}"))
                .ToDictionary(kind => kind.Name, kind => kind.Id, StringComparer.Ordinal);
            var missing = asked.Where(name => !found.ContainsKey(name)).ToList();
            if (missing.Count == 0) return found;
            var next = await tx.Take(org, Numbered.Kind, missing.Count);
            foreach (var name in missing)
            {
                await tx.Run($"""
                    insert into rescue_kinds (org, id, name, created_at, updated_at)
                    values ({org}, {next}, {name}, {now}, {now})
                    """);
                found[name] = next++;
            }
            return found;
        }

        async Task<Dictionary<string, Kept>> FindAssets(string org, IReadOnlyList<WantedAsset> wanted)
        {
            var found = new Dictionary<string, Kept>(StringComparer.Ordinal);
            byte[][] hashes = [.. wanted.Select(one => one.Url.Sha256)];
            foreach (var part in PaddedLists.Of(hashes))
                foreach (var asset in await tx.All<Kept>($"""
                    select id, url_sha256, kind_id, title, size_bytes, source_modified, etag, sum_sha256, rank,
                        copies_min, copies_max
                    from rescue_assets where org = {org} and url_sha256 in {part}
                    """))
                    found[Key(asset.Sha256)] = asset;
            return found;
        }

        async Task<Dictionary<string, long>> Add(
            string org, List<WantedAsset> fresh, IReadOnlyDictionary<string, long> kinds, DateTimeOffset now)
        {
            var ids = new Dictionary<string, long>(StringComparer.Ordinal);
            if (fresh.Count == 0) return ids;
            var next = await tx.Take(org, Numbered.Asset, fresh.Count(one => one.Id is null));
            foreach (var one in fresh) ids[Key(one.Url.Sha256)] = one.Id ?? next++;
            await tx.Insert(
                $"""
                rescue_assets (org, id, url, url_sha256, source, kind_id, title, words, size_bytes, source_modified,
                    etag, sum_sha256, rank, weight, hazard, copies_min, copies_max, version, copies, claims,
                    in_flight, state, waiting_since, created_at, updated_at)
                """,
                fresh.Select(one => Row(org, ids[Key(one.Url.Sha256)], one, kinds, now)));
            return ids;
        }

        async Task Change(string org, Kept before, Kept after, DateTimeOffset now)
        {
            await tx.Run($"""
                update rescue_assets set kind_id = {after.KindId}, title = {after.Title},
                    words = {WordsOf(after.Title)}, source_modified = {after.SourceModified}, etag = {after.ETag},
                    sum_sha256 = {after.Sum}, rank = {after.Rank}, copies_min = {after.CopiesMin},
                    copies_max = {after.CopiesMax}, updated_at = {now}
                where org = {org} and id = {before.Id}
                """);
            if (after.IsOtherFile(before)) await tx.NewVersion(org, before.Id, after.SizeBytes, now);
            else if (before.SizeBytes is null && after.SizeBytes is { } bytes
                && !await tx.Sized(org, before.Id, bytes, now))
                await tx.Run($"""
                    update rescue_assets set size_bytes = {bytes} where org = {org} and id = {before.Id}
                    """);
            if (after.CopiesMin != before.CopiesMin || after.CopiesMax != before.CopiesMax)
                await tx.Recount(org, before.Id, now);
        }
    }

    static object?[] Row(
        string org, long id, WantedAsset one, IReadOnlyDictionary<string, long> kinds, DateTimeOffset now)
    {
        var least = one.CopiesMin ?? Math.Min(UsualCopiesMin, one.CopiesMax ?? UsualCopiesMin);
        return
        [
            org, id, one.Url.Text, one.Url.Sha256, one.Url.Source, one.Kind is { } kind ? kinds[kind] : null,
            one.Title, WordsOf(one.Title), one.SizeBytes, one.SourceModified, one.ETag, one.Sum, one.Rank, 1.0, 1.0,
            least, Math.Max(one.CopiesMax ?? UsualCopiesMax, least), 1, 0, 0, 0,
            (one.SizeBytes is null ? AssetState.Probing : AssetState.Ready).Kept, now, now, now,
        ];
    }

    static string Key(byte[] sha256) => Convert.ToHexString(sha256);
}
