using System.Net;
using System.Text.Json;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Functions.Tests;

public sealed class StatusApiTests
{
    private static readonly DateTimeOffset AcceptedAt = new(2026, 5, 1, 11, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_message_is_given_with_its_recipients_and_its_timeline()
    {
        await using var server = await RunningServer.StartAsync();
        var id = MessageId.New(AcceptedAt);
        server.Spool.OnStatus = asked => asked == id ? Message(id) : null;

        var response = await server.Client.GetAsync($"/messages/{id}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.False(response.Headers.Contains("Server"));
        var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(id.ToString(), json.GetProperty("id").GetString());
        Assert.Equal("deferred", json.GetProperty("recipients")[0].GetProperty("state").GetString());
        Assert.Equal("accepted", json.GetProperty("events")[0].GetProperty("kind").GetString());
        Assert.False(json.GetProperty("recipients")[0].TryGetProperty("route", out _));
    }

    [Fact]
    public async Task A_uuid_with_hyphens_is_the_same_id()
    {
        await using var server = await RunningServer.StartAsync();
        var id = MessageId.New(AcceptedAt);
        server.Spool.OnStatus = asked => asked == id ? Message(id) : null;

        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync($"/messages/{id.Value:D}")).StatusCode);
    }

    [Fact]
    public async Task An_unknown_id_is_404_and_a_malformed_one_400()
    {
        await using var server = await RunningServer.StartAsync();

        await AssertProblem(server, $"/messages/{MessageId.New(AcceptedAt)}", HttpStatusCode.NotFound);
        await AssertProblem(server, "/messages/42", HttpStatusCode.BadRequest);
        await AssertProblem(server, $"/messages/{new string('a', 5000)}", HttpStatusCode.BadRequest);
        await AssertProblem(server, "/messages/%0d%0a", HttpStatusCode.BadRequest);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.GetAsync("/messages/%00")).StatusCode);
    }

    [Fact]
    public async Task A_search_passes_every_parameter_on()
    {
        await using var server = await RunningServer.StartAsync();
        StatusQuery? asked = null;
        server.Spool.OnSearch = query =>
        {
            asked = query;
            return new StatusPage([Message(MessageId.New(AcceptedAt)) with { Events = null }], "next");
        };

        var json = await server.Client.GetStringAsync(
            "/messages?since=2026-05-01&until=2026-05-01T08:30:00%2B02:00&state=Deferred&sender=%3C%3E&recipient=a@Example.com&limit=1000&cursor=abc");

        Assert.Equal(
            new StatusQuery
            {
                Since = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero),
                Until = new DateTimeOffset(2026, 5, 1, 6, 30, 0, TimeSpan.Zero),
                State = RecipientState.Deferred,
                Sender = "",
                Recipient = "a@Example.com",
                Limit = 1000,
                Cursor = "abc",
            },
            asked);
        var page = JsonDocument.Parse(json).RootElement;
        Assert.Equal("next", page.GetProperty("cursor").GetString());
        Assert.Single(page.GetProperty("messages").EnumerateArray());
    }

    [Fact]
    public async Task A_search_without_parameters_asks_for_everything_of_the_first_page()
    {
        await using var server = await RunningServer.StartAsync();
        StatusQuery? asked = null;
        server.Spool.OnSearch = query =>
        {
            asked = query;
            return new StatusPage([], null);
        };

        var json = await server.Client.GetStringAsync("/messages");

        Assert.Equal(new StatusQuery(), asked);
        Assert.Equal(0, JsonDocument.Parse(json).RootElement.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task A_time_can_be_said_as_how_long_ago()
    {
        await using var server = await RunningServer.StartAsync();
        DateTimeOffset? since = null;
        server.Spool.OnSearch = query =>
        {
            since = query.Since;
            return new StatusPage([], null);
        };

        await server.Client.GetStringAsync("/messages?since=2h");

        Assert.Equal(server.Time.GetUtcNow().AddHours(-2), since);
    }

    [Theory]
    [InlineData("since=yesterday", "since", "allowed is a time such as")]
    [InlineData("since=01/05/2026", "since", "allowed is a time such as")]
    [InlineData("since=999999999d", "since", "allowed is a time such as")]
    [InlineData("until=", "until", "allowed is a time such as")]
    [InlineData("since=1h&until=2h", "until", "not later than since")]
    [InlineData("state=lost", "state", "queued, deferred, delivered, bounced, expired")]
    [InlineData("state=1", "state", "one of")]
    [InlineData("sender=nobody", "sender", "allowed is a mail address")]
    [InlineData("recipient=%3C%3E", "recipient", "allowed is a mail address")]
    [InlineData("limit=0", "limit", "from 1 to 1000")]
    [InlineData("limit=1001", "limit", "from 1 to 1000")]
    [InlineData("limit=ten", "limit", "from 1 to 1000")]
    [InlineData("cursor=", "cursor", "allowed is the cursor")]
    [InlineData("recipent=a@example.com", "recipent", "no such parameter")]
    [InlineData("state=queued&state=deferred", "state", "more than once")]
    public async Task A_bad_value_is_400_and_names_the_parameter_and_what_is_allowed(string query, string parameter, string allowed)
    {
        await using var server = await RunningServer.StartAsync();

        var problem = await AssertProblem(server, $"/messages?{query}", HttpStatusCode.BadRequest);

        var error = Assert.Single(problem.GetProperty("errors").EnumerateObject());
        Assert.Equal(parameter, error.Name);
        Assert.Contains(allowed, error.Value[0].GetString());
    }

    [Fact]
    public async Task All_bad_values_are_told_at_once()
    {
        await using var server = await RunningServer.StartAsync();

        var problem = await AssertProblem(server, "/messages?limit=0&state=lost&since=soon", HttpStatusCode.BadRequest);

        Assert.Equal(
            ["limit", "since", "state"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
    }

    [Fact]
    public async Task A_cursor_that_the_spool_does_not_know_is_400()
    {
        await using var server = await RunningServer.StartAsync();
        server.Spool.OnSearch = _ => throw new FormatException();

        var problem = await AssertProblem(server, "/messages?cursor=made-up", HttpStatusCode.BadRequest);

        Assert.True(problem.GetProperty("errors").TryGetProperty("cursor", out _));
    }

    [Fact]
    public async Task Trouble_of_the_spool_is_503_and_a_fault_of_ours_500_and_only_the_log_has_the_cause()
    {
        await using var server = await RunningServer.StartAsync();

        server.Spool.OnStatus = _ => throw new SpoolException(SpoolFault.Unavailable, "secret cause");
        var unavailable = await AssertProblem(server, $"/messages/{MessageId.New(AcceptedAt)}", HttpStatusCode.ServiceUnavailable);
        server.Spool.OnStatus = _ => throw new InvalidOperationException("secret bug");
        var failed = await AssertProblem(server, $"/messages/{MessageId.New(AcceptedAt)}", HttpStatusCode.InternalServerError);

        Assert.DoesNotContain("secret", unavailable.ToString());
        Assert.DoesNotContain("secret", failed.ToString());
        Assert.Collection(
            server.Logs.Errors,
            error => Assert.EndsWith("secret cause", error),
            error => Assert.EndsWith("secret bug", error));
    }

    [Fact]
    public async Task What_is_not_there_is_a_problem_too()
    {
        await using var server = await RunningServer.StartAsync();

        await AssertProblem(server, "/", HttpStatusCode.NotFound);
        await AssertProblem(server, "/messages/a/b", HttpStatusCode.NotFound);
        var response = await server.Client.PostAsync("/messages", new StringContent("{}"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    private static async Task<JsonElement> AssertProblem(RunningServer server, string path, HttpStatusCode expected)
    {
        var response = await server.Client.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        return problem;
    }

    private static MessageStatus Message(MessageId id) => new()
    {
        Id = id.ToString(),
        AcceptedAt = AcceptedAt,
        Sender = "app@example.com",
        Size = 1234,
        Origin = new Origin { Protocol = "ESMTP", ClientAddress = "127.0.0.1" },
        HasContent = true,
        Recipients = [new RecipientStatus { Address = "someone@example.net", State = RecipientState.Deferred, Reason = Reasons.ConnectFailed }],
        Events = [new StatusEvent { At = AcceptedAt, Kind = "accepted" }],
    };
}
