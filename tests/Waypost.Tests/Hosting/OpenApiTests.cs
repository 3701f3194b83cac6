using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Waypost.Access;
using Xunit;

namespace Waypost.Tests.Hosting;

/// <summary>The description of the API says what is there, and always the same.</summary>
public sealed class OpenApiTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_description_is_the_checked_in_one()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var text = await server.Anyone().GetStringAsync("/openapi/v1.json", Token);
        Expected.Matches("tests/Waypost.Tests/Expected/openapi.v1.json", text);
        Assert.Equal(text, await server.Anyone().GetStringAsync("/openapi/v1.json", Token));
    }

    [Fact]
    public async Task Every_operation_states_its_permission_or_why_it_is_open_has_a_summary_and_its_own_name()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var document = JsonElement.Parse(await server.Anyone().GetStringAsync("/openapi/v1.json", Token));
        var names = new List<string>();
        foreach (var path in document.GetProperty("paths").EnumerateObject())
            foreach (var operation in path.Value.EnumerateObject().Where(member => member.Name != "parameters"))
            {
                var at = $"{operation.Name} {path.Name}";
                var permitted = operation.Value.TryGetProperty("x-permission", out var permission);
                Assert.True(permitted || operation.Value.TryGetProperty("x-open", out _), at);
                if (permitted) Assert.NotNull(Roles.Named(permission.GetString()!));
                Assert.True(operation.Value.TryGetProperty("summary", out _), at + " has no summary");
                if (operation.Value.TryGetProperty("operationId", out var name)) names.Add(name.GetString()!);
            }
        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public async Task Every_route_is_described_or_says_that_it_is_not_one_for_programs()
    {
        var server = await TestServer.Shared(Backend.Sqlite);
        var document = JsonElement.Parse(await server.Anyone().GetStringAsync("/openapi/v1.json", Token));
        var described = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToHashSet();
        var routes = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()
                is not { ExcludeFromDescription: true })
            .Select(endpoint => "/" + System.Text.RegularExpressions.Regex.Replace(
                endpoint.RoutePattern.RawText!.Trim('/'), @"\{\**(\w+)[^}]*\}", "{$1}"));
        Assert.Empty(routes.ToHashSet().Except(described));
    }
}
