using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Writes documents that are there in another form, without making a new version of them where their content
/// stays the same.</summary>
static class FormWriting
{
    sealed record Kept(
        long RowId, string Collection, string Id, string Hash, string Body, string? External, bool IsTold, long Starts,
        long Ends, long? Moment) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(
            row.Long("row_id"), row.Text("collection"), row.Text("id"), row.Text("hash"), row.Text("body"),
            row.TextOrNull("external"), !row.IsNull("change_id"), row.Long("starts"), row.Long("ends"),
            row.LongOrNull("moment"));
    }

    /// <summary>A document and what it is prepared to; null where it cannot be.</summary>
    readonly record struct Again(Kept Before, PreparedItem? Item)
    {
        public string? External => Item is { } item ? item.Document.External
            : HiddenForm.Item(Before.Collection, Before.Id, Before.Starts, Before.Ends, Before.Moment);

        public bool IsNews => !Before.IsTold || Before.External != External;
    }

    /// <summary>Prepares a collection again; false where today's rules refuse it.</summary>
    public static async Task<bool> Collection(
        Db db, string org, string id, Preparing how, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        if (await tx.FindCollection(org, id) is not { } found) return true;
        var kept = (await tx.One<Kept>($"""
            select 0 as row_id, id as collection, id, hash, body, external, change_id, 0 as starts, 0 as ends,
                null as moment
            from catalogue_collections
            where org = {org} and id = {id}
            """))!;
        if (found.IsGoing || Prepare(kept.Body, how) is not { } again)
        {
            // Nobody can say what in it is not for outsiders; whoever mends it shows it again.
            await tx.Run($"""
                update catalogue_collections
                set external = {HiddenForm.Collection(id)}, external_title = {(string?)null}
                where org = {org} and id = {id}
                """);
            await tx.Commit();
            return found.IsGoing;
        }
        if (again.Document.Hash != kept.Hash) await tx.PutCollection(org, again, now);
        else if (!kept.IsTold || kept.External != again.Document.External)
        {
            var change = await tx.Emit(org, now, new CollectionUpdated(id), id);
            await tx.Tell(org, id, [""]);
            await tx.Run($"""
                update catalogue_collections set external = {again.Document.External},
                    external_title = {again.ExternalTitle}, created_at = coalesce(created_at, changed_at),
                    change_id = {change}
                where org = {org} and id = {id}
                """);
        }
        else
            await tx.Run($"""
                update catalogue_collections set external_title = {again.ExternalTitle}
                where org = {org} and id = {id}
                """);
        await tx.Commit();
        return true;
    }

    /// <summary>Prepares items of a collection again, those of these rows that nobody changes meanwhile.</summary>
    /// <returns>How many today's rules refuse.</returns>
    public static async Task<int> Items(
        Db db, string org, string collection, IReadOnlyList<long> rows, Preparing how, DateTimeOffset now,
        CancellationToken ct)
    {
        List<Again> found = [];
        await using (var tx = await db.Read(ct))
            foreach (var part in PaddedLists.Of(rows))
                found.AddRange((await tx.All<Kept>($"""
                    select items.row_id, items.collection, items.id, items.hash, bodies.body, bodies.external,
                        items.change_id, items.starts, items.ends, items.moment
                    from catalogue_items as items join catalogue_bodies as bodies on bodies.row_id = items.row_id
                    where items.org = {org} and items.row_id in {part}
                    """)).Select(kept => new Again(kept, Prepare(kept, how))));
        await using (var tx = await db.Begin(ct))
        {
            if (await tx.TryLockCollection(org, collection, evenGoing: true) is null) return 0;
            var there = await tx.FindItems(org, collection, [.. found.Select(one => one.Before.Id)]);
            found.RemoveAll(one => !there.TryGetValue(one.Before.Id, out var now)
                || now.RowId != one.Before.RowId || now.Hash != one.Before.Hash);
            var hidden = found.Count(one => one.Item is null);
            await tx.WriteAgain(org, collection, found, now);
            await tx.Commit();
            return hidden;
        }
    }

    extension(Tx tx)
    {
        async Task WriteAgain(string org, string collection, List<Again> found, DateTimeOffset now)
        {
            var change = Guid.CreateVersion7(now);
            PreparedItem[] other =
                [.. found.Where(one => one.Item is { } item && item.Document.Hash != one.Before.Hash)
                    .Select(one => one.Item!)];
            if (other.Length > 0)
                await tx.WriteItems(org, collection, other, onlyNew: false, change, now, evenGoing: true);

            found.RemoveAll(one => one.Item is { } item && item.Document.Hash != one.Before.Hash);
            foreach (var one in found) await tx.WriteInPlace(org, one, change);
            if (found.Count > 0) await tx.WriteSearched(org, collection, found);
            await tx.Tell(org, collection, [.. found.Where(one => one.IsNews).Select(one => one.Before.Id)]);
            var news = found.Count(one => one.IsNews) + other.Length;
            if (news > 0) await tx.Emit(org, now, new ItemsWritten(collection, 0, news, 0), collection, change);
        }

        async Task WriteInPlace(string org, Again one, Guid change)
        {
            var (row, item, place) = (one.Before.RowId, one.Item, one.Item?.Place);
            await tx.Run($"""
                update catalogue_bodies set external = {one.External} where org = {org} and row_id = {row}
                """);
            if (one.IsNews)
                await tx.Run($"""
                    update catalogue_items set change_id = {change}, created_at = coalesce(created_at, changed_at)
                    where org = {org} and row_id = {row}
                    """);
            if (item is null)
            {
                // What outsiders may not see must not find it for them: neither its place nor its properties.
                await tx.Run($"""
                    update catalogue_items set is_masked = {true}, geometry = null, is_box = {false}, west = null,
                        south = null, east = null, north = null, lowest = null, highest = null
                    where org = {org} and row_id = {row}
                    """);
                return;
            }
            await tx.Run($"""
                update catalogue_items set is_masked = {false}, moment = {item.Time.Moment},
                    starts = {item.Time.Starts}, ends = {item.Time.Ends}, geometry = st_geomfromewkb({place?.Ewkb}),
                    is_box = {place?.IsBox ?? false}, west = {place?.Box.MinX}, south = {place?.Box.MinY},
                    east = {place?.Box.MaxX}, north = {place?.Box.MaxY}, lowest = {place?.LowestMetres},
                    highest = {place?.GreatestMetres}
                where org = {org} and row_id = {row}
                """);
        }

        // Properties and words are taken out and put in again: rows of before had none.
        async Task WriteSearched(string org, string collection, List<Again> found)
        {
            var slots = await PromotedSlots.Read(tx, org);
            foreach (var one in found.Where(one => !slots.IsEmpty && one.Item is not null))
            {
                var values = slots.Of(one.Item!.Properties.Json);
                double? N(int n) => (double?)values[n];
                string? T(int n) => (string?)values[n + Slot.OfEachKind];
                await tx.Run($"""
                    update catalogue_items set n1 = {N(0)}, n2 = {N(1)}, n3 = {N(2)}, n4 = {N(3)}, n5 = {N(4)},
                        n6 = {N(5)}, n7 = {N(6)}, n8 = {N(7)}, t1 = {T(0)}, t2 = {T(1)}, t3 = {T(2)}, t4 = {T(3)},
                        t5 = {T(4)}, t6 = {T(5)}, t7 = {T(6)}, t8 = {T(7)}
                    where org = {org} and row_id = {one.Before.RowId}
                    """);
            }
            foreach (var part in PaddedLists.Of(found.ConvertAll(one => one.Before.RowId)))
            {
                await tx.Run($"delete from catalogue_text where org = {org} and row_id in {part}");
                await tx.Run($"delete from catalogue_properties where org = {org} and row_id in {part}");
            }
            await tx.PutSearched(
                org, collection,
                [.. found.Where(one => one.Item is not null).Select(one => (one.Before.RowId, one.Item!))]);
            await tx.Insert(
                $"catalogue_properties (row_id, org, properties, external)",
                found.Where(one => one.Item is null).Select(one => new object?[]
                {
                    one.Before.RowId, org, ItemRows.AsJson(HiddenForm.Own(one.Before.Body)),
                    ItemRows.AsJson(
                        HiddenForm.Properties(one.Before.Starts, one.Before.Ends, one.Before.Moment)),
                }));
            if (found.Exists(one => one.Item is null)) await tx.HideColumns(org);
            var longest = found.Max(one => one.Item is { Time: var time } ? time.Ends - time.Starts : 0L);
            await tx.Run($"""
                update catalogue_collections set longest = {longest}
                where org = {org} and id = {collection} and longest < {longest}
                """);
        }

        // Columns keep what those inside search by; outsiders' searches do without any that hides something.
        Task HideColumns(string org) => tx.Run($"""
            update catalogue_queryables set is_hidden = {true}
            where org = {org} and collection = '' and slot is not null and not is_hidden
            """);
    }

    static PreparedCollection? Prepare(string body, Preparing how)
    {
        try
        {
            return PreparedCollection.Of(new Json(StoredDocument.AsSent(body)), how);
        }
        catch (Refused)
        {
            return null;
        }
    }

    static PreparedItem? Prepare(Kept kept, Preparing how)
    {
        try
        {
            return PreparedItem.Of(new Json(StoredDocument.AsSent(kept.Body)), how);
        }
        catch (Refused)
        {
            // Kept as it is by those who see everything; the external form says no more than that it is there.
            return null;
        }
    }
}
