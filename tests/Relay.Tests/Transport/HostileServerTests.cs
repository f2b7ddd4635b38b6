using System.Text;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

public sealed class HostileServerTests
{
    [Fact]
    public async Task Replies_in_single_octets_are_replies()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.TrickleAsync("220-hello");
            await s.TrickleAsync("220 there");
            await s.ExpectAsync("EHLO");
            await s.TrickleAsync("250-test");
            await s.TrickleAsync("250 PIPELINING");
            await s.ExpectAsync("MAIL");
            await s.TrickleAsync("250 2.1.0 ok");
            await s.ExpectAsync("RCPT");
            await s.TrickleAsync("250 2.1.5 ok");
            await s.ExpectAsync("DATA");
            await s.TrickleAsync("354 go");
            await s.ReadContentAsync();
            await s.TrickleAsync("250 2.0.0 taken");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250, "2.0.0");
    }

    [Theory]
    [InlineData("250-more\r\n")]
    [InlineData("xxxxxxxxxxxxxxxx")]
    public async Task A_reply_without_end_is_cut_off(string part)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL");
            try
            {
                while (true)
                {
                    await s.SayRawAsync(string.Concat(Enumerable.Repeat(part, 1000)));
                }
            }
            catch (IOException)
            {
                // The client has had enough.
            }
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.RemoteProtocolError, 451, "4.5.0");
    }

    [Fact]
    public async Task A_refusal_as_long_as_a_book_is_kept_short_for_each_recipient()
    {
        var lines = Enumerable.Range(0, 500).Select(i => $"550{(i == 499 ? ' ' : '-')}5.7.1 {new string('x', 100)}").ToArray();
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL", lines);
            await s.EndAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.HelloAsync(server.Port);

        outcome.Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550, "5.7.1");
        Assert.Equal(DeliveryAttempt.MaxReplyText + 1, outcome.Reply.Text.Length);
    }

    [Fact]
    public async Task A_reply_that_nobody_asked_for_is_taken_for_the_next_and_loses_no_mail()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL", "250 ok", "250 ok", "250 ok", "250 ok");
            await s.EndAsync();
        });
        await using var sending = new Sending();

        // 250 to DATA is out of order: the client must not take that for a delivery.
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.RemoteProtocolError, 451);
    }

    [Fact]
    public async Task A_greeting_full_of_control_characters_does_not_reach_the_status()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.SayRawAsync("554 no\u001b]0;owned\a\0\u0085\u009bhere\r\n");
            await s.EndAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.HelloAsync(server.Port);

        Assert.DoesNotContain(outcome.Reply.Text, char.IsControl);
    }

    [Fact]
    public async Task More_recipients_than_a_server_takes_at_once_go_in_several_transactions()
    {
        const int Limit = 30;
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            while (true)
            {
                await s.ExpectAsync("MAIL", "250 ok");
                var taken = 0;
                while ((await s.ExpectAsync("")).StartsWith("RCPT", StringComparison.Ordinal))
                {
                    await s.SayAsync(taken++ < Limit ? "250 ok" : taken % 2 == 0 ? "452 4.5.3 too many" : "552 too many");
                }

                await s.SayAsync("354 go");
                await s.ReadContentAsync();
                await s.SayAsync("250 taken");
            }
        });
        await using var sending = new Sending();
        var recipients = Enumerable.Range(0, 250).Select(i => $"r{i}@example.com").ToArray();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, recipients);

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
        var session = Assert.Single(server.Sessions);
        Assert.True(session.Contents.Count >= 250 / Limit);
        session.Dispose();
    }

    [Fact]
    public async Task No_transaction_has_more_than_a_hundred_recipients()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            for (var left = 250; left > 0; left -= 100)
            {
                await s.ExpectAsync("MAIL", "250 ok");
                for (var i = 0; i < Math.Min(left, 100); i++)
                {
                    await s.ExpectAsync("RCPT", "250 ok");
                }

                await s.ExpectAsync("DATA", "354 go");
                await s.ReadContentAsync();
                await s.SayAsync("250 taken");
            }

            await s.QuitAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(
            server.Port, Sending.Hello, Enumerable.Range(0, 250).Select(i => $"r{i}@example.com").ToArray());

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
    }

    [Fact]
    public async Task A_server_that_takes_no_recipient_for_lack_of_room_is_not_asked_for_ever()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "452 4.3.1 no room");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.RemoteTemporary, 452, "4.3.1");
    }

    [Fact]
    public async Task A_full_mailbox_is_not_taken_for_too_many_recipients()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "552 5.2.2 mailbox full");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 552, "5.2.2");
    }

    [Fact]
    public async Task An_early_refusal_of_large_content_is_read_although_the_server_has_closed()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadOctetsAsync(1000);
            await s.SayAsync("552 5.3.4 I have seen enough");
            s.Drop();
        });
        await using var sending = new Sending();
        var content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0123456789\r\n", 2_000_000)));

        var outcome = await sending.ToAsync(server.Port, content, "a@example.com");

        outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 552, "5.3.4");
    }
}
