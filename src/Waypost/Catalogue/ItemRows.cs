using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>The rows that items are: every write of an item comes through here, alone or a thousand at once.</summary>
/// <remarks>
/// A writer locks its collection's row first and keeps it until the commit. So two never meet on an item: nothing is
/// lost, nobody waits for somebody who waits for him, and versions, slots and counts are decided in peace. Readers wait
/// for nobody.
/// </remarks>
static class ItemRows
{
    /// <summary>Stands between the fields of an item's words: it is in no word, so no phrase runs across it.</summary>
    const string Between = " \u00B6 ";

    /// <summary>Words of an item that are searched; those after them are not.</summary>
    const int MostWords = 2_000;

    /// <summary>As much of a word is searched, in characters: PostgreSQL's index takes none that is much longer.
    /// </summary>
    const int LongestWord = 200;

    /// <summary>SQLite's index of places has times in days.</summary>
    const double MicrosecondsInDay = 86_400e6;

    /// <summary>An item as it was found before the write.</summary>
    /// <param name="RowId">Its row.</param>
    /// <param name="Collection">Its collection.</param>
    /// <param name="Id">Its id.</param>
    /// <param name="Hash">Of its content.</param>
    /// <param name="Version">Its version.</param>
    /// <param name="CreatedAt">When it appeared; null where that was before anybody wrote it down.</param>
    internal sealed record Kept(
        long RowId, string Collection, string Id, string Hash, long Version, DateTimeOffset? CreatedAt) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(
            row.Long("row_id"), row.Text("collection"), row.Text("id"), row.Text("hash"), row.Long("version"),
            row.TimeOrNull("created_at"));
    }

    sealed record Gone(string Id, long Version) : IRow<Gone>
    {
        public static Gone Read(Row row) => new(row.Text("id"), row.Long("version"));
    }

    sealed record Locked(long Longest, bool IsGoing) : IRow<Locked>
    {
        public static Locked Read(Row row) => new(row.Long("longest"), row.Bool("is_going"));
    }

    /// <summary>An item to be written, and what it follows.</summary>
    readonly record struct Coming(PreparedItem Item, long Version, DateTimeOffset CreatedAt);

    extension(Tx tx)
    {
        /// <summary>Writes items of one collection, each id once; what is replaced becomes history.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="collection">The collection of all of them.</param>
        /// <param name="items">The items.</param>
        /// <param name="onlyNew">Items that are there already are left as they are.</param>
        /// <param name="change">The id of the event that will tell of it; the caller emits it.</param>
        /// <param name="now">When.</param>
        /// <param name="evenGoing">Also where the collection is being deleted.</param>
        /// <returns>What happened to each, in their order; null: there already, and only new ones were wanted.
        /// </returns>
        /// <exception cref="Refused">There is no such collection.</exception>
        public async Task<Written?[]> WriteItems(
            string org, string collection, IReadOnlyList<PreparedItem> items, bool onlyNew, Guid change,
            DateTimeOffset now, bool evenGoing = false)
        {
            var longest = await tx.TryLockCollection(org, collection, evenGoing)
                ?? throw Refused.NotFound($"The collection {collection}");
            if (items.Count > 0) await tx.MustFit(items[0].Form);
            string[] ids = [.. items.Select(item => item.Id)];
            var kept = await tx.FindItems(org, collection, ids);
            var gone = await tx.FindGone(org, collection, [.. ids.Where(id => !kept.ContainsKey(id))]);

            var written = new Written?[items.Count];
            var coming = new List<Coming>(items.Count);
            var replaced = new List<(long Row, PreparedItem Item)>();
            for (var i = 0; i < items.Count; i++)
            {
                var item = items[i];
                if (!kept.TryGetValue(item.Id, out var before))
                {
                    written[i] = Written.Created;
                    coming.Add(new Coming(item, gone.GetValueOrDefault(item.Id) + 1, now));
                }
                else if (onlyNew) written[i] = null;
                else if (before.Hash == item.Document.Hash) written[i] = Written.Unchanged;
                else
                {
                    written[i] = Written.Updated;
                    coming.Add(new Coming(item, before.Version + 1, before.CreatedAt ?? now));
                    replaced.Add((before.RowId, item));
                }
            }
            if (coming.Count == 0) return written;
            long[] rows = [.. replaced.Select(one => one.Row)];
            await tx.Hush(org, collection, replaced);
            await tx.KeepHistory(org, rows);
            await tx.RemoveItems(org, rows);
            await tx.Place(org, collection, coming, change, now);
            await tx.Counted(org, collection, written.Count(one => one == Written.Created));
            await tx.Lengthen(org, collection, longest, coming);
            return written;
        }

        /// <summary>Whether the change of this id was committed: where the answer to a commit was lost, nobody knows
        /// before he looks. The collection is locked first, behind whoever may be committing still.</summary>
        public async Task<bool> HasWritten(string org, string collection, Guid change)
        {
            await tx.TryLockCollection(org, collection, evenGoing: true);
            // What others have replaced since is gone from the items, and its event is not.
            return await tx.HasEmitted(org, change);
        }

        /// <summary>Makes this transaction the only one that writes items of the collection.</summary>
        /// <returns>How long its longest item lasts, in microseconds.</returns>
        /// <exception cref="Refused">There is no such collection, or it is being deleted.</exception>
        public async Task<long> LockCollection(string org, string collection) =>
            await tx.TryLockCollection(org, collection) ?? throw Refused.NotFound($"The collection {collection}");

        /// <summary>The same; null where there is no such collection.</summary>
        /// <exception cref="Refused">409: it is being deleted, and <paramref name="evenGoing"/> is not said.
        /// </exception>
        public async Task<long?> TryLockCollection(string org, string collection, bool evenGoing = false)
        {
            var locked = await tx.One<Locked>($"""
                select longest, is_going from catalogue_collections
                where org = {org} and id = {collection} {tx.ForUpdate}
                """);
            if (locked is { IsGoing: true } && !evenGoing) throw DeleteCollections.Going(collection);
            return locked?.Longest;
        }

        /// <summary>The items of these ids that are there.</summary>
        public async Task<Dictionary<string, Kept>> FindItems(
            string org, string collection, IReadOnlyList<string> ids)
        {
            var found = new Dictionary<string, Kept>(ids.Count, StringComparer.Ordinal);
            foreach (var item in await tx.AllOf<Kept>(
                $"row_id, collection, id, hash, version, created_at", $"catalogue_items",
                $"org = {org} and id = wanted.value", ids))
                if (item.Collection == collection) found[item.Id] = item;
            return found;
        }

        /// <summary>Keeps what these rows say as history; they are about to be replaced or removed.</summary>
        public async Task KeepHistory(string org, IReadOnlyList<long> rows)
        {
            if (rows.Count == 0) return;
            await tx.Run($"""
                insert into catalogue_history (org, collection, id, version, body, hash, changed_at, change_id)
                select items.org, items.collection, items.id, items.version, bodies.body, items.hash,
                    items.changed_at, items.change_id
                from catalogue_items as items join catalogue_bodies as bodies on bodies.row_id = items.row_id
                where items.org = {org} and items.row_id {tx.Among(rows)}
                """);
        }

        /// <summary>Removes rows, and whatever they are searched by.</summary>
        public async Task RemoveItems(string org, IReadOnlyList<long> rows)
        {
            if (rows.Count == 0) return;
            var these = tx.Among(rows);
            await tx.Run($"delete from catalogue_text where org = {org} and row_id {these}");
            await tx.Run($"delete from catalogue_properties where org = {org} and row_id {these}");
            await tx.Run($"delete from catalogue_bodies where org = {org} and row_id {these}");
            await tx.Run($"delete from catalogue_items where org = {org} and row_id {these}");
        }

        /// <summary>Says that items are gone, or the collection itself: the version after their last, without a
        /// content. Outsiders hear of it where they see the collection.</summary>
        public async Task Bury(
            string org, string collection, IReadOnlyList<(string Id, long Version)> last, Guid change,
            DateTimeOffset now)
        {
            var hidden = await tx.Count($"""
                select count(*) as n from catalogue_collections
                where org = {org} and id = {collection} and not is_external
                """) > 0;
            await tx.Tell(org, collection, [.. last.Select(item => item.Id)]);
            await tx.Insert(
                $"catalogue_history (org, collection, id, version, changed_at, change_id, is_hidden)",
                last.Select(item => new object?[]
                {
                    org, collection, item.Id, item.Version + 1, now, change, hidden,
                }));
        }

        /// <summary>Notes that a collection has so many items more, or fewer.</summary>
        public async Task Counted(string org, string collection, long change)
        {
            if (change == 0) return;
            await tx.Run($"""
                insert into catalogue_counts (org, collection, items) values ({org}, {collection}, {change})
                """);
        }

        async Task<Dictionary<string, long>> FindGone(string org, string collection, IReadOnlyList<string> ids)
        {
            var found = new Dictionary<string, long>(StringComparer.Ordinal);
            if (ids.Count == 0 || !await tx.HasHistory(org, collection)) return found;
            foreach (var item in await tx.All<Gone>($"""
                select id, max(version) as version from catalogue_history
                where org = {org} and collection = {collection} and id {tx.Among(ids)} group by id
                """))
                found[item.Id] = item.Version;
            return found;
        }

        async Task<bool> HasHistory(string org, string collection) => (await tx.All<Number>($"""
            select 1 as n from catalogue_history where org = {org} and collection = {collection} limit 1
            """)).Count > 0;

        async Task Place(
            string org, string collection, IReadOnlyList<Coming> coming, Guid change, DateTimeOffset now)
        {
            var names = await KnownNames.Of(tx, org, collection);
            var slots = await PromotedSlots.Read(tx, org);
            var promoted = slots.IsEmpty ? Sql.Empty : AllSlots;
            var rows = await tx.NewRows($"catalogue_items", coming.Count);
            var items = coming.Select((one, at) => (Row: rows[at], one.Item)).ToList();
            await tx.Insert(
                $"""
                catalogue_items (row_id, org, collection, id, version, hash, starts, ends, moment, geometry, is_box,
                    west, south, east, north, lowest, highest, created_at, changed_at, change_id{promoted})
                """,
                coming.Select((one, at) => ItemRow(rows[at], org, one, slots, change, now)));
            await tx.Index(
                $"catalogue_items_places (row_id, west, east, south, north, first, last)",
                items.Where(one => one.Item.Place is not null).Select(one => new object?[]
                {
                    one.Row, one.Item.Place!.Box.MinX, one.Item.Place.Box.MaxX, one.Item.Place.Box.MinY,
                    one.Item.Place.Box.MaxY, one.Item.Time.Starts / MicrosecondsInDay,
                    one.Item.Time.Ends / MicrosecondsInDay,
                }));

            await tx.Insert($"catalogue_bodies (row_id, org, body, external)", items.Select(one => new object?[]
            {
                one.Row, org, one.Item.Document.Body, one.Item.Document.External,
            }));
            await tx.PutSearched(org, names, items);
        }

        /// <summary>Writes what rows are searched by beside their columns, where nothing of it is there.</summary>
        public async Task PutSearched(
            string org, string collection, IReadOnlyList<(long Row, PreparedItem Item)> items) =>
            await tx.PutSearched(org, await KnownNames.Of(tx, org, collection), items);

        async Task PutSearched(
            string org, KnownNames names, IReadOnlyList<(long Row, PreparedItem Item)> items)
        {
            await tx.Insert(
                $"catalogue_properties (row_id, org, properties, external)",
                items.Select(one => new object?[]
                {
                    one.Row, org, AsJson(one.Item.Properties.Json), AsJson(one.Item.Properties.External),
                }));
            var worded = items.Where(one => one.Item.Words.Length > 0).ToList();
            if (worded.Count > 0)
            {
                var words = worded.ConvertAll(one => (one.Row, Words: SearchedWords(one.Item.Words)));
                await tx.Insert(
                    $"catalogue_text (row_id, org, words)",
                    words.Select(one => new object?[] { one.Row, org, one.Words }));
                await tx.Index(
                    $"catalogue_words (rowid, words)", words.Select(one => new object?[] { one.Row, one.Words }));
            }
            await names.Note(tx, org, items.Select(one => one.Item));
        }

        async Task Lengthen(string org, string collection, long longest, IReadOnlyList<Coming> coming)
        {
            var length = coming.Max(one => one.Item.Time.Ends - one.Item.Time.Starts);
            if (length > longest)
                await tx.Run($"""
                    update catalogue_collections set longest = {length} where org = {org} and id = {collection}
                    """);
        }
    }

    static readonly Sql AllSlots = $", n1, n2, n3, n4, n5, n6, n7, n8, t1, t2, t3, t4, t5, t6, t7, t8";

    static object?[] ItemRow(
        long row, string org, Coming one, PromotedSlots slots, Guid change, DateTimeOffset now)
    {
        var (item, place) = (one.Item, one.Item.Place);
        object?[] values =
        [
            row, org, item.Collection, item.Id, one.Version, item.Document.Hash, item.Time.Starts, item.Time.Ends,
            item.Time.Moment, place?.Ewkb, place?.IsBox ?? false, place?.Box.MinX, place?.Box.MinY, place?.Box.MaxX,
            place?.Box.MaxY, place?.LowestMetres, place?.GreatestMetres, one.CreatedAt, now, change,
        ];
        return slots.IsEmpty ? values : [.. values, .. slots.Of(item.Properties.Json)];
    }

    /// <summary>As a column of JSON takes it.</summary>
    internal static object? AsJson(string? text) => text is null ? null : new Json(text);

    static string SearchedWords(string words) => string.Join(' ', words.Replace("\n", Between, StringComparison.Ordinal)
        .Split(' ', MostWords + 1, StringSplitOptions.RemoveEmptyEntries).Take(MostWords)
        .Select(Searched));

    /// <summary>So much of a word as is searched: never half of a character.</summary>
    internal static string Searched(string word) => word.Length <= LongestWord ? word
        : word[..(char.IsHighSurrogate(word[LongestWord - 1]) ? LongestWord - 1 : LongestWord)];
}
