using Relay.Mail;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>RFC 3461 §5.2: what the client asked goes on where it is understood, and only there.</summary>
public sealed class DsnParametersOnTheWireTests
{
    private static Envelope WithAll(Envelope envelope) => envelope with
    {
        Return = DsnReturn.Headers,
        EnvelopeId = "QQ 314+159",
        Recipients =
        [
            envelope.Recipients[0] with { Notify = DsnNotify.Success | DsnNotify.Delay, OriginalRecipient = new("rfc822", "Bob=x@Example.ORG") },
            envelope.Recipients[1] with { Notify = DsnNotify.Never, OriginalRecipient = new("utf-8", "jürgen@example.org") },
            envelope.Recipients[2],
        ],
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_with_DSN_hears_just_what_the_client_said(bool pipelining)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync(pipelining ? ["PIPELINING", "DSN"] : ["dsn"]);
            Assert.Equal("MAIL FROM:<sender@example.org> RET=HDRS ENVID=QQ+20314+2B159", await s.ExpectAsync("MAIL", "250 ok"));
            Assert.Equal("RCPT TO:<a@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+3Dx@Example.ORG", await s.ExpectAsync("RCPT", "250 ok"));
            Assert.Equal("RCPT TO:<b@example.com> NOTIFY=NEVER ORCPT=utf-8;j\\x{FC}rgen@example.org", await s.ExpectAsync("RCPT", "250 ok"));
            Assert.Equal("RCPT TO:<c@example.com>", await s.ExpectAsync("RCPT", "250 ok"));
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 taken");
            await s.QuitAsync();
        });
        await using var sending = new Sending { Asking = WithAll };

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, "a@example.com", "b@example.com", "c@example.com");

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
        Assert.All(outcome.Recipients, r => Assert.True(r.DsnHandedOn));
    }

    [Fact]
    public async Task A_server_without_DSN_hears_nothing_and_the_outcome_says_so()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            Assert.Equal("MAIL FROM:<sender@example.org>", await s.ExpectAsync("MAIL", "250 ok"));
            Assert.Equal("RCPT TO:<a@example.com>", await s.ExpectAsync("RCPT", "250 ok"));
            Assert.Equal("RCPT TO:<b@example.com>", await s.ExpectAsync("RCPT", "250 ok"));
            Assert.Equal("RCPT TO:<c@example.com>", await s.ExpectAsync("RCPT", "250 ok"));
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 taken");
            await s.QuitAsync();
        });
        await using var sending = new Sending { Asking = WithAll };

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, "a@example.com", "b@example.com", "c@example.com");

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
        Assert.All(outcome.Recipients, r => Assert.False(r.DsnHandedOn));
    }

    [Fact]
    public async Task Plain_mail_stays_plain()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("DSN", "CHUNKING", "BINARYMIME", "REQUIRETLS");
            Assert.Equal("MAIL FROM:<sender@example.org>", await s.ExpectAsync("MAIL", "250 ok"));
            Assert.Equal("RCPT TO:<one@example.com>", await s.ExpectAsync("RCPT", "250 ok"));
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 taken");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }
}
