using System.Text;
using Relay.Mail;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>SIZE, 8BITMIME and SMTPUTF8: what a message needs against what a server has.</summary>
public sealed class ServerFitTests
{
    private static readonly byte[] EightBitBody = Encoding.UTF8.GetBytes("Subject: x\r\n\r\nGrüße\r\n");
    private static readonly byte[] EightBitHeader = Encoding.UTF8.GetBytes("Subject: Grüße\r\n\r\nx\r\n");

    [Theory]
    [InlineData("SIZE 26", true)]
    [InlineData("SIZE 25", true)]
    [InlineData("SIZE 24", false)]
    [InlineData("size 1", false)]
    [InlineData("SIZE 0", true)]
    [InlineData("SIZE", true)]
    [InlineData("SIZE many", true)]
    [InlineData("SIZE -1", true)]
    [InlineData("SIZE 99999999999999999999", true)]
    public async Task A_message_larger_than_the_server_takes_bounces_before_it_is_sent(string keyword, bool fits)
    {
        var mail = await SendAsync([keyword], Sending.Hello, new Sending(), Reasons.RemoteSizeLimit, fits ? null : "552 5.3.4");

        Assert.Equal(fits ? $"MAIL FROM:<sender@example.org> SIZE={Sending.Hello.Length}" : null, mail);
    }

    [Theory]
    [InlineData(BodyType.SevenBit)]
    [InlineData(BodyType.EightBitMime)]
    public async Task Eight_bit_text_is_announced_and_bounces_where_it_cannot_be_taken(BodyType declared)
    {
        Assert.Equal(
            "MAIL FROM:<sender@example.org> BODY=8BITMIME",
            await SendAsync(["8BITMIME"], EightBitBody, new Sending { Body = declared }, "", null));
        await SendAsync(["PIPELINING"], EightBitBody, new Sending { Body = declared }, Reasons.RemoteLacks8BitMime, "554 5.6.3");
        await SendAsync(["SMTPUTF8"], EightBitHeader, new Sending { Body = declared }, Reasons.RemoteLacks8BitMime, "554 5.6.3");
    }

    [Fact]
    public async Task A_message_that_was_only_declared_8_bit_goes_anywhere()
    {
        Assert.Equal(
            "MAIL FROM:<sender@example.org>",
            await SendAsync([], Sending.Hello, new Sending { Body = BodyType.EightBitMime }, "", null));
        Assert.Equal(
            "MAIL FROM:<sender@example.org> BODY=8BITMIME",
            await SendAsync(["8BITMIME"], Sending.Hello, new Sending { Body = BodyType.EightBitMime }, "", null));
        Assert.Equal(
            "MAIL FROM:<sender@example.org>",
            await SendAsync(["8BITMIME"], Sending.Hello, new Sending(), "", null));
    }

    [Fact]
    public async Task Eight_bit_text_far_into_a_large_message_is_found()
    {
        var content = Encoding.Latin1.GetBytes($"Subject: x\r\n\r\n{new string('x', 100_000)}\u00e9\r\n");

        Assert.Equal(
            $"MAIL FROM:<sender@example.org> SIZE={content.Length} BODY=8BITMIME",
            await SendAsync(["8BITMIME", "SIZE 0"], content, new Sending(), "", null));
    }

    [Theory]
    [InlineData(true, "SMTPUTF8")]
    [InlineData(false, "")]
    public async Task SMTPUTF8_is_passed_on_where_the_server_has_it(bool declared, string parameter)
    {
        Assert.Equal(
            $"MAIL FROM:<sender@example.org> {parameter}".TrimEnd(),
            await SendAsync(["SMTPUTF8", "8BITMIME"], Sending.Hello, new Sending { SmtpUtf8 = declared }, "", null));
    }

    [Fact]
    public async Task A_header_in_UTF8_bounces_where_SMTPUTF8_is_missing_and_was_asked_for()
    {
        await SendAsync(["8BITMIME"], EightBitHeader, new Sending { SmtpUtf8 = true }, Reasons.RemoteLacksSmtpUtf8, "550 5.6.7");
        // Not declared: old-style raw 8-bit header, passed on as 8BITMIME as ever.
        await SendAsync(["8BITMIME"], EightBitHeader, new Sending(), "", null);
        // Declared, but the header is ASCII and nothing else needs it.
        await SendAsync(["8BITMIME"], EightBitBody, new Sending { SmtpUtf8 = true }, "", null);
    }

    [Fact]
    public async Task A_reverse_path_in_UTF8_bounces_where_SMTPUTF8_is_missing()
    {
        await SendAsync(
            ["8BITMIME"], Sending.Hello, new Sending { Sender = "jürgen@example.org", SmtpUtf8 = true }, Reasons.RemoteLacksSmtpUtf8, "550 5.6.7");
        Assert.Equal(
            "MAIL FROM:<jürgen@example.org> SMTPUTF8",
            await SendAsync(["8BITMIME", "SMTPUTF8"], Sending.Hello, new Sending { Sender = "jürgen@example.org" }, "", null));
    }

    [Fact]
    public async Task Only_the_recipients_that_need_SMTPUTF8_bounce_and_a_domain_alone_does_not_need_it()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.ExpectAsync("MAIL FROM:<sender@xn--bcher-kva.example>", "250 ok");
            await s.ExpectAsync("RCPT TO:<a@example.com>", "250 ok");
            await s.ExpectAsync("RCPT TO:<c@xn--bcher-kva.example>", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 ok");
            await s.QuitAsync();
        });
        await using var sending = new Sending { Sender = "sender@bücher.example", SmtpUtf8 = true };

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, "a@example.com", "jürgen@example.com", "c@BÜCHER.example");

        outcome.Recipients[0].Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
        outcome.Recipients[1].Is(OutcomeKind.Bounced, Reasons.RemoteLacksSmtpUtf8, 550, "5.6.7");
        outcome.Recipients[2].Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task Capabilities_are_read_whatever_their_case_and_from_whatever_mess()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.SayAsync("220-hello", "220 ESMTP");
            // The first line is the name, whatever it looks like.
            await s.ExpectAsync("EHLO", "250-SIZE 1", "250-", "250- ", "250-XXXXXXXA", "250-AUTH=LOGIN", "250-pipelining", "250  8bitMIME  ");
            var before = s.Reads;
            await s.ExpectAsync("MAIL FROM:<sender@example.org> BODY=8BITMIME");
            await s.ExpectAsync("RCPT");
            await s.ExpectAsync("DATA");
            Assert.Equal(before + 1, s.Reads);
            await s.SayAsync("250 ok", "250 ok", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 ok");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        (await sending.ToAsync(server.Port, EightBitBody, "a@example.com")).Recipients[0].Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    /// <summary>Sends to a server with these keywords; gives the MAIL command, null when there was none.</summary>
    private static async Task<string?> SendAsync(string[] keywords, byte[] content, Sending with, string reason, string? bounce)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync(keywords);
            if (bounce is null)
            {
                await s.TakeMessageAsync();
            }

            await s.QuitAsync();
        });
        await using (with)
        {
            var outcome = Assert.Single((await with.ToAsync(server.Port, content, "a@example.com")).Recipients);
            if (bounce is null)
            {
                outcome.Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
                Assert.Equal(content, Assert.Single(server.Sessions[0].Contents));
            }
            else
            {
                outcome.Is(OutcomeKind.Bounced, reason, int.Parse(bounce[..3]), bounce[4..]);
                Assert.NotNull(outcome.RemoteHost);
            }
        }

        return server.Sessions[0].Commands.FirstOrDefault(c => c.StartsWith("MAIL", StringComparison.Ordinal));
    }
}
