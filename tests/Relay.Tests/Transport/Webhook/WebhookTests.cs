using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Mail;
using Relay.Routing;
using Relay.Status;
using Relay.Support;
using Relay.Transport;
using Relay.Transport.Webhook;

namespace Relay.Tests.Transport.Webhook;

/// <summary>Messages that are posted to a URL, over a real HTTP server.</summary>
public sealed class WebhookTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly DateTimeOffset At = new(2026, 11, 25, 8, 0, 0, TimeSpan.Zero);
    private readonly MessageId id = MessageId.New(At);
    private readonly FakeTimeProvider time = new(At);

    [Fact]
    public async Task The_message_is_posted_as_it_is_behind_its_envelope_and_signed()
    {
        await using var server = await FilterStub.StartAsync();
        var content = "Subject: ü\r\n\r\n.dot\r\nno line end"u8.ToArray();

        var outcome = await PostAsync(Route(server.Address), content, "app@example.org", "a@example.com", "b@example.com");

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
        var post = Assert.Single(server.Questions);
        Assert.Equal("POST /hook", post.Target);
        Assert.Equal("message/rfc822", post.Fields["Content-Type"]);
        Assert.Equal([.. "Return-Path: <app@example.org>\r\nDelivered-To: a@example.com\r\nDelivered-To: b@example.com\r\n"u8, .. content], post.Content);
        Assert.Equal($"{id}-0-1", post.Fields["webhook-id"]);
        AssertSigned(post, Convert.FromBase64String(Secret["whsec_".Length..]));
    }

    /// <summary>The example of the specification, which others have computed.</summary>
    [Fact]
    public async Task The_signature_is_that_of_Standard_Webhooks()
    {
        var signature = await new WebhookSignature(Secret).OfAsync(
            "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), new MemoryStream("{\"test\": 2432232314}"u8.ToArray()), default);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public async Task As_JSON_it_is_taken_apart()
    {
        await using var server = await FilterStub.StartAsync();
        var content = Encoding.UTF8.GetBytes("""
            From: App <app@example.org>
            To: a@example.com
            Subject: =?utf-8?q?caf=C3=A9?=
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=x

            --x
            Content-Type: multipart/alternative; boundary=y

            --y
            Content-Type: text/plain; charset=utf-8

            hello
            --y
            Content-Type: text/html; charset=utf-8

            <p>hello</p>
            --y--
            --x
            Content-Type: application/pdf; name=a.pdf
            Content-Transfer-Encoding: base64

            AAECAw==
            --x--
            """.ReplaceLineEndings("\r\n"));

        await PostAsync(Route(server.Address) with { Format = WebhookFormat.Json }, content, "", "a@example.com");

        var post = Assert.Single(server.Questions);
        Assert.Equal("application/json", post.Fields["Content-Type"]);
        AssertSigned(post, Convert.FromBase64String(Secret["whsec_".Length..]));
        using var json = JsonDocument.Parse(post.Content);
        var root = json.RootElement;
        Assert.Equal(id.ToString(), root.GetProperty("id").GetString());
        Assert.Equal("", root.GetProperty("envelope").GetProperty("sender").GetString());
        Assert.Equal("a@example.com", root.GetProperty("envelope").GetProperty("recipients")[0].GetString());
        Assert.Equal("café", root.GetProperty("subject").GetString());
        Assert.Equal("hello", root.GetProperty("text").GetString()!.Trim());
        Assert.Equal("<p>hello</p>", root.GetProperty("html").GetString()!.Trim());
        var attachment = Assert.Single(root.GetProperty("attachments").EnumerateArray());
        Assert.Equal("a.pdf", attachment.GetProperty("name").GetString());
        Assert.Equal([0, 1, 2, 3], attachment.GetProperty("contentInBase64").GetBytesFromBase64());
        Assert.Equal("From", root.GetProperty("headers")[0].GetProperty("name").GetString());
    }

    [Theory]
    [InlineData(200, OutcomeKind.Delivered, Reasons.Delivered)]
    [InlineData(202, OutcomeKind.Delivered, Reasons.Delivered)]
    [InlineData(302, OutcomeKind.Deferred, Reasons.WebhookFailed)]
    [InlineData(400, OutcomeKind.Deferred, Reasons.WebhookFailed)]
    [InlineData(401, OutcomeKind.Deferred, Reasons.WebhookFailed)]
    [InlineData(404, OutcomeKind.Deferred, Reasons.WebhookFailed)]
    [InlineData(422, OutcomeKind.Bounced, Reasons.WebhookRefused)]
    [InlineData(500, OutcomeKind.Deferred, Reasons.WebhookFailed)]
    [InlineData(503, OutcomeKind.Deferred, Reasons.WebhookFailed)]
    public async Task The_status_decides(int status, OutcomeKind kind, string reason)
    {
        await using var server = await FilterStub.StartAsync();
        server.Answer = context =>
        {
            context.Response.Headers.Location = $"{server.Address}elsewhere";
            return FilterStub.Json("no\u0001\r\nway", status)(context);
        };

        var outcome = Assert.Single((await PostAsync(Route(server.Address), "x"u8.ToArray(), "", "a@example.com")).Recipients);

        Assert.Equal((kind, reason), (outcome.Kind, outcome.Reason));
        Assert.Equal($"HTTP {status}: no   way", outcome.Reply.Text);
        Assert.Single(server.Questions);
    }

    [Fact]
    public async Task Retry_After_says_when_to_come_again_within_bounds()
    {
        await using var server = await FilterStub.StartAsync();
        server.Answer = context =>
        {
            context.Response.Headers.RetryAfter = "120";
            context.Response.StatusCode = 429;
            return Task.CompletedTask;
        };
        Assert.Equal(At.AddMinutes(2), (await OneAsync(server.Address)).RetryAt);

        server.Answer = context =>
        {
            context.Response.Headers.RetryAfter = "86400000";
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        Assert.Equal(At.AddHours(4), (await OneAsync(server.Address)).RetryAt);
    }

    [Fact]
    public async Task A_webhook_that_does_not_answer_is_left_after_its_time()
    {
        await using var server = await FilterStub.StartAsync();
        var asked = new TaskCompletionSource();
        server.Answer = async context =>
        {
            asked.SetResult();
            var gone = new TaskCompletionSource();
            await using var left = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        };

        var posting = OneAsync(server.Address);
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(30));

        (await posting).Is(OutcomeKind.Deferred, Reasons.RemoteTimeout, 451, "4.4.1");
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://localhost:1/")]
    [InlineData("http://[::1]:1/")]
    [InlineData("http://inside.example:1/")]
    [InlineData("http://metadata.example:1/")]
    [InlineData("http://[::ffff:127.0.0.1]:1/")]
    public async Task A_URL_does_not_lead_inside_unless_the_route_allows_it(string url)
    {
        var dns = new TableDns();
        dns.A("inside.example", "10.1.2.3");
        dns.A("metadata.example", "169.254.169.254");

        var outcome = await PostAsync(Route(new Uri(url)) with { AllowPrivate = false }, "x"u8.ToArray(), dns, "", "a@example.com");

        outcome.Recipients.Single().Is(OutcomeKind.Deferred, Reasons.WebhookForbidden, 451, "4.4.1");
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:0a00:0001::", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    public void Public_is_what_the_registries_give_out(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    [Fact]
    public async Task What_is_too_large_to_be_taken_apart_goes_to_the_fallback()
    {
        var outcome = Assert.Single((await PostAsync(
            Route(new Uri("http://127.0.0.1:1/")) with { Format = WebhookFormat.Json }, new byte[(10 * 1024 * 1024) + 1], "", "a@example.com")).Recipients);

        outcome.Is(OutcomeKind.Bounced, Reasons.RouteCannotCarry, 552, "5.3.4");
        Assert.True(outcome.MayFallBack);
    }

    /// <summary>The status has said all: whoever tried again would post it twice.</summary>
    [Theory]
    [InlineData(200, OutcomeKind.Delivered)]
    [InlineData(422, OutcomeKind.Bounced)]
    public async Task An_answer_that_breaks_off_behind_its_status_still_counts(int status, OutcomeKind kind)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var stream = client.GetStream();
            var read = await stream.ReadAsync(new byte[64 * 1024]);
            Assert.NotEqual(0, read);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} OK\r\nContent-Length: 100\r\n\r\nhalf"));
        }, TestContext.Current.CancellationToken);

        var outcome = await OneAsync(new Uri($"http://{listener.LocalEndpoint}/"));

        await answering;
        Assert.Equal(kind, outcome.Kind);
    }

    /// <summary>Content that no parser takes is for another route, and not to be tried for days.</summary>
    [Theory]
    [InlineData("x", 1)]
    [InlineData("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", 1001, "--b\n\n")]
    [InlineData("Subject: x\r\n", 10_000, "a:\n")]
    public async Task What_is_no_message_or_of_too_many_pieces_goes_to_the_fallback(string begin, int pieces, string piece = "")
    {
        var content = Encoding.ASCII.GetBytes(begin + string.Concat(Enumerable.Repeat(piece, pieces)));

        var outcome = Assert.Single((await PostAsync(
            Route(new Uri("http://127.0.0.1:1/")) with { Format = WebhookFormat.Json }, content, "", "a@example.com")).Recipients);

        outcome.Is(OutcomeKind.Bounced, Reasons.RouteCannotCarry, 554, "5.6.0");
        Assert.True(outcome.MayFallBack);
    }

    private static void AssertSigned(FilterQuestion post, byte[] key)
    {
        Assert.Equal(At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), post.Fields["webhook-timestamp"]);
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{post.Fields["webhook-id"]}.{post.Fields["webhook-timestamp"]}."), .. post.Content];
        Assert.Equal($"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}", post.Fields["webhook-signature"]);
    }

    private static WebhookRoute Route(Uri address) => new() { Url = new Uri(address, "hook"), Secret = Secret, AllowPrivate = true };

    private async Task<RecipientOutcome> OneAsync(Uri address) =>
        Assert.Single((await PostAsync(Route(address), "x"u8.ToArray(), "", "a@example.com")).Recipients);

    private Task<DeliveryOutcome> PostAsync(WebhookRoute route, byte[] content, string sender, params string[] recipients) =>
        PostAsync(route, content, new TableDns(), sender, recipients);

    private async Task<DeliveryOutcome> PostAsync(WebhookRoute route, byte[] content, TableDns dns, string sender, params string[] recipients)
    {
        using var transport = new WebhookTransport(dns, time, NullLogger<WebhookTransport>.Instance);
        return await transport.DeliverAsync(new DeliveryRequest
        {
            Message = id,
            AcceptedAt = At,
            Envelope = new Envelope
            {
                ReversePath = Mailbox.TryParse(sender, out var from) ? new ReversePath(from) : ReversePath.Null,
                Recipients = [.. recipients.Select(r => Mailbox.TryParse(r, out var to) ? new ForwardPath(to) : throw new ArgumentException(r))],
            },
            Indexes = [.. Enumerable.Range(0, recipients.Length)],
            Route = new Route { Name = "hook", Kind = RouteKind.Webhook, Recipients = ["*"], Webhook = route },
            Content = new MemoryStream(content, writable: false),
        }, TestContext.Current.CancellationToken);
    }
}
