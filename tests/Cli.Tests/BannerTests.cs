using Relay.Cli.Serve;
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
}
