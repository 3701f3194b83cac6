using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>What the items of a collection can be asked about: found by writing them, kept in
/// <c>catalogue_queryables</c>.</summary>
/// <remarks>
/// <c>types</c> are words with blanks between: <c>boolean</c>, <c>number</c>, <c>string</c>, <c>date-time</c> (a string
/// in RFC 3339), <c>array</c>, <c>object</c>; none for what was always null. <c>shown_types</c> are those of the values
/// that outsiders see. A name that items have always had costs one read and no write.
/// </remarks>
sealed class KnownNames
{
    /// <summary>Names beyond this many of one collection are kept in documents, and cannot be asked about; but for
    /// those that were promoted.</summary>
    public const int Most = 1_000;

    readonly string collection;
    readonly Dictionary<string, Known> names;
    readonly HashSet<string> promoted;

    KnownNames(string collection, IEnumerable<Known> rows, IEnumerable<string> promoted) =>
        (this.collection, names, this.promoted) = (
            collection, rows.ToDictionary(row => row.Name, StringComparer.Ordinal),
            promoted.ToHashSet(StringComparer.Ordinal));

    sealed record Known(string Name, string Types, string ShownTypes, bool IsShown, bool IsHidden) : IRow<Known>
    {
        public static Known Read(Row row) => new(
            row.Text("name"), row.Text("types"), row.Text("shown_types"), row.Bool("is_shown"), row.Bool("is_hidden"));

        public Known With(PropertyOfItem property)
        {
            var word = Word(property.Type);
            var (types, shown) = (And(Types, word), property.IsVisible ? And(ShownTypes, word) : ShownTypes);
            if (types == Types && shown == ShownTypes && (property.IsVisible ? IsShown : IsHidden)) return this;
            return this with
            {
                Types = types,
                ShownTypes = shown,
                IsShown = IsShown || property.IsVisible,
                IsHidden = IsHidden || !property.IsVisible,
            };
        }

        static string And(string types, string? word) => word is null || types.Split(' ').Contains(word) ? types
            : QueryableTypes.Join(types.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append(word));
    }

    /// <summary>Reads what is known of a collection, in the transaction that writes its items.</summary>
    public static async Task<KnownNames> Of(Tx tx, string org, string collection)
    {
        var rows = await tx.All<Known>($"""
            select name, types, shown_types, is_shown, is_hidden from catalogue_queryables
            where org = {org} and collection = {collection}
            """);
        var promoted = await tx.All<Words>($"""
            select name as t from catalogue_queryables where org = {org} and collection = '' and slot is not null
            """);
        return new KnownNames(collection, rows, promoted.Select(row => row.T!));
    }

    /// <summary>Notes the properties of items just written; writes only what was not known.</summary>
    public async Task Note(Tx tx, string org, IEnumerable<PreparedItem> items)
    {
        // Nearly every item has the properties that the one before it has.
        var asBefore = new Dictionary<string, PropertyOfItem>(StringComparer.Ordinal);
        var news = new SortedDictionary<string, Known>(StringComparer.Ordinal);
        foreach (var item in items)
            foreach (var property in item.Properties.Names)
            {
                if (asBefore.TryGetValue(property.Name, out var last) && last == property) continue;
                if (!names.TryGetValue(property.Name, out var before))
                {
                    if (names.Count >= Most && !promoted.Contains(property.Name)) continue;
                    before = new Known(property.Name, "", "", false, false);
                }
                asBefore[property.Name] = property;
                var after = before.With(property);
                if (ReferenceEquals(after, before) && names.ContainsKey(property.Name)) continue;
                news[property.Name] = names[property.Name] = after;
            }
        foreach (var one in news.Values)
            await tx.Run($"""
                insert into catalogue_queryables (org, collection, name, types, shown_types, is_shown, is_hidden)
                values ({org}, {collection}, {one.Name}, {one.Types}, {one.ShownTypes}, {one.IsShown}, {one.IsHidden})
                on conflict (org, collection, name) do update set types = excluded.types,
                    shown_types = excluded.shown_types, is_shown = excluded.is_shown, is_hidden = excluded.is_hidden
                """);
    }

    static string? Word(PropertyType type) => type switch
    {
        PropertyType.Boolean => "boolean",
        PropertyType.Number => "number",
        PropertyType.Text => "string",
        PropertyType.Moment => "date-time",
        PropertyType.Array => "array",
        PropertyType.Object => "object",
        _ => null,
    };
}
