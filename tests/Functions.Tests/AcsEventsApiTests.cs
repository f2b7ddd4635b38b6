using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Relay.Mail;
using Relay.Spool;

namespace Relay.Functions.Tests;

public sealed class AcsEventsApiTests
{
    private const string Key = "a key that is long";
    private static readonly MessageId Id = MessageId.New(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("Delivered", DsnAction.Delivered, "2.0.0")]
    [InlineData("delivered", DsnAction.Delivered, "2.0.0")]
    [InlineData("EXPANDED", DsnAction.Expanded, "2.0.0")]
    [InlineData("Bounced", DsnAction.Failed, "5.1.1")]
    [InlineData("Failed", DsnAction.Failed, "5.1.1")]
    [InlineData("FilteredSpam", DsnAction.Failed, "5.1.1")]
    [InlineData("Quarantined", DsnAction.Failed, "5.1.1")]
    [InlineData("suppressed", DsnAction.Failed, "5.1.1")]
    public async Task A_delivery_report_becomes_work_of_its_message(string status, DsnAction action, string code)
    {
        await using var relay = await StartAsync();

        var answer = await PostAsync(relay, $"[{Event(status)}]");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var (message, report) = Assert.Single(relay.Reports);
        Assert.Equal(Id, message);
        Assert.Equal((action, code, "a@example.net", "mx.example.net", "acs"), (report.Action, report.Status, report.Address, report.RemoteHost, report.Source));
        Assert.Equal($"{status}: smtp;550 5.1.1 No such user", report.Reply);
        Assert.Equal(new DateTimeOffset(2026, 5, 1, 12, 0, 1, TimeSpan.Zero), report.At);
    }

    [Fact]
    public async Task Both_schemas_and_both_spellings_of_the_time_are_read()
    {
        await using var relay = await StartAsync();

        var cloud = $$$"""
            {"specversion":"1.0","type":"Microsoft.Communication.EmailDeliveryReportReceived","source":"/x","id":"1","time":"2026-05-01T12:00:09Z",
             "data":{"recipient":"b@example.net","messageId":"{{{Id.Value}}}","status":"Delivered","deliveryAttemptTimestamp":"2026-05-01T12:00:02Z"}}
            """;
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(relay, cloud)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(relay, $"[{cloud},{Event("Bounced")}]")).StatusCode);

        Assert.Equal(["b@example.net", "b@example.net", "a@example.net"], relay.Reports.Select(r => r.Report.Address));
        Assert.Equal(2, relay.Reports[0].Report.At.Second);
    }

    [Fact]
    public async Task The_handshakes_are_answered()
    {
        await using var relay = await StartAsync();

        var answer = await PostAsync(relay, """[{"id":"1","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","subject":"","data":{"validationCode":"CODE"},"eventTime":"2026-05-01T12:00:00Z","dataVersion":"2"}]""");
        Assert.Equal("CODE", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("validationResponse").GetString());

        var hello = new HttpRequestMessage(HttpMethod.Options, Path());
        hello.Headers.Add("WebHook-Request-Origin", "eventgrid.azure.net");
        answer = await relay.Server.Client.SendAsync(hello);
        Assert.Equal((HttpStatusCode.OK, "eventgrid.azure.net"), (answer.StatusCode, answer.Headers.GetValues("WebHook-Allowed-Origin").Single()));
    }

    [Fact]
    public async Task Without_the_key_nothing_is_taken()
    {
        await using var relay = await StartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(relay, $"[{Event("Delivered")}]", "/events/acs")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(relay, $"[{Event("Delivered")}]", "/events/acs?key=other")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await relay.Server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/events/acs"))).StatusCode);
        Assert.Empty(relay.Reports);
        var content = Json($"[{Event("Delivered")}]");
        content.Headers.Add("X-Events-Key", Key);
        Assert.Equal(HttpStatusCode.OK, (await relay.Server.Client.PostAsync("/events/acs", content)).StatusCode);
    }

    [Fact]
    public async Task Where_no_key_is_configured_there_is_nothing()
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.PostAsync(Path(), Json("[]"))).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("7")]
    [InlineData("[7]")]
    [InlineData("""[{"eventType":"x"}]""")]
    [InlineData("""[{"eventType":"\uD800","data":{}}]""")]
    public async Task What_is_no_event_is_refused(string body)
    {
        await using var relay = await StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(relay, body)).StatusCode);
    }

    [Theory]
    [InlineData("smtp;550 5.1.1 No such user", @"\uD800", 1)]
    [InlineData("recipientMailServerHostName", @"\uDC00x", 1)]
    [InlineData("a@example.net", @"a\uD800@example.net", 0)]
    [InlineData("\"sender\"", @"""\uD800""", 1)]
    public async Task Half_a_character_is_no_text_and_the_events_beside_it_are_taken(string part, string broken, int taken)
    {
        await using var relay = await StartAsync();

        var answer = await PostAsync(relay, $"[{Event("Bounced").Replace(part, broken, StringComparison.Ordinal)},{Event("Delivered")}]");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(taken + 1, relay.Reports.Count);
    }

    [Fact]
    public async Task Events_that_are_none_of_ours_are_taken_and_forgotten()
    {
        await using var relay = await StartAsync();
        relay.Server.Spool.OnFind = (_, _) => null;

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(relay, $"[{Event("Delivered")}]")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(relay, $"[{Event("Odd")}]")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(relay, """[{"eventType":"Microsoft.Communication.EmailEngagementTrackingReportReceived","data":{}}]""")).StatusCode);
        Assert.Empty(relay.Reports);
    }

    [Fact]
    public async Task What_cannot_be_stored_is_to_come_again()
    {
        await using var relay = await StartAsync();
        relay.Server.Spool.OnReport = (_, _) => throw new SpoolException(SpoolFault.Full, "the disk is full");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(relay, $"[{Event("Delivered")}]")).StatusCode);
    }

    [Fact]
    public async Task A_body_may_have_a_megabyte_and_no_more()
    {
        await using var relay = await StartAsync();

        var padding = new string(' ', 200_000);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(relay, $"[{padding}{Event("Delivered")}]")).StatusCode);

        // It waits for the answer before it sends: the server closes on whoever goes on sending.
        using var request = new HttpRequestMessage(HttpMethod.Post, Path()) { Content = Json(new string(' ', 1_100_000)) };
        request.Headers.ExpectContinue = true;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await relay.Server.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    private static string Path() => $"/events/acs?key={Uri.EscapeDataString(Key)}";

    private static string Event(string status) => $$"""
        {"id":"1","topic":"/subscriptions/x","subject":"sender/app@example.com/message/{{Id.Value}}",
         "data":{"sender":"app@example.com","recipient":"a@example.net","messageId":"{{Id.Value}}","internetMessageId":"<x@y>","status":"{{status}}",
          "deliveryStatusDetails":{"statusMessage":"smtp;550 5.1.1 No such user","recipientMailServerHostName":"mx.example.net"},
          "deliveryAttemptTimeStamp":"2026-05-01T12:00:01.0000000+00:00"},
         "eventType":"Microsoft.Communication.EmailDeliveryReportReceived","dataVersion":"1.0","metadataVersion":"1","eventTime":"2026-05-01T12:00:05Z"}
        """;

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static Task<HttpResponseMessage> PostAsync(Running relay, string body, string? path = null) =>
        relay.Server.Client.PostAsync(path ?? Path(), Json(body));

    private static async Task<Running> StartAsync()
    {
        var relay = new Running(await RunningServer.StartAsync(eventsKey: Key));
        relay.Server.Spool.OnFind = (first, last) => Id.ToString() is var id &&
            string.CompareOrdinal(first.ToString(), id) <= 0 && string.CompareOrdinal(id, last.ToString()) <= 0 ? Id : null;
        relay.Server.Spool.OnReport = (message, report) =>
        {
            relay.Reports.Add((message, report));
            return true;
        };
        return relay;
    }

    private sealed record Running(RunningServer Server) : IAsyncDisposable
    {
        public List<(MessageId Message, RemoteReport Report)> Reports { get; } = [];

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
