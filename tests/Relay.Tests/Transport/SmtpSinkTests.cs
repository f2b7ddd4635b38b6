using System.Text;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>Against a real server that nobody here wrote.</summary>
public sealed class SmtpSinkTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-p")]
    [InlineData("-p -E")]
    [InlineData("-8")]
    public async Task A_message_arrives_as_it_is_whatever_the_server_offers(string options)
    {
        await using var sink = await SmtpSink.StartAsync(options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(sink.Port, Sending.Hello, "one@example.com", "two@example.com");

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
        Assert.All(outcome.Recipients, r => Assert.Equal($"127.0.0.1[127.0.0.1]:{sink.Port}", r.RemoteHost));
        var message = Assert.Single(sink.Messages());
        Assert.StartsWith("<sender@example.org>", message.MailFrom);
        Assert.Equal(["<one@example.com>", "<two@example.com>"], message.RcptTo);
        Assert.Equal(Sending.Hello, message.Content);
    }

    [Fact]
    public async Task A_server_without_ESMTP_gets_HELO()
    {
        await using var sink = await SmtpSink.StartAsync("-e");
        await using var sending = new Sending();

        (await sending.HelloAsync(sink.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        var message = Assert.Single(sink.Messages());
        Assert.Equal("SMTP", message.Protocol);
        Assert.Equal("<sender@example.org>", message.MailFrom);
        Assert.Equal(Sending.Hello, message.Content);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-p")]
    public async Task Large_content_with_dots_and_8_bit_text_arrives_octet_by_octet(string options)
    {
        await using var sink = await SmtpSink.StartAsync(options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        await using var sending = new Sending();
        var content = Contents.OneMegabyte();

        (await sending.ToAsync(sink.Port, content, "one@example.com")).Recipients[0].Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        var message = Assert.Single(sink.Messages());
        Assert.Contains("BODY=8BITMIME", message.MailFrom);
        Assert.True(content.AsSpan().SequenceEqual(message.Content));
    }

    [Fact]
    public async Task Messages_one_after_the_other_share_a_connection()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var sending = new Sending();

        for (var i = 0; i < 5; i++)
        {
            (await sending.HelloAsync(sink.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
            Assert.Equal(1, sending.Transports.Pool.Count);
        }

        Assert.Equal(5, sink.Messages().Count);
    }

    [Fact]
    public async Task Many_messages_at_once_all_arrive()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var sending = new Sending();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            sending.ToAsync(sink.Port, Encoding.ASCII.GetBytes($"Subject: {i}\r\n\r\n.\r\n{i}"), $"r{i}@example.com")));

        Assert.All(outcomes, o => Assert.Equal(OutcomeKind.Delivered, Assert.Single(o.Recipients).Kind));
        var messages = sink.Messages();
        Assert.Equal(200, messages.Count);
        Assert.All(messages, m =>
        {
            var number = Assert.Single(m.RcptTo)[2..^13];
            Assert.Equal($"Subject: {number}\r\n\r\n.\r\n{number}\r\n", Encoding.ASCII.GetString(m.Content));
        });
    }

    [Theory]
    [InlineData("-f", "RCPT", OutcomeKind.Bounced, Reasons.RemotePermanent, 500)]
    [InlineData("-r", "RCPT", OutcomeKind.Deferred, Reasons.RemoteTemporary, 450)]
    [InlineData("-f", "MAIL", OutcomeKind.Bounced, Reasons.RemotePermanent, 500)]
    [InlineData("-r", "MAIL", OutcomeKind.Deferred, Reasons.RemoteTemporary, 450)]
    [InlineData("-f", "DATA", OutcomeKind.Bounced, Reasons.RemotePermanent, 500)]
    [InlineData("-r", "DATA", OutcomeKind.Deferred, Reasons.RemoteTemporary, 450)]
    [InlineData("-f", ".", OutcomeKind.Bounced, Reasons.RemotePermanent, 500)]
    [InlineData("-r", ".", OutcomeKind.Deferred, Reasons.RemoteTemporary, 450)]
    [InlineData("-r", "CONNECT", OutcomeKind.Deferred, Reasons.RemoteTemporary, 450)]
    [InlineData("-f", "CONNECT", OutcomeKind.Deferred, Reasons.ConnectFailed, 500)]
    [InlineData("-q", "RCPT", OutcomeKind.Deferred, Reasons.ConnectionLost, 451)]
    [InlineData("-q", ".", OutcomeKind.Deferred, Reasons.ConnectionLost, 451)]
    [InlineData("-Q", "RCPT", OutcomeKind.Deferred, Reasons.RemoteTemporary, 421)]
    [InlineData("-Q", ".", OutcomeKind.Deferred, Reasons.RemoteTemporary, 421)]
    public async Task A_refusal_at_each_stage_decides_what_it_should(string option, string command, OutcomeKind kind, string reason, int code)
    {
        await using var sink = await SmtpSink.StartAsync(option, command);
        await using var sending = new Sending();

        (await sending.HelloAsync(sink.Port)).Is(kind, reason, code);

        Assert.True(sending.Transports.Pool.Count == 0 || (option is not ("-q" or "-Q") && command != "CONNECT"));
    }

    [Fact]
    public async Task A_server_that_refuses_the_content_before_its_end_is_heard()
    {
        await using var sink = await SmtpSink.StartAsync("-A", "0");
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(sink.Port, Contents.OneMegabyte(), "one@example.com");

        outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550);
    }
}
