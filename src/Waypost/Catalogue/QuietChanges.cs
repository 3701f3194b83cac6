using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Keeps from outsiders that something changed of which they see nothing: for them the last change is the one
/// that they saw.</summary>
/// <remarks>
/// <c>catalogue_quiet</c> has a row for each item and collection (<see cref="OfItself"/>) whose last change outsiders
/// did not see, with the one that they did. Whoever writes it holds the collection.
/// </remarks>
static class QuietChanges
{
    /// <summary>In the place of an item's id: the collection itself.</summary>
    const string OfItself = "";

    /// <summary>What outsiders see of a row.</summary>
    sealed record Shown(long RowId, string Text) : IRow<Shown>
    {
        public static Shown Read(Row row) => new(row.Long("row_id"), row.Text("shown"));
    }

    extension(Tx tx)
    {
        /// <summary>Notes which of these rows are about to be replaced by what is the same for outsiders.</summary>
        public async Task Hush(
            string org, string collection, IReadOnlyList<(long Row, PreparedItem Item)> replaced)
        {
            if (replaced.Count == 0) return;
            // Where neither hides anything, what is another for those inside is another for outsiders.
            var shown = (await tx.ShownOf(org, [.. replaced.Where(Hides).Select(one => one.Row)], $"true"))
                .Concat(await tx.ShownOf(
                    org, [.. replaced.Where(one => !Hides(one)).Select(one => one.Row)], $"external is not null"))
                .ToDictionary(row => row.RowId, row => row.Text);
            var quiet = replaced.Where(one => shown.TryGetValue(one.Row, out var text)
                && text == (one.Item.Document.External ?? one.Item.Document.Body)).Select(one => one.Row).ToHashSet();
            if (quiet.Count > 0)
                await tx.Run($"""
                    insert into catalogue_quiet (org, collection, id, change_id, changed_at)
                    select org, collection, id, change_id, changed_at from catalogue_items
                    where org = {org} and row_id {tx.Among(quiet)} and change_id is not null
                    on conflict (org, collection, id) do nothing
                    """);
            await tx.Tell(org, collection, [.. replaced.Where(one => !quiet.Contains(one.Row))
                .Select(one => one.Item.Id)]);
        }

        /// <summary>The same of a collection.</summary>
        public async Task Hush(string org, PreparedCollection replacing)
        {
            var document = replacing.Document;
            await tx.Run($"""
                insert into catalogue_quiet (org, collection, id, change_id, changed_at)
                select org, id, {OfItself}, change_id, changed_at from catalogue_collections
                where org = {org} and id = {replacing.Id} and change_id is not null
                    and coalesce(external, body) = {document.External ?? document.Body}
                on conflict (org, collection, id) do nothing
                """);
            await tx.Run($"""
                delete from catalogue_quiet where org = {org} and collection = {replacing.Id} and id = {OfItself}
                    and exists (
                        select 1 from catalogue_collections as before
                        where before.org = {org} and before.id = {replacing.Id}
                            and coalesce(before.external, before.body) <> {document.External ?? document.Body})
                """);
        }

        /// <summary>From here on the last change of these is the last for outsiders too.</summary>
        public async Task Tell(string org, string collection, IReadOnlyCollection<string> ids)
        {
            if (ids.Count == 0) return;
            var any = await tx.All<Number>($"""
                select 1 as n from catalogue_quiet where org = {org} and collection = {collection} limit 1
                """);
            if (any.Count > 0)
                await tx.Run($"""
                    delete from catalogue_quiet where org = {org} and collection = {collection} and id {tx.Among(ids)}
                    """);
        }

        async Task<List<Shown>> ShownOf(string org, IReadOnlyList<long> rows, Sql also) => rows.Count == 0 ? []
            : await tx.All<Shown>($"""
                select row_id, coalesce(external, body) as shown from catalogue_bodies
                where org = {org} and row_id {tx.Among(rows)} and {also}
                """);
    }

    static bool Hides((long Row, PreparedItem Item) one) => one.Item.Document.External is not null;
}
