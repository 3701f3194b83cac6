using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Waypost.Access;
using Waypost.Events;
using Waypost.Storage;

namespace Waypost.Rescue.Library;

/// <summary>Somebody who saves assets.</summary>
/// <param name="Id">The id to report with.</param>
/// <param name="Name">What people call them.</param>
/// <param name="Description">Who that is.</param>
/// <param name="IsBoundToKey">Whether only their own key may report for them.</param>
/// <param name="CreatedAt">When they came here.</param>
/// <param name="UpdatedAt">When they were last changed here.</param>
public sealed record Rescuer(
    long Id, string Name, string? Description, bool IsBoundToKey, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
    : IRow<Rescuer>
{
    /// <inheritdoc/>
    public static Rescuer Read(Row row) => new(
        row.Long("id"), row.Text("name"), row.TextOrNull("description"), row.IdOrNull("key_id") is not null,
        row.Time("created_at"), row.Time("updated_at"));
}

/// <summary>Who is to be a rescuer.</summary>
public sealed record NewRescuer
{
    /// <summary>What people call them; nobody else here is called so.</summary>
    [StringLength(200, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>Who that is.</summary>
    [StringLength(2_000)]
    public string? Description { get; init; }
}

/// <summary>A rescuer was registered.</summary>
/// <param name="RescuerId">The id.</param>
/// <param name="Name">The name.</param>
public sealed record RescuerRegistered(long RescuerId, string Name) : IEvent
{
    /// <inheritdoc/>
    public static string EventType => "rescue.rescuer_registered";
}

/// <summary>Lists, shows and registers rescuers.</summary>
static class Rescuers
{
    static readonly Sql Select = $"""
        select id, name, description, key_id, created_at, updated_at from rescue_rescuers as one
        """;

    public static void Map(IEndpointRouteBuilder rescue, string operations)
    {
        rescue.MapGet("/rescuers", List).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "ListRescuers").WithSummary("Who saves assets");
        rescue.MapGet("/rescuers/{rescuer_id}", Show).Permit(Permission.RescueRead).WithTags("Rescue")
            .WithName(operations + "GetRescuer").WithSummary("One rescuer");
        rescue.MapPost("/rescuers", Register).Permit(Permission.RescueTake).WithTags("Rescue")
            .WithName(operations + "RegisterRescuer")
            .WithSummary("Register a rescuer; one registered with a node's key is that key's alone");
    }

    static async Task<Ok<RescuePage<Rescuer>>> List(
        Caller caller, Db db, CancellationToken ct, [StringLength(Browsing.LongestSearch)] string? q = null,
        string? after = null, [Range(1, Browsing.LongestPage)] int limit = Browsing.UsualPage) =>
        TypedResults.Ok(await Browsing.Page<Rescuer>(
            db, Select, caller.Org, [Browsing.HasWords(q)], after, limit, one => one.Id, ct));

    static async Task<Ok<Rescuer>> Show(long rescuer_id, Caller caller, Db db, CancellationToken ct) =>
        TypedResults.Ok(await db.One<Rescuer>($"{Select} where org = {caller.Org} and id = {rescuer_id}", ct)
            ?? throw Refused.NotFound("The rescuer"));

    static async Task<Created<Rescuer>> Register(
        NewRescuer wanted, HttpContext http, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        Guid? key = caller.Role == Role.Node ? caller.KeyId : null;
        await using var tx = await db.Begin(ct);
        var id = await tx.Take(caller.Org, Numbered.Rescuer, 1);
        if (await tx.Run($"""
            insert into rescue_rescuers (org, id, name, description, words, key_id, created_at, updated_at)
            values ({caller.Org}, {id}, {wanted.Name}, {wanted.Description},
                {AssetRows.WordsOf(wanted.Name, wanted.Description ?? "")}, {key}, {now}, {now})
            on conflict (org, name) do nothing
            """) == 0)
            throw Refused.Conflict(
                "RESCUER_EXISTS", $"There is a rescuer called {wanted.Name} already.", "Choose another name.");
        await tx.Emit(caller.Org, now, new RescuerRegistered(id, wanted.Name), $"rescuer:{id}");
        await tx.Commit();
        return TypedResults.Created(
            $"{http.Request.Path}/{id}", new Rescuer(id, wanted.Name, wanted.Description, key is not null, now, now));
    }
}
