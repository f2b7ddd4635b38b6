using Relay.Cli.Serve;
using Relay.Replies;
using Relay.Routing;

namespace Relay.Cli.Tests;

public sealed class BannerTests
{
    private static readonly Route Capture = new() { Name = "capture", Kind = RouteKind.Capture, Recipients = ["*"] };
    private static readonly Route Test = new() { Name = "test", Kind = RouteKind.Capture, Recipients = ["test.example"] };
    private static readonly Route Bin = new() { Name = "bin", Kind = RouteKind.Discard, Recipients = ["a@example.com", "*.bin.example"] };
    private static readonly Route Internet = new() { Name = "internet", Kind = RouteKind.Mx, Recipients = ["*"], Port = 2525 };
    private static readonly Route Provider = new()
    {
        Name = "provider",
        Kind = RouteKind.Smarthost,
        Recipients = ["*"],
        Tls = TlsMode.Required,
        Hosts = [new HostPort("a.example.net", 587), new HostPort("2001:db8::1", 25)],
    };

    [Fact]
    public void A_capture_route_for_everyone_keeps_everything_here_whatever_follows() =>
        Assert.Equal(["every message is captured; nothing leaves this machine"], Banner.Mail([Capture, Internet]));

    [Fact]
    public void Each_way_out_has_a_line() =>
        Assert.Equal(
            [
                "test: test.example is captured",
                "bin: a@example.com, *.bin.example is discarded",
                "internet: everyone goes to the mail hosts of its domain, port 2525, TLS where offered",
                "provider: everyone goes to a.example.net:587, then [2001:db8::1]:25, TLS required",
            ],
            Banner.Mail([Test, Bin, Internet, Provider]));

    [Fact]
    public void Who_is_left_out_is_said() =>
        Assert.Equal(
            ["test: test.example is captured", "everyone else: refused, no route leads there", "nothing leaves this machine"],
            Banner.Mail([Test]));

    [Fact]
    public void Conditions_and_every_kind_are_said_in_words() =>
        Assert.Equal(
            [
                "null: everyone (from <>) is discarded",
                "apps: example.com (by app or job; of at most 1024 octets) goes to Azure Communication Services",
                "big: everyone (of at least 2048 octets; with X-Tag: *) goes to a webhook",
                "kept: everyone but me@example.com is captured",
                "gone: gone.example is refused: 550 5.1.6 Moved",
                "alias: info@example.com is sent on to other addresses",
                "box: only as a fallback goes into a mailbox",
                "everyone else: refused, no route leads there",
            ],
            Banner.Mail(
            [
                Bin with { Name = "null", Recipients = ["*"], Senders = ["<>"] },
                Bin with { Name = "apps", Kind = RouteKind.Acs, Recipients = ["example.com"], Accounts = ["app", "job"], MaxSize = 1024 },
                Bin with { Name = "big", Kind = RouteKind.Webhook, Recipients = ["*"], MinSize = 2048, Headers = [Tag] },
                Capture with { Name = "kept", Capture = new CaptureRoute { AllowedRecipients = ["me@example.com"] } },
                Bin with { Name = "gone", Kind = RouteKind.Reject, Recipients = ["gone.example"], Reject = new RejectRoute(new SmtpReply(550, 1, 6, "Moved")) },
                Bin with { Name = "alias", Kind = RouteKind.Forward, Recipients = ["info@example.com"] },
                Bin with { Name = "box", Kind = RouteKind.Mailbox, Recipients = [] },
            ]));

    [Fact]
    public void Routes_of_other_estates_are_not_told()
    {
        var routes = new[] { Capture with { Estates = ["dev"] }, Internet };

        Assert.Equal(["every message is captured; nothing leaves this machine"], Banner.Mail(routes, "DEV"));
        Assert.Equal(["internet: everyone goes to the mail hosts of its domain, port 2525, TLS where offered"], Banner.Mail(routes, "live"));
    }

    private static HeaderPattern Tag => HeaderPattern.TryParse("X-Tag: *", out var tag) ? tag : throw new InvalidOperationException();
}
