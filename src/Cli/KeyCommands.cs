using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Waypost.Cli;

/// <summary><c>waypost key</c>: the keys of the organization.</summary>
static class KeyCommands
{
    static readonly string[] Roles = ["org_admin", "mission_commander", "operator", "viewer", "node", "service"];

    public static Command Make(Surroundings surroundings) => new("key", "Keys: make, list, rotate and revoke them")
    {
        Create(surroundings), List(surroundings), Rotate(surroundings), Revoke(surroundings),
    };

    static Command Create(Surroundings surroundings)
    {
        var role = new Option<string>("--role") { Description = "What its holder is", Required = true };
        role.AcceptOnlyFromAmong(Roles);
        var name = new Option<string?>("--name") { Description = "What it is for. Default: its role" };
        var client = new Option<string?>("--client") { Description = "The application behind it. Default: ddh" };
        var scopes = new Option<string[]>("--scope")
        {
            Description = "Narrow the role to this permission; may be given several times",
            HelpName = "permission",
        };
        var expires = new Option<string?>("--expires")
        {
            Description = "When it ends: 2027-01-31, or from now on 90d, 12h",
            HelpName = "when",
        };
        var command = new Command("create", "Make a key; it is shown once") { role, name, client, scopes, expires };
        Examples.Add(command,
            "waypost key create --role viewer --name \"wall screen\"",
            "waypost key create --role service --scope jobs_write --scope jobs_read --expires 90d");
        return command.Does(surroundings, async (parsed, server, answers, ct) =>
        {
            var stated = parsed.GetValue(scopes) is { Length: > 0 } some ? some : null;
            var body = await server.Send(HttpMethod.Post, await server.OrgPath("/keys", ct), new
            {
                Name = parsed.GetValue(name) ?? parsed.GetValue(role),
                Role = parsed.GetValue(role),
                Scopes = stated,
                ClientId = parsed.GetValue(client),
                ExpiresAt = End(parsed.GetValue(expires), answers.Clock),
            }, ct);
            return Shown(body, answers);
        });
    }

    static Command List(Surroundings surroundings)
    {
        var command = new Command("list", "List the keys that were not revoked");
        Examples.Add(command,
            "waypost key list", "waypost key list --output json | jq -r 'select(.role==\"viewer\").key_id'");
        return command.Does(surroundings, async (_, server, answers, ct) =>
        {
            answers.Many(await server.Get(await server.OrgPath("/keys", ct), ct), "keys",
                ["ID", "NAME", "ROLE", "SCOPES", "CLIENT", "BEGINS", "EXPIRES", "LAST USED"],
                key =>
                [
                    key.Text("key_id"), key.Text("name"), key.Text("role"), key.Text("scopes"), key.Text("client_id"),
                    key.Text("prefix"), key.Time("expires_at") ?? "never", key.Time("last_used_at") ?? "never",
                ],
                "There are no keys.");
            return ExitCodes.Ok;
        });
    }

    static Command Rotate(Surroundings surroundings)
    {
        var id = new Argument<string>("key-id") { Description = "The key's id, as the list has it" };
        var overlap = new Option<string?>("--overlap")
        {
            Description = "How long the old one works on: 1h, 7d. Default: not at all",
        };
        var command = new Command("rotate", "Replace a key; the new one is shown once") { id, overlap };
        Examples.Add(command, "waypost key rotate 019a… --overlap 1h");
        return command.Does(surroundings, async (parsed, server, answers, ct) =>
        {
            var seconds = parsed.GetValue(overlap) is { } text ? (int)Span(text, "--overlap").TotalSeconds : 0;
            var path = await server.OrgPath($"/keys/{Uri.EscapeDataString(parsed.GetValue(id)!)}/rotate", ct);
            return Shown(await server.Send(HttpMethod.Post, path, new { OverlapSeconds = seconds }, ct), answers);
        });
    }

    static Command Revoke(Surroundings surroundings)
    {
        var id = new Argument<string>("key-id") { Description = "The key's id, as the list has it" };
        var command = new Command("revoke", "Revoke a key at once") { id };
        Examples.Add(command, "waypost key revoke 019a…");
        return command.Does(surroundings, async (parsed, server, answers, ct) =>
        {
            var path = await server.OrgPath($"/keys/{Uri.EscapeDataString(parsed.GetValue(id)!)}", ct);
            await server.Send(HttpMethod.Delete, path, null, ct);
            answers.Remark($"Revoked.");
            return ExitCodes.Ok;
        });
    }

    static int Shown(string body, Answers answers)
    {
        answers.One(body, Rows);
        answers.Remark($"[yellow]Keep the key: it is shown this once.[/]");
        return ExitCodes.Ok;
    }

    static IEnumerable<(string, string?)> Rows(JsonElement key) =>
    [
        ("id", key.Text("key_id")), ("name", key.Text("name")), ("role", key.Text("role")),
        ("scopes", key.Text("scopes")), ("expires", key.Time("expires_at") ?? "never"),
        ("old one until", key.Time("previous_until")), ("key", key.Text("key")),
    ];

    /// <summary>A day, a moment or a span from now as the moment it means; null for null.</summary>
    internal static DateTimeOffset? End(string? text, TimeProvider clock)
    {
        if (text is null) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            return moment.ToUniversalTime();
        return clock.GetUtcNow() + Span(text, "--expires");
    }

    /// <summary><c>30s</c>, <c>15m</c>, <c>12h</c> or <c>90d</c>.</summary>
    internal static TimeSpan Span(string text, string option)
    {
        TimeSpan? unit = text.LastOrDefault() switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => null,
        };
        if (unit is { } one && double.TryParse(text[..^1], CultureInfo.InvariantCulture, out var number)
            && number is >= 0 and < 100_000)
            return one * number;
        throw new UsageException(
            $"{option} is '{text}'; a number with s, m, h or d was expected.", "Write 30s, 15m, 12h or 90d.");
    }
}
