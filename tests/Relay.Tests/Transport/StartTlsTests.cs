using Relay.Routing;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>RFC 3207, and the opportunistic use of RFC 7435.</summary>
public sealed class StartTlsTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("somebody.else.example")]
    public async Task Opportunistic_TLS_takes_any_certificate(string name)
    {
        using var certificate = TestCertificate.For(name);
        await using var server = ScriptedSmtpServer.Start(s => TakeUnderTlsAsync(s, certificate));
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task What_was_said_before_the_handshake_is_forgotten()
    {
        using var certificate = TestCertificate.For("127.0.0.1");
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("STARTTLS", "PIPELINING", "SIZE 1");
            // An attacker's words, sent in clear together with the 220.
            await s.StartTlsAsync(certificate, after: "250-evil\r\n250 SIZE 1\r\n550 5.1.1 evil\r\n");
            await s.EhloAsync();
            Assert.Equal("MAIL FROM:<sender@example.org>", await s.ExpectAsync("MAIL", "250 ok"));
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 ok");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("refused for good")]
    [InlineData("garbage")]
    [InlineData("closed")]
    [InlineData("closed after the handshake")]
    public async Task When_opportunistic_TLS_fails_the_mail_goes_in_clear_over_a_new_connection(string way)
    {
        using var certificate = TestCertificate.For("127.0.0.1");
        await using var server = ScriptedSmtpServer.Start(s => FailTlsAsync(s, way, certificate), async s =>
        {
            await s.GreetAsync("STARTTLS");
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.Equal(2, server.Sessions.Count);
    }

    [Fact]
    public async Task A_handshake_that_hangs_is_given_up_and_the_mail_goes_in_clear()
    {
        var time = new TimerWatch();
        await using var server = ScriptedSmtpServer.Start(
            async s =>
            {
                await s.GreetAsync("STARTTLS");
                await s.ExpectAsync("STARTTLS", "220 go");
                await s.HangAsync();
            },
            FailoverTests.TakeOneAsync);
        await using var sending = new Sending(time);
        var waits = time.NextTimer(TimeSpan.FromMinutes(1));

        var sent = sending.HelloAsync(server.Port);
        await waits;
        time.Advance(TimeSpan.FromMinutes(1));

        (await sent).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Theory]
    [InlineData("refused", 454)]
    [InlineData("refused for good", 502)]
    [InlineData("garbage", 451)]
    [InlineData("closed", 451)]
    [InlineData("not offered", 451)]
    public async Task When_required_TLS_fails_the_mail_waits_and_never_goes_in_clear(string way, int code)
    {
        using var certificate = TestCertificate.For("127.0.0.1");
        await using var server = ScriptedSmtpServer.Start(s => FailTlsAsync(s, way, certificate));
        await using var sending = new Sending(settings: Trusting(certificate)) { Tls = TlsMode.Required };

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.TlsRequired, code);

        await server.Sessions[0].Ended;
        Assert.DoesNotContain(server.Sessions.SelectMany(s => s.Commands), c => c.StartsWith("MAIL", StringComparison.Ordinal));
        Assert.Single(server.Sessions);
    }

    [Fact]
    public async Task Required_TLS_takes_a_trusted_certificate_with_the_right_name()
    {
        using var certificate = TestCertificate.For("127.0.0.1");
        await using var server = ScriptedSmtpServer.Start(s => TakeUnderTlsAsync(s, certificate));
        await using var sending = new Sending(settings: Trusting(certificate)) { Tls = TlsMode.Required };

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Theory]
    [InlineData("other.example", true)]
    [InlineData("127.0.0.1", false)]
    public async Task Required_TLS_refuses_a_wrong_name_and_an_unknown_issuer(string name, bool trusted)
    {
        using var certificate = TestCertificate.For(name);
        using var another = TestCertificate.For(name);
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("STARTTLS");
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await s.StartTlsAsync(certificate);
                await s.EhloAsync();
            });
        });
        await using var sending = new Sending(settings: Trusting(trusted ? certificate : another)) { Tls = TlsMode.Required };

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.TlsRequired, 451, "4.7.5");

        Assert.Single(server.Sessions);
    }

    [Fact]
    public async Task A_smarthost_at_port_465_gets_TLS_at_once()
    {
        using var certificate = TestCertificate.For("127.0.0.1");
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.ShakeHandsAsync(certificate);
            await s.GreetAsync("PIPELINING");
            await s.QuitAsync();
        });

        using var connection = await SmtpConnection.OpenAsync(
            await AtOnceAsync(server), TlsPolicy.Required, Trusting(certificate), TestContext.Current.CancellationToken);

        Assert.True(connection.IsUnderTls);
        Assert.True(connection.Capabilities.Pipelining);
        await connection.Channel.QuitAsync();
    }

    [Theory]
    [InlineData("other.example", true)]
    [InlineData("127.0.0.1", false)]
    public async Task TLS_at_once_refuses_a_wrong_name_and_an_unknown_issuer(string name, bool trusted)
    {
        using var certificate = TestCertificate.For(name);
        using var another = TestCertificate.For(name);
        await using var server = ScriptedSmtpServer.Start(async s =>
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await s.ShakeHandsAsync(certificate);
                await s.GreetAsync();
            }));

        var failure = await Assert.ThrowsAsync<SmtpSessionException>(async () => await SmtpConnection.OpenAsync(
            await AtOnceAsync(server), TlsPolicy.Required, Trusting(trusted ? certificate : another), TestContext.Current.CancellationToken));

        Assert.Equal((Reasons.TlsRequired, true), (failure.Reason, failure.IsTlsFailure));
    }

    /// <summary>The hop of a smarthost at port 465, at the port of a server that could not have it.</summary>
    private static async Task<NextHop> AtOnceAsync(ScriptedSmtpServer server)
    {
        var found = await SmarthostHops.FindAsync(new TableDns(), new HostPort("127.0.0.1", 465), TestContext.Current.CancellationToken);
        return Assert.Single(found.Hops) with { Address = server.EndPoint };
    }

    [Fact]
    public async Task Without_TLS_nothing_is_asked_for()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("STARTTLS");
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending { Tls = TlsMode.Off };

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    private static SmtpClientSettings Trusting(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate) =>
        new(Sending.HostName, TimeProvider.System) { Trust = TestCertificate.Trusting(certificate) };

    private static async Task TakeUnderTlsAsync(
        ScriptedSmtpSession s, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
    {
        await s.GreetAsync("STARTTLS");
        await s.StartTlsAsync(certificate);
        await s.EhloAsync("PIPELINING");
        await s.TakeMessageAsync();
        await s.QuitAsync();
    }

    private static async Task FailTlsAsync(
        ScriptedSmtpSession s, string way, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
    {
        await s.GreetAsync(way == "not offered" ? "PIPELINING" : "STARTTLS");
        switch (way)
        {
            case "refused":
                await s.ExpectAsync("STARTTLS", "454 4.7.0 not now");
                await s.EndAsync();
                break;
            case "refused for good":
                await s.ExpectAsync("STARTTLS", "502 5.5.1 what");
                await s.EndAsync();
                break;
            case "garbage":
                await s.ExpectAsync("STARTTLS", "220 go");
                // What comes together with the 220 would be forgotten.
                await s.ReadOctetsAsync(1);
                await s.SayAsync("this is no handshake");
                await s.EndAsync();
                break;
            case "closed":
                await s.ExpectAsync("STARTTLS", "220 go");
                s.Drop();
                break;
            case "closed after the handshake":
                await s.StartTlsAsync(certificate);
                s.Drop();
                break;
            default:
                await s.EndAsync();
                break;
        }
    }
}
