using System.Net;
using Relay.Checks;
using Relay.Dns;
using Relay.Options;
using Relay.Support;

namespace Relay.Tests.Checks;

/// <summary>Over real DNS on loopback.</summary>
public sealed class HeloCheckTests : IAsyncDisposable
{
    private static readonly RelayOptions Options = new()
    {
        HostName = "mx.example.com",
        Data = "",
        Domains = [new DomainOptions { Name = "example.com" }, new DomainOptions { Name = "*.wild.example" }, new DomainOptions { Name = "müller.example" }],
        Smtp = new SmtpOptions
        {
            Listeners =
            [
                new ListenerOptions { Address = IPEndPoint.Parse("192.0.2.25:25") },
                new ListenerOptions { Address = IPEndPoint.Parse("0.0.0.0:2525") },
                new ListenerOptions { Address = IPEndPoint.Parse("[2001:db8::25]:25") },
            ],
        },
    };

    private readonly LoopbackDns dns = LoopbackDns.Start()
        .A("mx.example.com", "198.51.100.25").A("mail.example.org", "192.0.2.1").Aaaa("six.example.org", "2001:db8::1")
        .Txt("text.example.org", "no address").A("host.wild.example", "192.0.2.1");

    public ValueTask DisposeAsync() => dns.DisposeAsync();

    [Theory]
    [InlineData("mail.example.org")]
    [InlineData("six.example.org")]
    [InlineData("host.wild.example")]
    [InlineData("[192.0.2.1]")]
    public async Task A_host_that_is_one_asks_for_nothing(string helo) =>
        Assert.Equal((CheckAction.None, null), await FoundAsync(helo));

    [Theory]
    [InlineData("mx.example.com")]
    [InlineData("MX.Example.COM")]
    [InlineData("example.com")]
    [InlineData("xn--mller-kva.example")]
    [InlineData("Müller.example")]
    [InlineData("[192.0.2.25]")]
    [InlineData("192.0.2.25")]
    [InlineData("[IPv6:2001:db8::25]")]
    [InlineData("[ipv6:2001:DB8:0::25]")]
    [InlineData("[198.51.100.25]")]
    [InlineData("[IPv6:::ffff:198.51.100.25]")]
    public async Task A_stranger_that_takes_a_name_or_an_address_of_ours_asks_for_a_refusal(string helo)
    {
        var result = await RunAsync(helo);

        Assert.Equal((CheckAction.Reject, "helo-own-name"), (result.Action, result.Reason));
        Assert.Equal("550 5.7.1 The name in HELO belongs to this host, and not to the client", result.Refusal?.ToString());
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("WORKGROUP")]
    [InlineData("1")]
    [InlineData("192.0.2.1")]
    [InlineData("192.0.2.9")]
    [InlineData("0x7f.1")]
    [InlineData("")]
    [InlineData("[not an address]")]
    [InlineData("[")]
    [InlineData("[]")]
    [InlineData("a..b")]
    [InlineData("a b.example")]
    [InlineData("a.example\u0000")]
    [InlineData("\ufffd\ufffd.example\u0007")]
    public async Task What_is_no_host_asks_for_a_tag(string helo) =>
        Assert.Equal((CheckAction.Tag, "helo-not-a-host"), await FoundAsync(helo));

    [Theory]
    [InlineData("[192.0.2.2]")]
    [InlineData("[IPv6:2001:db8::1]")]
    public async Task An_address_that_is_not_the_clients_asks_for_a_tag(string helo) =>
        Assert.Equal((CheckAction.Tag, "helo-wrong-address"), await FoundAsync(helo));

    [Theory]
    [InlineData("none.example.org")]
    [InlineData("text.example.org")]
    [InlineData("a_b.example.org")]
    public async Task A_name_without_an_address_asks_for_a_tag(string helo) =>
        Assert.Equal((CheckAction.Tag, "helo-unresolved"), await FoundAsync(helo));

    [Fact]
    public async Task Trouble_of_DNS_asks_for_nothing()
    {
        dns.ServFail("lame.example.org", "A").ServFail("lame.example.org", "AAAA");

        Assert.Equal((CheckAction.None, "no-answer"), await FoundAsync("lame.example.org"));
    }

    [Fact]
    public async Task Our_own_address_is_no_strangers_when_it_is_the_clients() =>
        Assert.Equal(CheckAction.None, (await RunAsync("[192.0.2.25]", "192.0.2.25")).Action);

    [Fact]
    public async Task A_name_of_one_label_is_everybodys_even_when_it_is_ours()
    {
        var check = new HeloCheck(Options with { HostName = "localhost" }, new TableDns());

        Assert.Equal("helo-not-a-host", (await check.RunAsync(new CheckSubject { Helo = "localhost" }, default)).Reason);
    }

    [Fact]
    public async Task What_is_not_known_asks_for_nothing()
    {
        var check = new HeloCheck(Options, new TableDns());

        Assert.Equal(new CheckResult(CheckName.Helo).Action, (await check.RunAsync(new CheckSubject(), default)).Action);
        Assert.Equal(CheckAction.None, (await check.RunAsync(new CheckSubject { Helo = "[192.0.2.2]" }, default)).Action);
    }

    [Fact]
    public async Task No_octets_make_it_fail()
    {
        var random = new Random(5321);
        var check = new HeloCheck(Options, new TableDns());
        for (var i = 0; i < 5000; i++)
        {
            var helo = new string([.. Enumerable.Range(0, random.Next(300)).Select(_ => (char)(random.Next(4) == 0 ? random.Next(0x10000) : "[].:-aA0"[random.Next(8)]))]);

            var result = await check.RunAsync(new CheckSubject { Helo = helo, ClientAddress = IPAddress.Parse("192.0.2.1") }, default);

            Assert.True(result.Action <= CheckAction.Tag, helo);
        }
    }

    private async Task<(CheckAction Action, string? Reason)> FoundAsync(string helo)
    {
        var result = await RunAsync(helo);
        return (result.Action, result.Reason);
    }

    private async Task<CheckResult> RunAsync(string helo, string client = "192.0.2.1") =>
        await new HeloCheck(Options, new DnsResolver(dns.Options, TimeProvider.System))
            .RunAsync(new CheckSubject { Helo = helo, ClientAddress = IPAddress.Parse(client) }, default);
}
