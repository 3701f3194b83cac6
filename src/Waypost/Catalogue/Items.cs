using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Keeps items, and takes them out again.</summary>
public static class Items
{
    sealed record Gone(string Body) : IRow<Gone>
    {
        public static Gone Read(Row row) => new(row.Text("body"));
    }

    extension(Tx tx)
    {
        /// <summary>Creates or replaces an item (STAC 1.1) of a collection that exists, and emits what
        /// happened.</summary>
        /// <param name="org">Whose.</param>
        /// <param name="item">The whole document. Its links to itself and its surroundings are ours to write; hrefs
        /// that begin with <c>/platform</c>, <c>/tiles</c> or <c>/api</c> are made absolute in every answer.</param>
        /// <param name="now">When.</param>
        /// <param name="how">How it is made ready; absent: as <see cref="Preparing.Default"/> has it.</param>
        /// <exception cref="Refused">It is not a STAC item, or its collection does not exist.</exception>
        public async Task<Written> PutItem(string org, Json item, DateTimeOffset now, Preparing? how = null) =>
            (await tx.PutItem(org, PreparedItem.Of(item, how ?? Preparing.Default), now))!.Value;

        /// <summary>Creates or replaces an item that has been prepared; null where only a new one was wanted and it is
        /// there already.</summary>
        internal async Task<Written?> PutItem(
            string org, PreparedItem item, DateTimeOffset now, bool onlyNew = false)
        {
            var change = Guid.CreateVersion7(now);
            var written = (await tx.WriteItems(org, item.Collection, [item], onlyNew, change, now))[0];
            if (written == Written.Created)
                await tx.Emit(org, now, new ItemCreated(item.Collection, item.Id, item.Bbox), item.Id, change);
            if (written == Written.Updated)
                await tx.Emit(org, now, new ItemUpdated(item.Collection, item.Id, item.Bbox), item.Id, change);
            return written;
        }

        /// <summary>Takes an item out, its tiles and features with it; true when there was one. Its versions stay, and
        /// one that says that it is gone.</summary>
        public async Task<bool> DeleteItem(string org, string collection, string id, DateTimeOffset now)
        {
            if (await tx.TryLockCollection(org, collection) is null) return false;
            if ((await tx.FindItems(org, collection, [id])).Values.SingleOrDefault() is not { } item) return false;
            var body = await tx.One<Gone>($"""
                select body from catalogue_bodies where org = {org} and row_id = {item.RowId}
                """);

            var change = Guid.CreateVersion7(now);
            await tx.TakeOut(org, collection, [item], change, now);
            await tx.Emit(org, now, new ItemDeleted(collection, id, BboxOf(body!.Body)), id, change);
            return true;
        }

        /// <summary>Takes out items that were found under the collection's lock; the caller emits what happened.
        /// </summary>
        internal async Task TakeOut(
            string org, string collection, IReadOnlyList<ItemRows.Kept> items, Guid change, DateTimeOffset now)
        {
            long[] rows = [.. items.Select(item => item.RowId)];
            await tx.KeepHistory(org, rows);
            await tx.Bury(org, collection, [.. items.Select(item => (item.Id, item.Version))], change, now);
            await tx.RemoveItems(org, rows);
            await tx.Counted(org, collection, -items.Count);
            string[] ids = [.. items.Select(item => item.Id)];
            await tx.DropRasters(org, collection, ids);
            await tx.UnpublishFeatures(org, collection, ids, now);
        }
    }

    static double[]? BboxOf(string body) => new Json(body).Element.TryGetProperty("bbox", out var box)
        ? [.. box.EnumerateArray().Select(number => number.GetDouble())]
        : null;
}
