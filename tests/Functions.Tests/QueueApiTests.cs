using System.Net;
using System.Text;
using System.Text.Json;
using Relay.Mail;
using Relay.Spool;
using Relay.Status;

namespace Relay.Functions.Tests;

public sealed class QueueApiTests
{
    private static readonly DateTimeOffset At = new(2026, 5, 1, 11, 0, 0, TimeSpan.Zero);
    private static readonly MessageId Id = MessageId.New(At);

    [Fact]
    public async Task The_queue_is_listed_with_every_parameter_passed_on()
    {
        await using var server = await RunningServer.StartAsync();
        QueueQuery? asked = null;
        server.Spool.OnQueue = query =>
        {
            asked = query;
            return new QueuePage([Entry()], "d1.2.3");
        };

        var json = JsonDocument.Parse(await server.Client.GetStringAsync("/queue?state=setAside&domain=Example.COM&order=age&limit=7&cursor=a1.2.3")).RootElement;

        Assert.Equal(new QueueQuery { State = QueueState.SetAside, Domain = "example.com", Order = QueueOrder.Age, Limit = 7, Cursor = "a1.2.3" }, asked);
        Assert.Equal("d1.2.3", json.GetProperty("cursor").GetString());
        Assert.Equal("setAside", json.GetProperty("entries")[0].GetProperty("state").GetString());
        Assert.Equal("a@example.com", json.GetProperty("entries")[0].GetProperty("recipients")[0].GetProperty("address").GetString());
    }

    [Theory]
    [InlineData("/queue?state=gone")]
    [InlineData("/queue?domain=a%20b")]
    [InlineData("/queue?order=up")]
    [InlineData("/queue?limit=0")]
    [InlineData("/queue?limit=1001")]
    [InlineData("/queue?sender=a")]
    [InlineData("/queue?limit=1&limit=2")]
    public async Task A_question_that_makes_no_sense_is_400(string path)
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task A_cursor_that_no_page_had_is_400()
    {
        await using var server = await RunningServer.StartAsync();
        server.Spool.OnQueue = _ => throw new FormatException();

        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.GetAsync("/queue?cursor=x")).StatusCode);
    }

    [Fact]
    public async Task The_summary_is_given()
    {
        await using var server = await RunningServer.StartAsync();
        server.Spool.OnQueueSummary = () => new QueueSummary
        {
            Total = 3,
            NotLookedAt = 0,
            Destinations = [new QueueDestination { Domain = "example.com", Routes = ["mx"], Waiting = 3, OldestAt = At, NextAt = At }],
        };

        var json = JsonDocument.Parse(await server.Client.GetStringAsync("/queue/summary")).RootElement;

        Assert.Equal(3, json.GetProperty("total").GetInt32());
        Assert.Equal("example.com", json.GetProperty("destinations")[0].GetProperty("domain").GetString());
    }

    [Theory]
    [InlineData("retry", QueueAction.Retry)]
    [InlineData("cancel", QueueAction.Cancel)]
    [InlineData("hold", QueueAction.Hold)]
    [InlineData("release", QueueAction.Release)]
    public async Task An_order_is_done_and_its_change_given(string word, QueueAction action)
    {
        await using var server = await RunningServer.StartAsync();
        (QueueAction, QueueSelection)? asked = null;
        server.Spool.OnControl = (given, selection) =>
        {
            asked = (given, selection);
            return new QueueChange(1, 2, 3);
        };

        var response = await PostAsync(server, word, """{"domain":"EXAMPLE.com","note":"ticket 42"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((action, new QueueSelection { Domain = "example.com", Note = "ticket 42" }), asked);
        var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal((1, 2, 3), (json.GetProperty("messages").GetInt32(), json.GetProperty("recipients").GetInt32(), json.GetProperty("inFlight").GetInt32()));
    }

    [Fact]
    public async Task A_message_that_is_not_known_and_an_action_that_is_none_are_404()
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(server, "cancel", $$"""{"id":"{{Id}}"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(server, "delete", """{"all":true}""")).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":"42"}""")]
    [InlineData("""{"domain":"a b"}""")]
    [InlineData("""{"all":true,"domain":"example.com"}""")]
    [InlineData("""{"all":true,"sender":"a@example.com"}""")]
    [InlineData("""{"all":true,"note":"a\nb"}""")]
    public async Task An_order_that_is_not_clear_changes_nothing(string body)
    {
        await using var server = await RunningServer.StartAsync();
        server.Spool.OnControl = (_, _) => throw new InvalidOperationException("not to be asked");

        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(server, "cancel", body)).StatusCode);
        Assert.Empty(server.Logs.Errors);
    }

    [Fact]
    public async Task An_order_that_does_not_say_that_it_is_json_changes_nothing()
    {
        await using var server = await RunningServer.StartAsync();

        var response = await server.Client.PostAsync("/queue/cancel", new StringContent("""{"all":true}""", Encoding.UTF8, "text/plain"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private static Task<HttpResponseMessage> PostAsync(RunningServer server, string action, string body) =>
        server.Client.PostAsync($"/queue/{action}", new StringContent(body, Encoding.UTF8, "application/json"));

    private static QueueEntry Entry() => new()
    {
        Id = Id.ToString(),
        State = QueueState.SetAside,
        AcceptedAt = At,
        DueAt = At,
        Sender = "",
        Size = 1,
        Recipients = [new RecipientStatus { Address = "a@example.com", State = RecipientState.Deferred }],
    };
}
