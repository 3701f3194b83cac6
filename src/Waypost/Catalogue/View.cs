using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Waypost.Access;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>Which view of a catalogue a group of routes serves; stated where the group is mapped.</summary>
enum ViewKind
{
    /// <summary>Everything of the caller's organization.</summary>
    Internal,

    /// <summary>What outsiders may see of it: no asset, link or value that only has a meaning inside.</summary>
    External,

    /// <summary>What another organization, named in the path, shares with the caller's.</summary>
    Shared,
}

/// <summary>What one request may see of a catalogue, and under which addresses. Every read of STAC goes through it.
/// </summary>
/// <param name="Org">Whose catalogue; not always the caller's organization.</param>
/// <param name="IsExternal">Documents are shown, and searched, in the form that outsiders may see.</param>
/// <param name="Hidden">Collections that are left out; empty for nearly everybody.</param>
/// <param name="Only">The only collections that are shown; null: all that are not hidden.</param>
/// <param name="Roots">What links begin with.</param>
sealed record View(
    string Org, bool IsExternal, IReadOnlyList<string> Hidden, IReadOnlyList<string>? Only, LinkRoots Roots)
{
    const int HashBytes = 16;

    sealed record Name(string Id) : IRow<Name>
    {
        public static Name Read(Row row) => new(row.Text("id"));
    }

    sealed record Share(string Collection, bool IsExternal) : IRow<Share>
    {
        public static Share Read(Row row) => new(row.Text("collection"), row.Bool("is_external"));
    }

    /// <summary>Lets an endpoint simply take a <see cref="View"/>.</summary>
    public static async ValueTask<View> BindAsync(HttpContext http)
    {
        var caller = await Caller.BindAsync(http);
        var db = await Db.BindAsync(http);
        var kind = http.GetEndpoint()?.Metadata.GetMetadata<Mounted>()?.Kind
            ?? throw new InvalidOperationException("This route does not say which view it serves.");
        return kind switch
        {
            ViewKind.Internal => Internal(http, caller),
            ViewKind.External => await External(http, caller, db),
            _ => await Shared(http, caller),
        };
    }

    /// <summary>The schemes of addresses that outsiders may see.</summary>
    public StacSchemes Schemes { get; private init; } = StacSchemes.Web;

    /// <summary>Somebody else may be looking than the organization whose catalogue it is.</summary>
    public bool IsOutside => IsExternal || Only is not null;

    /// <summary>Everything of the caller's organization.</summary>
    public static View Internal(HttpContext http, Caller caller) =>
        new(caller.Org, false, [], null, LinkRoots.Of(http));

    /// <summary>The rows of collections that this view shows: a condition on the column that names them.</summary>
    public Sql Visible(Sql column)
    {
        if (Only is { } only) return only.Count == 0 ? $"false" : (Sql)$"{column} in ({Names(only)})";
        return Hidden.Count == 0 ? $"true" : (Sql)$"{column} not in ({Names(Hidden)})";
    }

    /// <summary>True where no collection is left out.</summary>
    public bool ShowsAll => Only is null && Hidden.Count == 0;

    /// <summary>True where this collection is shown, if it exists.</summary>
    public bool Shows(string collection) => (Only is null || Only.Contains(collection)) && !Hidden.Contains(collection);

    /// <summary>The document as this view shows it, of a table that has <c>body</c> and <c>external</c>.</summary>
    public Sql Body(Sql table) =>
        IsExternal ? $"coalesce({table}.external, {table}.body)" : (Sql)$"{table}.body";

    /// <summary>Not an item of which outsiders see no more than that it is there: its features, tiles and data are not
    /// for them either. A condition on the columns that name an item.</summary>
    public Sql Unmasked(Sql collection, Sql item) => !IsExternal ? $"true" : (Sql)$"""
        not exists (
            select 1 from catalogue_items as masked
            where masked.org = {Org} and masked.id = {item} and masked.collection = {collection} and masked.is_masked)
        """;

    /// <summary>What changes when a document does as this view shows it, and only then: the hash of the whole would
    /// tell outsiders when something changes that they may not see.</summary>
    /// <param name="shown">The document as this view shows it.</param>
    /// <param name="hash">The hash of the whole document.</param>
    public string Hash(string shown, string hash) => IsExternal
        ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("external\n" + shown)).AsSpan(0, HashBytes))
        : hash;

    /// <summary>A feature as this view shows it.</summary>
    public StoredFeature Shown(StoredFeature feature) => !IsExternal ? feature : feature with
    {
        SourceId = feature.SourceId is { } id && !StacRedaction.IsHidden(id, Schemes) ? id : null,
        Properties = Shown(feature.Properties),
    };

    /// <summary>Any JSON as this view shows it.</summary>
    public Json Shown(Json value)
    {
        if (!IsExternal) return value;
        var whole = JsonElement.Parse($$"""{"value":{{value.Text}}}""");
        if (StacRedaction.ExternalProperties(whole, Schemes) is not { } shown) return value;
        return new Json(shown.TryGetProperty("value", out var left) ? left.GetRawText() : "{}");
    }

    static async Task<View> External(HttpContext http, Caller caller, Db db)
    {
        await http.RequestServices.GetRequiredService<CatalogueForms>().MustBeComplete(http.RequestAborted);
        var hidden = await db.All<Name>($"""
            select id from catalogue_collections where org = {caller.Org} and not is_external
            """, http.RequestAborted);
        return new View(
            caller.Org, true, [.. hidden.Select(row => row.Id)], null, LinkRoots.Of(http, "/external"))
        {
            Schemes = SchemesOf(http),
        };
    }

    // Whatever is shared in the external form only makes the whole view external: one view has one form.
    static async Task<View> Shared(HttpContext http, Caller caller)
    {
        Shares.MustHaveKey(caller);
        var owner = (string)http.GetRouteValue("owner")!;
        var db = http.RequestServices.GetRequiredService<Databases>().For(owner);
        // What is asked from here on is the owner's.
        http.Features.Set(db);
        var shares = await db.All<Share>($"""
            select collection, is_external from catalogue_shares where org = {owner} and with_org = {caller.Org}
            """, http.RequestAborted);
        if (shares.Count == 0) throw Refused.NotFound($"A catalogue that {owner} shares");
        if (shares.Any(share => share.IsExternal))
            await http.RequestServices.GetRequiredService<CatalogueForms>().MustBeComplete(http.RequestAborted);
        return new View(
            owner, shares.Any(share => share.IsExternal), [], [.. shares.Select(share => share.Collection)],
            LinkRoots.Of(http, "/shared/" + Uri.EscapeDataString(owner)))
        {
            Schemes = SchemesOf(http),
        };
    }

    static StacSchemes SchemesOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<CatalogueSettings>().Schemes;

    static Sql Names(IReadOnlyList<string> names) => Sql.Join($", ", names.Select(name => (Sql)$"{name}"));
}

/// <summary>Asks whether a view shows something.</summary>
static class Shown
{
    sealed record Name(string Id) : IRow<Name>
    {
        public static Name Read(Row row) => new(row.Text("id"));
    }

    extension(Tx tx)
    {
        /// <summary>The view as it is at this moment, and in a word which collections it shows: another word whenever
        /// one was shown or hidden. Empty where that cannot happen, or never did.</summary>
        /// <remarks>Of the external view it is how often that happened: outsiders are not to learn what is hidden, nor
        /// confirm what they guess. Whoever something is shared with knows what; there it is a hash of that.</remarks>
        public async Task<(View View, string Word)> Showing(View view)
        {
            if (view.Only is { } only)
            {
                var names = $"{view.IsExternal}\n{string.Join('\n', only.Order(StringComparer.Ordinal))}";
                return (view, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(names)).AsSpan(0, 8)));
            }
            if (!view.IsExternal) return (view, "");
            var hidden = await tx.All<Name>($"""
                select id from catalogue_collections where org = {view.Org} and not is_external
                """);
            var epoch = await tx.Count($"select shown_epoch as n from catalogue_wholes where org = {view.Org}");
            return (view with { Hidden = [.. hidden.Select(row => row.Id)] },
                epoch == 0 ? "" : epoch.ToString(CultureInfo.InvariantCulture));
        }

        /// <summary>True where this item is there and the view shows it.</summary>
        public async Task<bool> ShowsItem(View view, string collection, string item) => await tx.Count($"""
            select count(*) as n from catalogue_items
            where org = {view.Org} and id = {item} and collection = {collection} and {view.Visible($"collection")}
                and {(view.IsExternal ? (Sql)$"not is_masked" : $"true")}
            """) > 0;
    }
}
