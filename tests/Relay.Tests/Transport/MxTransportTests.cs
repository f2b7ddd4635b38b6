using System.Net;
using Relay.Dns;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>RFC 5321 §5.1 the whole way: real DNS on loopback, real connections.</summary>
public sealed class MxTransportTests
{
    [Fact]
    public async Task Mail_goes_to_the_best_mail_host_and_the_status_names_it()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var dns = LoopbackDns.Start()
            .Mx("example.com", 20, "worse.example.com").A("worse.example.com", "127.0.0.3")
            .Mx("example.com", 10, "best.example.com").A("best.example.com", "127.0.0.1");
        await using var sending = Over(dns);

        var outcome = await sending.ToMxAsync(sink.Port, Sending.Hello, "a@example.com", "b@EXAMPLE.com");

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
        Assert.All(outcome.Recipients, r => Assert.Equal($"best.example.com[127.0.0.1]:{sink.Port}", r.RemoteHost));
        Assert.Equal(Sending.Hello, Assert.Single(sink.Messages()).Content);
    }

    [Fact]
    public async Task When_the_best_host_is_down_the_next_gets_the_mail()
    {
        await using var server = ScriptedSmtpServer.Start(FailoverTests.TakeOneAsync);
        // Nobody listens on 127.0.0.2 at that port.
        await using var dns = LoopbackDns.Start()
            .Mx("example.com", 10, "down.example.com").A("down.example.com", "127.0.0.2")
            .Mx("example.com", 20, "up.example.com").A("up.example.com", "127.0.0.1");
        await using var sending = Over(dns);

        var outcome = await OneAsync(sending, server.Port, "a@example.com");

        outcome.Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.Equal($"up.example.com[127.0.0.1]:{server.Port}", outcome.RemoteHost);
    }

    [Fact]
    public async Task A_host_with_a_dead_address_is_reached_by_its_other_one()
    {
        await using var server = ScriptedSmtpServer.StartOn(IPAddress.IPv6Loopback, FailoverTests.TakeOneAsync);
        await using var dns = LoopbackDns.Start()
            .Mx("example.com", 10, "mx.example.com").A("mx.example.com", "127.0.0.2").Aaaa("mx.example.com", "::1");
        await using var sending = Over(dns);

        var outcome = await OneAsync(sending, server.Port, "a@example.com");

        outcome.Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.Equal($"mx.example.com[::1]:{server.Port}", outcome.RemoteHost);
    }

    [Theory]
    [InlineData("plain.example")]
    [InlineData("alias.example")]
    [InlineData("host.by.alias.example")]
    public async Task A_domain_is_found_without_MX_by_alias_and_by_a_host_that_is_an_alias(string domain)
    {
        await using var server = ScriptedSmtpServer.Start(FailoverTests.TakeOneAsync);
        await using var dns = LoopbackDns.Start()
            .A("plain.example", "127.0.0.1")
            .Cname("alias.example", "plain.example")
            .Mx("host.by.alias.example", 10, "alias.example");
        await using var sending = Over(dns);

        (await OneAsync(sending, server.Port, $"a@{domain}")).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Theory]
    [InlineData("null.example", OutcomeKind.Bounced, Reasons.NullMx, 556, "5.1.10")]
    [InlineData("none.example", OutcomeKind.Bounced, Reasons.DomainNotFound, 550, "5.1.2")]
    [InlineData("text.example", OutcomeKind.Bounced, Reasons.NoMailHost, 550, "5.4.4")]
    [InlineData("hostless.example", OutcomeKind.Bounced, Reasons.NoMailHost, 550, "5.4.4")]
    [InlineData("unspecified.example", OutcomeKind.Bounced, Reasons.NoMailHost, 550, "5.4.4")]
    [InlineData("servfail.example", OutcomeKind.Deferred, Reasons.DnsTemporary, 451, "4.4.3")]
    [InlineData("servfail-a.example", OutcomeKind.Deferred, Reasons.DnsTemporary, 451, "4.4.3")]
    [InlineData("half.example", OutcomeKind.Deferred, Reasons.DnsTemporary, 451, "4.4.3")]
    [InlineData("ourselves.example", OutcomeKind.Bounced, Reasons.MailLoop, 554, "5.4.6")]
    [InlineData("relay.example", OutcomeKind.Bounced, Reasons.MailLoop, 554, "5.4.6")]
    [InlineData("our-address.example", OutcomeKind.Bounced, Reasons.MailLoop, 554, "5.4.6")]
    [InlineData("our-mapped-address.example", OutcomeKind.Bounced, Reasons.MailLoop, 554, "5.4.6")]
    [InlineData("lame-primary.example", OutcomeKind.Deferred, Reasons.DnsTemporary, 451, "4.4.3")]
    [InlineData("gone-primary.example", OutcomeKind.Bounced, Reasons.MailLoop, 554, "5.4.6")]
    [InlineData("lame-third.example", OutcomeKind.Bounced, Reasons.MailLoop, 554, "5.4.6")]
    [InlineData("secondary.example", OutcomeKind.Deferred, Reasons.ConnectFailed, 451, "4.4.1")]
    public async Task What_DNS_says_decides(string domain, OutcomeKind kind, string reason, int code, string enhanced)
    {
        const int Port = 9;
        await using var dns = LoopbackDns.Start()
            .Mx("null.example", 0, ".")
            .Txt("text.example", "it exists")
            .Mx("hostless.example", 10, "none.example").Mx("hostless.example", 20, "text.example")
            .Mx("unspecified.example", 10, "zero.example").A("zero.example", "0.0.0.0").Aaaa("zero.example", "::", "ff02::1")
            .ServFail("servfail.example", "MX")
            .ServFail("servfail-a.example", "A").Txt("servfail-a.example", "it exists")
            .Mx("half.example", 10, "none.example").Mx("half.example", 20, "lame.example").ServFail("lame.example", "AAAA")
            .Mx("ourselves.example", 10, "RELAY.example").Mx("ourselves.example", 20, "behind.example").A("behind.example", "127.0.0.2")
            .A("relay.example", "127.0.0.2")
            .Mx("our-address.example", 10, "other-name.example").A("other-name.example", "127.0.0.1")
            .Mx("our-mapped-address.example", 10, "mapped.example").Aaaa("mapped.example", "::ffff:127.0.0.1")
            .Mx("lame-primary.example", 5, "lame.example").Mx("lame-primary.example", 10, "other-name.example")
            .Mx("gone-primary.example", 5, "none.example").Mx("gone-primary.example", 10, "other-name.example")
            .Mx("lame-third.example", 10, "other-name.example").Mx("lame-third.example", 20, "lame.example")
            .Mx("secondary.example", 5, "behind.example").Mx("secondary.example", 10, "other-name.example")
            .Mx("secondary.example", 10, "equal.example").A("equal.example", "127.0.0.4");
        await using var sending = new Sending(
            dns: new DnsResolver(dns.Options, TimeProvider.System), listeners: [new IPEndPoint(IPAddress.Any, Port)]);

        var outcome = await OneAsync(sending, Port, $"a@{domain}");

        outcome.Is(kind, reason, code, enhanced);
        // Of the hosts beside and behind ourselves none is tried.
        Assert.Equal(domain == "secondary.example" ? $"behind.example[127.0.0.2]:{Port}" : null, outcome.RemoteHost);
    }

    [Fact]
    public async Task An_address_literal_is_connected_to_without_DNS()
    {
        await using var v4 = ScriptedSmtpServer.Start(FailoverTests.TakeOneAsync);
        await using var v6 = ScriptedSmtpServer.StartOn(IPAddress.IPv6Loopback, FailoverTests.TakeOneAsync);
        await using var sending = new Sending();

        var toV4 = await OneAsync(sending, v4.Port, "a@[127.0.0.1]");
        var toV6 = await OneAsync(sending, v6.Port, "a@[IPv6:::1]");

        toV4.Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        toV6.Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.Equal($"127.0.0.1[127.0.0.1]:{v4.Port}", toV4.RemoteHost);
    }

    [Theory]
    [InlineData("a@[0.0.0.0]", Reasons.NoMailHost)]
    [InlineData("a@[224.0.0.1]", Reasons.NoMailHost)]
    [InlineData("a@[255.255.255.255]", Reasons.NoMailHost)]
    [InlineData("a@[IPv6:::]", Reasons.NoMailHost)]
    [InlineData("a@[IPv6:ff02::1]", Reasons.NoMailHost)]
    [InlineData("a@[127.0.0.1]", Reasons.MailLoop)]
    [InlineData("a@[IPv6:::ffff:127.0.0.1]", Reasons.MailLoop)]
    public async Task An_address_literal_that_is_no_host_or_ourselves_bounces(string recipient, string reason)
    {
        await using var sending = new Sending(listeners: [new IPEndPoint(IPAddress.Loopback, 9)]);

        var outcome = await OneAsync(sending, 9, recipient);

        Assert.Equal((OutcomeKind.Bounced, reason), (outcome.Kind, outcome.Reason));
    }

    [Fact]
    public async Task A_domain_in_U_labels_is_looked_up_and_handed_on_in_A_labels()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT TO:<a@xn--bcher-kva.example>", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 ok");
            await s.QuitAsync();
        });
        await using var dns = LoopbackDns.Start().Mx("xn--bcher-kva.example", 10, "mx.example").A("mx.example", "127.0.0.1");
        await using var sending = Over(dns);

        (await OneAsync(sending, server.Port, "a@Bücher.example")).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task A_smarthost_is_found_by_name_and_waited_for_when_it_is_not()
    {
        await using var server = ScriptedSmtpServer.Start(FailoverTests.TakeOneAsync);
        await using var dns = LoopbackDns.Start().A("smart.example", "127.0.0.1").ServFail("lame.example", "A");
        await using var sending = Over(dns);

        async Task<RecipientOutcome> ByAsync(params string[] hosts) => Assert.Single((await sending.ToAsync(
            hosts.Select(h => new Relay.Routing.HostPort(h, server.Port)), Sending.Hello, ["a@example.com"])).Recipients);

        (await ByAsync("none.example")).Is(OutcomeKind.Deferred, Reasons.NoMailHost, 451, "4.4.4");
        (await ByAsync("lame.example")).Is(OutcomeKind.Deferred, Reasons.DnsTemporary, 451, "4.4.3");
        var outcome = await ByAsync("none.example", "lame.example", "smart.example");
        outcome.Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.Equal($"smart.example[127.0.0.1]:{server.Port}", outcome.RemoteHost);
    }

    private static Sending Over(LoopbackDns dns) => new(dns: new DnsResolver(dns.Options, TimeProvider.System));

    private static async Task<RecipientOutcome> OneAsync(Sending sending, int port, string recipient) =>
        Assert.Single((await sending.ToMxAsync(port, Sending.Hello, recipient)).Recipients);
}
