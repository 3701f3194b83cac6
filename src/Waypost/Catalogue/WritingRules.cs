using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Storage;

namespace Waypost.Catalogue;

/// <summary>How an organization wants its catalogue to be written to.</summary>
/// <param name="RequireIfMatch">True: who replaces, changes or deletes a document must say with <c>If-Match</c> which
/// version of it he has seen; without it he hears 428.</param>
/// <param name="Validation">What is done about a document that has faults, where the request does not say.</param>
public sealed record WritingRules(bool RequireIfMatch = false, Validation Validation = Validation.Repair)
    : IRow<WritingRules>
{
    static readonly WritingRules Usual = new();

    /// <summary>Reads a row of catalogue_settings.</summary>
    public static WritingRules Read(Row row) => new(
        row.Bool("require_if_match"), row.Bool("is_strict") ? Validation.Strict : Validation.Repair);

    /// <summary>Those of an organization.</summary>
    internal static async Task<WritingRules> Of(Db db, string org, CancellationToken ct) =>
        await db.One<WritingRules>($"""
            select require_if_match, is_strict from catalogue_settings where org = {org}
            """, ct) ?? Usual;

    /// <summary>The same, in a transaction.</summary>
    internal static async Task<WritingRules> Of(Tx tx, string org) => await tx.One<WritingRules>($"""
        select require_if_match, is_strict from catalogue_settings where org = {org}
        """) ?? Usual;

    /// <summary>The routes, below <c>/catalogue</c>.</summary>
    internal static void Map(IEndpointRouteBuilder catalogue, string operations)
    {
        catalogue.MapGet("/settings", Get).Permit(Permission.CatalogueRead)
            .WithName(operations + "GetCatalogueSettings").WithTags("Catalogue")
            .WithSummary("How the catalogue is written to");
        catalogue.MapPut("/settings", Put).Permit(Permission.OrganizationManage)
            .WithName(operations + "SetCatalogueSettings").WithTags("Catalogue")
            .WithSummary("Say how the catalogue is to be written to");
    }

    static async Task<Ok<WritingRules>> Get(Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await Of(db, caller.Org, ct));

    static async Task<Ok<WritingRules>> Put(WritingRules body, Caller caller, Db db, CancellationToken ct)
    {
        await using var tx = await db.Begin(ct);
        await tx.Run($"""
            insert into catalogue_settings (org, require_if_match, is_strict)
            values ({caller.Org}, {body.RequireIfMatch}, {body.Validation == Validation.Strict})
            on conflict (org) do update set require_if_match = excluded.require_if_match,
                is_strict = excluded.is_strict
            """);
        await tx.Commit();
        return TypedResults.Ok(body);
    }
}
