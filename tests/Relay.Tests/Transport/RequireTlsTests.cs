using System.Security.Cryptography.X509Certificates;
using Relay.Routing;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>RFC 8689: a message that asks for TLS goes only where TLS is proven and promised on.</summary>
public sealed class RequireTlsTests
{
    [Theory]
    [InlineData(TlsMode.Opportunistic)]
    [InlineData(TlsMode.Off)]
    public async Task A_host_that_proves_itself_and_promises_gets_the_message(TlsMode route)
    {
        using var certificate = TestCertificate.For("127.0.0.1");
        await using var server = ScriptedSmtpServer.Start(s => TakeAsync(s, certificate, "MAIL FROM:<sender@example.org> REQUIRETLS", "REQUIRETLS"));
        await using var sending = Asking(certificate, route);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task A_host_that_does_not_promise_under_TLS_is_passed_over()
    {
        using var certificate = TestCertificate.For("127.0.0.1");
        await using var lacking = ScriptedSmtpServer.Start(async s =>
        {
            // What is said in clear says nothing.
            await s.GreetAsync("STARTTLS", "REQUIRETLS");
            await s.StartTlsAsync(certificate);
            await s.EhloAsync("PIPELINING");
            await s.QuitAsync();
        });
        await using var having = ScriptedSmtpServer.Start(s => TakeAsync(s, certificate, "MAIL FROM:<sender@example.org> REQUIRETLS", "REQUIRETLS"));
        await using var sending = Asking(certificate);

        (await sending.HelloAsync(lacking.Port, having.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.Single(lacking.Sessions);
    }

    [Fact]
    public async Task When_no_host_promises_it_bounces()
    {
        using var certificate = TestCertificate.For("127.0.0.1");
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("STARTTLS");
            await s.StartTlsAsync(certificate);
            await s.EhloAsync("PIPELINING");
            await s.QuitAsync();
        });
        await using var sending = Asking(certificate);

        var outcome = await sending.HelloAsync(server.Port);

        outcome.Is(OutcomeKind.Bounced, Reasons.RemoteLacksRequireTls, 550, "5.7.30");
        Assert.Equal($"127.0.0.1[127.0.0.1]:{server.Port}", outcome.RemoteHost);
    }

    [Theory]
    [InlineData("not offered")]
    [InlineData("refused for good")]
    [InlineData("wrong name")]
    [InlineData("unknown issuer")]
    public async Task When_no_host_can_be_trusted_it_bounces_and_nothing_goes_in_clear(string fault)
    {
        using var right = TestCertificate.For("127.0.0.1");
        using var wrong = TestCertificate.For(fault == "wrong name" ? "other.example" : "127.0.0.1");
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync(fault == "not offered" ? ["REQUIRETLS"] : ["STARTTLS", "REQUIRETLS"]);
            switch (fault)
            {
                case "not offered":
                    await s.QuitAsync();
                    break;
                case "refused for good":
                    await s.ExpectAsync("STARTTLS", "502 5.5.1 what");
                    await s.QuitAsync();
                    break;
                default:
                    await Assert.ThrowsAnyAsync<Exception>(async () =>
                    {
                        await s.StartTlsAsync(wrong);
                        await s.EhloAsync();
                    });
                    break;
            }
        });
        await using var sending = Asking(fault == "wrong name" ? wrong : right);

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Bounced, Reasons.TlsRequired, 550, "5.7.10");

        Assert.Single(server.Sessions);
    }

    [Theory]
    [InlineData("454 4.7.0 not now")]
    [InlineData(null)]
    public async Task Trouble_that_may_pass_defers(string? startTls)
    {
        using var certificate = TestCertificate.For("127.0.0.1");
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("STARTTLS");
            await s.ExpectAsync("STARTTLS");
            if (startTls is null)
            {
                s.Drop();
            }
            else
            {
                await s.SayAsync(startTls);
                await s.QuitAsync();
            }
        });
        await using var sending = Asking(certificate);

        Assert.Equal(OutcomeKind.Deferred, (await sending.HelloAsync(server.Port)).Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_another_host_may_yet_promise_it_waits(bool downFirst)
    {
        using var certificate = TestCertificate.For("127.0.0.1");
        await using var lacking = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.QuitAsync();
        });
        await using var sending = Asking(certificate);

        // Nobody listens on 127.0.0.2 at that port.
        HostPort[] hosts = [new("127.0.0.1", lacking.Port), new("127.0.0.2", lacking.Port)];
        var outcome = await sending.ToAsync(downFirst ? hosts.Reverse() : hosts, Sending.Hello, ["a@example.com"]);

        outcome.Recipients[0].Is(OutcomeKind.Deferred, Reasons.ConnectFailed, 451);
    }

    [Fact]
    public async Task Mail_hosts_that_nothing_proves_are_not_asked()
    {
        await using var sending = new Sending(dns: new TableDns().Mx("example.com", 10, "mx.example.com").A("mx.example.com", "127.0.0.1"))
        {
            Asking = envelope => envelope with { RequireTls = true },
        };

        var outcome = await sending.ToMxAsync(9, Sending.Hello, "a@example.com", "b@example.com");

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Bounced, Reasons.TlsRequired, 550, "5.7.10"));
    }

    [Theory]
    [InlineData("other.example", "MAIL FROM:<> REQUIRETLS", "REQUIRETLS")]
    [InlineData("127.0.0.1", "MAIL FROM:<>", "8BITMIME")]
    public async Task A_notice_asks_for_it_too_and_goes_all_the_same(string name, string mail, string keyword)
    {
        using var certificate = TestCertificate.For(name);
        await using var server = ScriptedSmtpServer.Start(s => TakeAsync(s, certificate, mail, keyword));
        await using var sending = Asking(certificate, TlsMode.Off);
        sending.Sender = "";

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task A_notice_goes_in_clear_and_over_mx_rather_than_not_at_all()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            // A promise that is made in clear is none, and is not taken up.
            await s.GreetAsync("REQUIRETLS");
            Assert.Equal("MAIL FROM:<>", await s.ExpectAsync("MAIL", "250 ok"));
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 taken");
            await s.QuitAsync();
        });
        await using var sending = new Sending { Sender = "", Asking = envelope => envelope with { RequireTls = true } };

        (await sending.ToMxAsync(server.Port, Sending.Hello, "a@[127.0.0.1]")).Recipients[0].Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task A_kept_connection_of_other_mail_does_not_serve_it()
    {
        using var wrong = TestCertificate.For("other.example");
        using var right = TestCertificate.For("127.0.0.1");
        await using var server = ScriptedSmtpServer.Start(
            async s =>
            {
                await s.GreetAsync("STARTTLS");
                await s.StartTlsAsync(wrong);
                await s.EhloAsync("REQUIRETLS");
                await s.TakeMessageAsync();
                await s.QuitAsync();
            },
            s => TakeAsync(s, right, "MAIL FROM:<sender@example.org> REQUIRETLS", "REQUIRETLS"));
        await using var sending = new Sending(settings: Trusting(right));
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        sending.Asking = envelope => envelope with { RequireTls = true };

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        Assert.Equal(2, server.Sessions.Count);
    }

    private static Sending Asking(X509Certificate2 trusted, TlsMode route = TlsMode.Opportunistic) =>
        new(settings: Trusting(trusted)) { Tls = route, Asking = envelope => envelope with { RequireTls = true } };

    private static SmtpClientSettings Trusting(X509Certificate2 certificate) =>
        new(Sending.HostName, TimeProvider.System) { Trust = TestCertificate.Trusting(certificate) };

    private static async Task TakeAsync(ScriptedSmtpSession s, X509Certificate2 certificate, string mail, string keyword)
    {
        await s.GreetAsync("STARTTLS");
        await s.StartTlsAsync(certificate);
        await s.EhloAsync(keyword);
        Assert.Equal(mail, await s.ExpectAsync("MAIL", "250 ok"));
        await s.ExpectAsync("RCPT", "250 ok");
        await s.ExpectAsync("DATA", "354 go");
        await s.ReadContentAsync();
        await s.SayAsync("250 2.0.0 taken");
        await s.QuitAsync();
    }
}
