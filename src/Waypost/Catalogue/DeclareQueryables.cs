using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Geo.Cql2;
using Waypost.Geo.Stac;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>What an organization says about a property of its items.</summary>
/// <param name="Type">number, integer, string, boolean, date-time, date, array or geometry: values of another type are
/// not found by it. Null: each filter takes it as what it compares it with.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Description">What it means.</param>
/// <param name="Promoted">True: an index answers filters on it. Of numbers, booleans and moments eight can be, and of
/// texts eight.</param>
public sealed record QueryableDeclaration(
    string? Type = null, string? Title = null, string? Description = null, bool Promoted = false);

/// <summary>What was said about a property, and how far its promotion has come.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">As what it is read.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Description">What it means.</param>
/// <param name="Promoted">Its column is kept up to date.</param>
/// <param name="Filled">The column has the values of all items, and searches use it; until then they are right, and
/// slower.</param>
public sealed record DeclaredQueryable(
    string Name, string? Type, string? Title, string? Description, bool Promoted, bool Filled);

/// <summary>Declares types and titles of properties, and promotes them to columns with an index.</summary>
static class DeclareQueryables
{
    const int LongestName = 256;
    const int LongestTitle = 500;
    const int LongestDescription = 10_000;

    sealed record Kept(string Types, string? Declared, string? Slot, bool IsFilled) : IRow<Kept>
    {
        public static Kept Read(Row row) => new(
            row.Text("types"), row.TextOrNull("declared"), row.TextOrNull("slot"), row.Bool("is_filled"));

        public QueryableDeclaration Declaration => Declared is null
            ? new QueryableDeclaration()
            : new Json(Declared).To<QueryableDeclaration>();
    }

    public static void Map(IEndpointRouteBuilder stac, string operations)
    {
        stac.MapGet("/queryables/{name}", Get).Permit(Permission.CatalogueRead)
            .WithName(operations + "GetQueryable").WithTags("STAC").WithSummary("What was said about a property");
        stac.MapPut("/queryables/{name}", Put).Permit(Permission.CatalogueWrite)
            .WithName(operations + "DeclareQueryable").WithTags("STAC")
            .WithSummary("Declare a property's type and title, and whether it has an index");
        stac.MapPatch("/queryables/{name}", Patch).Permit(Permission.CatalogueWrite)
            .Accepts<JsonElement>(Media.MergePatch, Media.Json)
            .WithName(operations + "ChangeQueryable").WithTags("STAC")
            .WithSummary("Change what was said about a property");
        stac.MapDelete("/queryables/{name}", Delete).Permit(Permission.CatalogueWrite)
            .WithName(operations + "ForgetQueryable").WithTags("STAC")
            .WithSummary("Take back what was said about a property");
    }

    static async Task<Ok<DeclaredQueryable>> Get(string name, View view, Db db, CancellationToken ct)
    {
        var bare = Queryables.Bare(name);
        await using var tx = await db.Read(ct);
        var kept = await Find(tx, view.Org, bare) ?? throw Refused.NotFound($"A declaration of {bare}");
        return TypedResults.Ok(StateOf(bare, kept));
    }

    static async Task<Ok<DeclaredQueryable>> Put(
        string name, QueryableDeclaration body, View view, Db db, CancellationToken ct) =>
        TypedResults.Ok(await Keep(Queryables.Bare(name), _ => body, view, db, ct));

    static async Task<Ok<DeclaredQueryable>> Patch(
        string name, JsonElement body, View view, Db db, CancellationToken ct) =>
        TypedResults.Ok(await Keep(Queryables.Bare(name), before =>
        {
            var changed = MergePatch.Apply(Json.Of(before).Element, body);
            // Taken away means: as it is when nothing is said.
            if (changed.ValueKind != JsonValueKind.Object) throw Wrong("The body is not a JSON object.");
            return JsonSerializer.Deserialize<QueryableDeclaration>(changed, Strict) ?? new QueryableDeclaration();
        }, view, db, ct));

    static async Task<NoContent> Delete(string name, View view, Db db, CancellationToken ct)
    {
        var bare = Queryables.Bare(name);
        await using var tx = await db.Begin(ct);
        await LockWriters(tx, view.Org);
        var gone = await tx.Run($"""
            delete from catalogue_queryables where org = {view.Org} and collection = '' and name = {bare}
            """);
        if (gone == 0) throw Refused.NotFound($"A declaration of {bare}");
        await tx.Commit();
        return TypedResults.NoContent();
    }

    static async Task<DeclaredQueryable> Keep(
        string name, Func<QueryableDeclaration, QueryableDeclaration> change, View view, Db db, CancellationToken ct)
    {
        if (Queryables.Standard.Any(one => one.Name == name && one.Place != QueryablePlace.Property))
            throw Refused.Bad(
                "QUERYABLE_IS_FIXED", $"{name} is what STAC says it is, and has an index.",
                "Nothing need be declared.");
        await using var tx = await db.Begin(ct);
        await LockWriters(tx, view.Org);
        var before = await Find(tx, view.Org, name);
        var wanted = Checked(name, change(before?.Declaration ?? new QueryableDeclaration()));
        var type = wanted.Type ?? (wanted.Promoted ? await FoundType(tx, view.Org, name) : null);
        var slot = wanted.Promoted ? await SlotFor(tx, view.Org, name, type!, before) : null;
        var isFilled = slot is not null && slot == before?.Slot && type == before.Types && before.IsFilled;
        await tx.Run($"""
            insert into catalogue_queryables (org, collection, name, types, declared, slot, is_filled, filled_to)
            values ({view.Org}, '', {name}, {type ?? ""}, {Json.Of(wanted)}, {slot}, {isFilled}, {0L})
            on conflict (org, collection, name) do update set types = excluded.types, declared = excluded.declared,
                slot = excluded.slot, is_filled = excluded.is_filled, filled_to = excluded.filled_to,
                is_hidden = catalogue_queryables.is_hidden and excluded.is_filled
            """);
        tx.WakeAfterCommit(FillSlots.Channel);
        await tx.Commit();
        return StateOf(name, new Kept(type ?? "", Json.Of(wanted).Text, slot, isFilled));
    }

    static QueryableDeclaration Checked(string name, QueryableDeclaration wanted)
    {
        if (name.Length is 0 or > LongestName || name.Contains('\0', StringComparison.Ordinal))
            throw Wrong($"A name has 1 to {LongestName} characters.");
        if (wanted.Type is { } type && !QueryableTypes.All.Contains(type))
            throw Wrong($"type is '{type}'; {string.Join(", ", QueryableTypes.All)} can be declared.");
        if (wanted.Title?.Length > LongestTitle) throw Wrong($"A title has at most {LongestTitle} characters.");
        if (wanted.Description?.Length > LongestDescription)
            throw Wrong($"A description has at most {LongestDescription} characters.");
        if (wanted is { Promoted: true, Type: "array" or "geometry" })
            throw Wrong($"A property of type {wanted.Type} cannot be promoted: no index would answer filters on it.");
        if (Queryables.Standard.FirstOrDefault(one => one.Name == name) is not { } standard) return wanted;
        return wanted.Type is null || QueryableTypes.Declared(wanted.Type) == standard.Type
            ? wanted with { Type = "date-time" }
            : throw Wrong($"{name} is a date-time by the standard.");
    }

    // Without a type nobody knows which of the columns to take.
    static async Task<string> FoundType(Tx tx, string org, string name)
    {
        var found = await tx.All<Words>($"""
            select distinct types as t from catalogue_queryables
            where org = {org} and name = {name} and collection <> ''
            """);
        var types = QueryableTypes.Join(found
            .SelectMany(row => row.T!.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(type => type != "null"));
        return QueryableTypes.All.Contains(types) && types is not ("array" or "geometry")
            ? types
            : throw Refused.Bad(
                "QUERYABLE_TYPE_NEEDED",
                types.Length == 0
                    ? $"No item has {name} yet, so it is not known what it is."
                    : $"{name} was found with the types {types}, of which none can be promoted alone.",
                "Say its type.");
    }

    static async Task<string> SlotFor(Tx tx, string org, string name, string type, Kept? before)
    {
        var isText = QueryableTypes.Declared(type) == Cql2Type.Text;
        if (before?.Slot is { } own && Slot.Of(own).IsText == isText) return own;
        var taken = (await tx.All<Words>($"""
            select slot as t from catalogue_queryables where org = {org} and collection = '' and slot is not null
            """)).Select(row => row.T!).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(isText ? Slot.OfEachKind : 0, Slot.OfEachKind)
            .Select(number => new Slot(number).Name).FirstOrDefault(slot => !taken.Contains(slot))
            ?? throw Refused.Conflict(
                "NO_COLUMN_LEFT",
                $"{name} cannot be promoted: all {Slot.OfEachKind} columns for {(isText ? "texts" : "numbers")} are in "
                + "use.",
                "Take the promotion back from a property that few filters name.");
    }

    /// <summary>Waits for the writers that do not know yet what is said here; those that come after read it. No
    /// collection is added meanwhile: its writers would be among neither.</summary>
    internal static async Task LockWriters(Tx tx, string org)
    {
        await tx.HoldCatalogue(org);
        await tx.All<Words>($"""
            select id as t from catalogue_collections where org = {org} order by id {tx.ForUpdate}
            """);
    }

    static Task<Kept?> Find(Tx tx, string org, string name) => tx.One<Kept>($"""
        select types, declared, slot, is_filled from catalogue_queryables
        where org = {org} and collection = '' and name = {name}
        """);

    static DeclaredQueryable StateOf(string name, Kept kept)
    {
        var said = kept.Declaration;
        return new DeclaredQueryable(
            name, kept.Types.Length == 0 ? null : kept.Types, said.Title, said.Description, kept.Slot is not null,
            kept.IsFilled);
    }

    static Refused Wrong(string sentence) => Refused.Bad("INVALID_BODY", sentence, "Correct it and send it again.");

    static readonly JsonSerializerOptions Strict = new(Json.Options)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };
}
