using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Waypost.Cli;

/// <summary><c>waypost events</c>: what happened in the organization.</summary>
static class EventsCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var types = new Option<string?>("--types")
        {
            Description = "Only these types, separated by commas; a * at an end stands for anything",
            HelpName = "a,b,c.*",
        };
        var follow = new Option<bool>("--follow") { Description = "Go on as things happen, until Ctrl+C" };
        var since = new Option<string?>("--since")
        {
            Description = "beginning, now, or a position. Default: beginning; with --follow: now",
            HelpName = "where",
        };
        var limit = new Option<int>("--limit")
        {
            Description = "How many, at the most; not with --follow",
            DefaultValueFactory = _ => 100,
        };
        var command = new Command("events", "Read what happened, or follow it as it happens")
        {
            types, follow, since, limit,
        };
        Examples.Add(command,
            "waypost events --types job.failed,item.*", "waypost events --follow --output json | jq -r .event_type",
            "waypost events --since 1042");
        return command.Does(surroundings, async (parsed, server, answers, ct) =>
        {
            if (parsed.GetValue(follow))
                return await new EventFollowing(server, answers)
                    .Run(parsed.GetValue(types), parsed.GetValue(since) ?? "now", ct);
            var query = EventFollowing.From(parsed.GetValue(since) ?? "beginning");
            query["types"] = parsed.GetValue(types);
            query["limit"] = parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture);
            var body = await server.Get(await server.OrgPath("/events" + JobCommands.Query(query), ct), ct);
            using var page = JsonDocument.Parse(body);
            foreach (var one in page.RootElement.GetProperty("events").EnumerateArray())
                EventFollowing.Write(one, answers);
            answers.Remark($"[grey]Go on with --since {page.RootElement.Text("next")}[/]");
            return ExitCodes.Ok;
        });
    }
}
