using System.CommandLine;
using System.Text.Json;

namespace Waypost.Cli;

/// <summary><c>waypost org</c>: organizations of the installation.</summary>
static class OrgCommands
{
    public static Command Make(Surroundings surroundings) => new("org", "Organizations: make, list and see them")
    {
        Create(surroundings), List(surroundings), Show(surroundings),
    };

    static Command Create(Surroundings surroundings)
    {
        var id = new Argument<string>("id")
        {
            Description = "Its id in every path: lower-case letters, digits, hyphens",
        };
        var name = new Option<string?>("--name") { Description = "What people call it. Default: its id" };
        var tier = new Option<string?>("--tier") { Description = "How many requests it may make. Default: unlimited" };
        tier.AcceptOnlyFromAmong("basic", "premium", "enterprise");
        var command = new Command("create", "Make an organization and its first administrator's key")
        {
            id, name, tier,
        };
        Examples.Add(command,
            "waypost org create rescue-north --name \"Rescue North\"",
            "waypost org create rescue-north --tier basic --output json | jq -r .admin_key.key");
        return command.Does(surroundings, async (parsed, server, answers, ct) =>
        {
            var body = await server.Send(HttpMethod.Post, "api/v1/organizations",
                new { Id = parsed.GetValue(id), Name = parsed.GetValue(name), Tier = parsed.GetValue(tier) }, ct);
            answers.One(body, made => [.. Rows(made), ("key", made.Part("admin_key")?.Text("key"))]);
            answers.Remark($"[yellow]Keep the key: it is shown this once.[/]");
            return ExitCodes.Ok;
        });
    }

    static Command List(Surroundings surroundings)
    {
        var after = new Option<string?>("--after") { Description = "Go on after this id" };
        var command = new Command("list", "List the installation's organizations") { after };
        Examples.Add(command, "waypost org list", "waypost org list --output json | jq -r .id");
        return command.Does(surroundings, async (parsed, server, answers, ct) =>
        {
            var from = parsed.GetValue(after) is { } id ? $"?after={Uri.EscapeDataString(id)}" : "";
            var body = await server.Get("api/v1/organizations" + from, ct);
            answers.Many(body, "organizations", ["ID", "NAME", "TIER", "SINCE"],
                org => [org.Text("id"), org.Text("name"), org.Text("tier"), org.Time("created_at")],
                "There are none after it.");
            using var page = JsonDocument.Parse(body);
            if (page.RootElement.Text("next") is { } next) answers.Remark($"[grey]More: --after {next}[/]");
            return ExitCodes.Ok;
        });
    }

    static Command Show(Surroundings surroundings)
    {
        var command = new Command("show", "See the organization that the key belongs to");
        Examples.Add(command, "waypost org show");
        return command.Does(surroundings, async (_, server, answers, ct) =>
        {
            answers.One(await server.Get(await server.OrgPath("", ct), ct), Rows);
            return ExitCodes.Ok;
        });
    }

    static IEnumerable<(string, string?)> Rows(JsonElement org) =>
        [
            ("id", org.Text("id")), ("name", org.Text("name")), ("tier", org.Text("tier")),
            ("since", org.Time("created_at")),
        ];
}
