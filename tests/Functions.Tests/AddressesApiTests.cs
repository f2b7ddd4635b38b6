using System.Net;
using System.Text;
using System.Text.Json;
using Relay.Addresses;
using Relay.Options;
using Relay.Spool;

namespace Relay.Functions.Tests;

public sealed class AddressesApiTests
{
    [Fact]
    public async Task A_domain_is_made_changed_shown_and_removed()
    {
        await using var server = await RunningServer.StartAsync();

        var made = await PutAsync(server, "/domains/Example.COM", """{"recipients":["info","anna"]}""");
        var changed = await PutAsync(server, "/domains/example.com", "");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made.StatusCode, changed.StatusCode));
        Assert.Equal("""{"name":"example.com","recipients":["info","anna"],"source":"added"}""", await CompactAsync(made));
        Assert.Equal("""{"name":"example.com","recipients":["*"],"source":"added"}""", await GetAsync(server, "/domains/EXAMPLE.com"));
        Assert.Equal(
            """{"domains":[{"name":"configured.example","recipients":["info"],"source":"configuration"},{"name":"example.com","recipients":["*"],"source":"added"}]}""",
            await GetAsync(server, "/domains"));

        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync("/domains/example.com")).StatusCode);
        Assert.Empty(server.Addresses.Current.Domains);
        await AssertProblem(await server.Client.DeleteAsync("/domains/example.com"), HttpStatusCode.NotFound);
        await AssertProblem(await server.Client.GetAsync("/domains/example.com"), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_domain_of_the_configuration_is_shown_and_cannot_be_changed()
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Contains("configuration", await GetAsync(server, "/domains/Configured.example"));
        await AssertProblem(await PutAsync(server, "/domains/Configured.example", "{}"), HttpStatusCode.Conflict);
        await AssertProblem(await server.Client.DeleteAsync("/domains/configured.example"), HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("info@example.com")]
    [InlineData("@example.com")]
    [InlineData("a/b@example.com")]
    public async Task An_alias_is_made_changed_shown_and_removed(string address)
    {
        await using var server = await RunningServer.StartAsync();
        var path = $"/aliases/{Uri.EscapeDataString(address)}";

        var made = await PutAsync(server, path, """{"targets":["a@example.org"]}""");
        var changed = await PutAsync(server, path.Replace("example", "EXAMPLE"), """{"targets":["b@example.org"]}""");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made.StatusCode, changed.StatusCode));
        Assert.Equal(["b@example.org"], server.Addresses.Current.Aliases[address].Targets);
        var shown = JsonDocument.Parse(await GetAsync(server, path)).RootElement;
        Assert.Equal((address, "added"), (shown.GetProperty("address").GetString(), shown.GetProperty("source").GetString()));
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync(path)).StatusCode);
        await AssertProblem(await server.Client.DeleteAsync(path), HttpStatusCode.NotFound);
        await AssertProblem(await server.Client.GetAsync(path), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_alias_of_the_configuration_is_shown_and_stands_behind_one_that_is_added()
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Contains("configuration", await GetAsync(server, "/aliases/configured@example.com"));
        await AssertProblem(await server.Client.DeleteAsync("/aliases/configured@example.com"), HttpStatusCode.Conflict);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(server, "/aliases/configured@example.com", """{"targets":["b@example.org"]}""")).StatusCode);
        Assert.Contains("added", await GetAsync(server, "/aliases/configured@example.com"));
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync("/aliases/configured@example.com")).StatusCode);
    }

    [Fact]
    public async Task A_suppression_is_made_shown_and_removed()
    {
        await using var server = await RunningServer.StartAsync();

        var made = await PutAsync(server, "/suppressions/User@Example.com", """{"reason":"asked for it","for":"30d"}""");
        var plain = await PutAsync(server, "/suppressions/other@example.com", "");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (made.StatusCode, plain.StatusCode));
        var now = server.Time.GetUtcNow();
        Assert.Equal(new Suppression("user@example.com", "asked for it", now, now.AddDays(30)), server.Addresses.Suppressed["user@example.com"]);
        Assert.Equal(new Suppression("other@example.com", "added by hand", now, null), server.Addresses.Suppressed["other@example.com"]);
        Assert.Equal(
            """{"address":"user@example.com","reason":"asked for it","addedAt":"2026-05-01T12:00:00+00:00","expiresAt":"2026-05-31T12:00:00+00:00"}""",
            await GetAsync(server, "/suppressions/user@example.com"));
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync("/suppressions/USER@example.com")).StatusCode);
        await AssertProblem(await server.Client.DeleteAsync("/suppressions/user@example.com"), HttpStatusCode.NotFound);
        await AssertProblem(await server.Client.GetAsync("/suppressions/user@example.com"), HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("aliases")]
    [InlineData("suppressions")]
    public async Task A_long_list_is_read_page_by_page(string list)
    {
        await using var server = await RunningServer.StartAsync();
        for (var n = 1; n <= 5; n++)
        {
            await server.Addresses.AddAliasAsync(new Alias($"u{n}@example.com", ["a@example.org"]), default);
            await server.Addresses.SuppressAsync(new Suppression($"u{n}@example.com", "why", server.Time.GetUtcNow(), null), default);
        }

        List<string> seen = [];
        string? after = "d@example.com";
        while (after is not null)
        {
            var page = JsonDocument.Parse(await GetAsync(server, $"/{list}?limit=2&after={Uri.EscapeDataString(after)}")).RootElement;
            seen.AddRange(page.GetProperty(list).EnumerateArray().Select(entry => entry.GetProperty("address").GetString()!));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }

        Assert.Equal([1, 2, 3, 4, 5], seen.Select(address => address[1] - '0'));
    }

    [Theory]
    [InlineData("/domains/no%20domain", "{}", "name")]
    [InlineData("/domains/example.com", """{"recipients":["a@b"]}""", "recipients")]
    [InlineData("/aliases/info", """{"targets":["a@example.org"]}""", "address")]
    [InlineData("/aliases/info@example.com", """{"targets":["info@EXAMPLE.com"]}""", "targets")]
    [InlineData("/aliases/info@example.com", "{}", "targets")]
    [InlineData("/suppressions/@example.com", "{}", "address")]
    [InlineData("/suppressions/a@example.com", """{"for":"soon"}""", "for")]
    public async Task What_is_not_allowed_is_400_and_says_which_and_what_is(string path, string body, string parameter)
    {
        await using var server = await RunningServer.StartAsync();

        var problem = await AssertProblem(await PutAsync(server, path, body), HttpStatusCode.BadRequest);

        var errors = problem.GetProperty("errors").EnumerateObject().Single();
        Assert.Equal(parameter, errors.Name);
        Assert.NotEmpty(errors.Value[0].GetString()!);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"target":["a@example.org"]}""")]
    [InlineData("""{"targets":"a@example.org"}""")]
    public async Task A_body_of_another_form_is_400_and_says_what_is_asked_for(string body)
    {
        await using var server = await RunningServer.StartAsync();

        var problem = await AssertProblem(await PutAsync(server, "/aliases/info@example.com", body), HttpStatusCode.BadRequest);

        Assert.Contains("nothing but targets", problem.GetProperty("detail").GetString());
        Assert.Empty(server.Addresses.Current.Aliases);
    }

    [Theory]
    [InlineData("/suppressions?limit=0")]
    [InlineData("/suppressions?limit=1001")]
    [InlineData("/aliases?limit=x")]
    public async Task A_page_has_its_bounds(string path)
    {
        await using var server = await RunningServer.StartAsync();

        await AssertProblem(await server.Client.GetAsync(path), HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("/domains")]
    [InlineData("/aliases")]
    [InlineData("/suppressions/a@example.com")]
    public async Task A_book_that_cannot_be_read_is_503_without_the_cause(string path)
    {
        await using var server = await RunningServer.StartAsync();
        server.Addresses.Trouble = new SpoolException(SpoolFault.Unavailable, "secret cause");

        var problem = await AssertProblem(await server.Client.GetAsync(path), HttpStatusCode.ServiceUnavailable);

        Assert.DoesNotContain("secret", problem.ToString());
    }

    private static Task<HttpResponseMessage> PutAsync(RunningServer server, string path, string body) =>
        server.Client.PutAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static async Task<string> GetAsync(RunningServer server, string path)
    {
        var response = await server.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await CompactAsync(response);
    }

    private static async Task<string> CompactAsync(HttpResponseMessage response) =>
        System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync())!.ToJsonString(
            new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static async Task<JsonElement> AssertProblem(HttpResponseMessage response, HttpStatusCode expected)
    {
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }
}
