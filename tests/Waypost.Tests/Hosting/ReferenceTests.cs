using System.Collections;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Waypost.Access;
using Waypost.Hosting;
using Waypost.Tests.Architecture;
using Xunit;

namespace Waypost.Tests.Hosting;

/// <summary>The reference is made from the code, and no code of a problem is missing in its list.</summary>
public sealed partial class ReferenceTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_code_in_the_source_is_listed_with_its_meaning() =>
        Assert.Empty(Codes(Source.Under("src/Waypost", "src/Geo")).Except(Listed()));

    [Fact]
    public void Every_listed_code_is_one_of_the_source() =>
        Assert.Empty(Rows().Except(Codes(Source.Under("src/Waypost", "src/Geo"))));

    [Fact]
    public void A_code_that_is_not_listed_is_found() => Assert.Equal(
        ["NOT_LISTED_ANYWHERE", "SHORT"],
        Codes([new Source("x.cs",
            "throw Refused.Bad(\"NOT_LISTED_ANYWHERE\", \"x\"); new Refused(403, \"SHORT\", \"y\")")])
            .Except(Listed()));

    [Fact]
    public void Roles_and_permissions_are_those_of_the_reference()
    {
        var roles = Enum.GetValues<Role>();
        var text = new StringBuilder("""
            # Permissions

            Each route states one permission (`x-permission` in `/openapi/v1.json`). A role has the permissions of its
            column; a key's scopes, named as here, narrow them further. Made from the code.


            """);
        text.Append("| permission |").AppendJoin(" |", roles.Select(role => " " + Snake(role))).Append(" |\n");
        text.Append("|---|").Insert(text.Length, "---|", roles.Length).Append('\n');
        foreach (var permission in Enum.GetValues<Permission>())
        {
            text.Append($"| `{Roles.Name(permission)}` |");
            foreach (var role in roles) text.Append(Roles.May(role).Contains(permission) ? " yes |" : "  |");
            text.Append('\n');
        }
        text.Append("""

            `organizations_create` and `metrics_read` are the installation's: only org_admin keys of the organization
            `default` have them. Without a key, and bound to loopback only, `catalogue_read`, `jobs_read`,
            `rescue_read` and `events_read` of `default` are open (`access.open_reads`), `metrics_read`
            (`access.open_metrics`), and the compatible routes of the rescue dispatcher (`access.open_rescue`).
            """);
        Expected.Matches("docs/reference/permissions.md", text.ToString());
    }

    [Fact]
    public async Task Routes_are_those_of_the_reference()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var document = JsonElement.Parse(await server.Anyone().GetStringAsync("/openapi/v1.json", Token));
        var text = new StringBuilder("""
            # Routes

            Every route, what it does and the permission it needs. Parameters and bodies: `/docs` on a running server,
            or `/openapi/v1.json`. Made from the code.

            | route | does | permission |
            |---|---|---|

            """);
        foreach (var path in document.GetProperty("paths").EnumerateObject())
            foreach (var operation in path.Value.EnumerateObject())
            {
                var needs = operation.Value.TryGetProperty("x-permission", out var permission)
                    ? $"`{permission.GetString()}`" : "open";
                text.Append($"| `{operation.Name.ToUpperInvariant()} {path.Name}` | "
                    + $"{operation.Value.GetProperty("summary").GetString()} | {needs} |\n");
            }
        Expected.Matches("docs/reference/routes.md", text.ToString());
    }

    [Fact]
    public void Settings_are_those_of_the_reference()
    {
        var text = new StringBuilder("""
            # Settings

            A flag goes before a variable, a variable before `waypost.json` in the data folder. A wrong name or value
            stops the start with its name, what was expected and where. Made from the code.

            ## Flags and variables

            | name | says |
            |---|---|
            | `--urls` | where to listen; default `http://127.0.0.1:8080` |
            | `--data` | where everything is kept; default `./data` |

            """);
        foreach (var (name, says) in ReadSettings.Variables) text.Append($"| `{name}` | {says} |\n");
        text.Append("""

            ## waypost.json

            | key | default | says |
            |---|---|---|

            """);
        Describe(text, "", typeof(Settings), ReadSettings.ReadFile("there is no such file"));
        Expected.Matches("docs/reference/settings.md", text.ToString());
    }

    static void Describe(StringBuilder text, string prefix, Type type, object value)
    {
        foreach (var property in ReadSettings.Options.GetTypeInfo(type).Properties)
        {
            var current = property.Get!(value);
            var own = property.PropertyType.Namespace?.StartsWith("Waypost", StringComparison.Ordinal) == true;
            if (own && !property.PropertyType.IsEnum)
                Describe(text, prefix + property.Name + ".", property.PropertyType, current!);
            else
                text.Append($"| `{prefix}{property.Name}` | {Shown(current)} | {Summary(type, property.Name)} |\n");
        }
    }

    static string Shown(object? value) => value switch
    {
        null => "absent",
        string text => $"`{text}`",
        IEnumerable list => list.Cast<object>().Any() ? $"`{JsonSerializer.Serialize(list)}`" : "empty",
        _ => $"`{JsonSerializer.Serialize(value, ReadSettings.Options)}`",
    };

    // What the source says of a property, so that it is said once.
    static string Summary(Type type, string jsonName)
    {
        var property = type.GetProperties().Single(
            one => JsonNamingPolicy.SnakeCaseLower.ConvertName(one.Name) == jsonName).Name;
        var source = Source.Under("src/Waypost")
            .First(file => Regex.IsMatch(file.Text, $@"record {type.Name}\b(?! \w+\.)")).Text;
        var parameter = Regex.Match(source, $"""(?s)<param name="{property}">(?<text>.*?)</param>""");
        if (!parameter.Success)
            parameter = Regex.Match(
                source, @"(?s)<summary>(?<text>(?:(?!<summary>).)*?)</summary>(?:(?!<summary>)[^;])*?"
                + $@"\b{property}\b\s*(?:\{{|=)");
        Assert.True(parameter.Success, $"{type.Name}.{property} does not say what it is for");
        var words = Regex.Replace(parameter.Groups["text"].Value, @"\s*///\s*", " ");
        return Regex.Replace(words, "</?c>", "`").Replace("|", "\\|", StringComparison.Ordinal).Trim();
    }

    static string Snake<T>(T value) where T : struct, Enum =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    static IEnumerable<string> Codes(IEnumerable<Source> files) => files
        .SelectMany(file => Code().Matches(file.Text).Concat(FirstOfRefused().Matches(file.Text)))
        .Select(match => match.Groups["code"].Value)
        .Where(code => !code.StartsWith("WAYPOST_", StringComparison.Ordinal)).Distinct();

    static IEnumerable<string> Listed() => Named().Matches(Text()).Select(match => match.Groups["code"].Value);

    static IEnumerable<string> Rows() => Row().Matches(Text()).Select(match => match.Groups["code"].Value);

    static string Text() => File.ReadAllText(Path.Combine(Expected.Root, "docs", "problems.md"));

    [GeneratedRegex("""(?<!\$)"(?<code>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"(?!\])""")]
    private static partial Regex Code();

    [GeneratedRegex("""(?s)(?:new Refused\(\s*[\w.]+,|Refused\.(?:Bad|Conflict)\()\s*"(?<code>[A-Z0-9_]+)""")]
    private static partial Regex FirstOfRefused();

    [GeneratedRegex("`(?<code>[A-Z0-9_]+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"(?m)^\| `(?<code>[A-Z0-9_]+)` \|")]
    private static partial Regex Row();
}
