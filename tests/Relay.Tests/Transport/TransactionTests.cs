using System.Text;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>What each reply to each command means for each recipient, with and without PIPELINING.</summary>
public sealed class TransactionTests
{
    private static readonly string[] Four = ["a@example.com", "b@example.com", "c@example.com", "d@example.com"];

    [Fact]
    public async Task With_PIPELINING_the_whole_envelope_is_one_write()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            var before = s.Reads;
            await s.ExpectAsync("MAIL FROM:<sender@example.org>");
            await s.ExpectAsync("RCPT TO:<a@example.com>");
            await s.ExpectAsync("RCPT TO:<b@example.com>");
            await s.ExpectAsync("RCPT TO:<c@example.com>");
            await s.ExpectAsync("RCPT TO:<d@example.com>");
            await s.ExpectAsync("DATA");
            Assert.Equal(before + 1, s.Reads);
            await s.SayAsync("250 m", "250 a", "250 b", "250 c", "250 d", "354 go");
            await s.ReadContentAsync();
            Assert.Equal(before + 2, s.Reads);
            await s.SayAsync("250 2.0.0 taken");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Four);

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250, "2.0.0"));
    }

    [Fact]
    public async Task Without_PIPELINING_every_command_waits_for_its_reply()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            foreach (var (command, reply) in new[] { ("MAIL", "250 m"), ("RCPT", "250 a"), ("RCPT", "250 b"), ("DATA", "354 go") })
            {
                // A client that did not wait would have both commands in one read.
                var before = s.Reads;
                await s.ExpectAsync(command);
                Assert.Equal(before + 1, s.Reads);
                await s.SayAsync(reply);
            }

            await s.ReadContentAsync();
            await s.SayAsync("250 taken");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Four[..2]);

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_recipient_gets_the_reply_that_is_its_own(bool pipelining)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync(pipelining ? ["PIPELINING"] : []);
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT TO:<a@", "550 5.1.1 nobody");
            await s.ExpectAsync("RCPT TO:<b@", "250 ok");
            await s.ExpectAsync("RCPT TO:<c@", "450 4.2.1 greylisted");
            await s.ExpectAsync("RCPT TO:<d@", "251 will forward");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 2.6.0 taken");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Four);

        outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550, "5.1.1");
        outcome.Recipients[1].Is(OutcomeKind.Delivered, Reasons.Delivered, 250, "2.6.0");
        outcome.Recipients[2].Is(OutcomeKind.Deferred, Reasons.RemoteTemporary, 450, "4.2.1");
        outcome.Recipients[3].Is(OutcomeKind.Delivered, Reasons.Delivered, 250, "2.6.0");
    }

    [Theory]
    [InlineData("250 taken", OutcomeKind.Delivered, Reasons.Delivered)]
    [InlineData("451 4.3.0 later", OutcomeKind.Deferred, Reasons.RemoteTemporary)]
    [InlineData("554 5.6.0 never", OutcomeKind.Bounced, Reasons.RemotePermanent)]
    public async Task The_reply_to_the_final_dot_does_not_touch_who_was_refused_before(string reply, OutcomeKind kind, string reason)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "550 5.1.1 nobody");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync(reply);
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Four[..2]);

        outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550, "5.1.1");
        outcome.Recipients[1].Is(kind, reason, int.Parse(reply[..3]));
    }

    [Theory]
    [InlineData("550", OutcomeKind.Bounced)]
    [InlineData("450", OutcomeKind.Deferred)]
    public async Task When_all_are_refused_and_DATA_is_taken_all_the_same_a_lone_dot_ends_it(string code, OutcomeKind kind)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", $"{code} no");
            await s.ExpectAsync("RCPT", $"{code} no");
            await s.ExpectAsync("DATA", "354 go");
            Assert.Equal(".\r\n", Encoding.ASCII.GetString(await s.ReadContentAsync()));
            await s.SayAsync("250 an empty message for nobody");
            // The session is in step and goes on.
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Four[..2]);
        Assert.All(outcome.Recipients, r => Assert.Equal((kind, int.Parse(code)), (r.Kind, r.Reply.Code)));

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Theory]
    [InlineData("554 5.5.1 no valid recipients")]
    [InlineData("503 5.5.1 need RCPT")]
    [InlineData("451 4.5.1 no valid recipients")]
    public async Task When_all_are_refused_and_DATA_too_the_next_message_begins_with_RSET(string data)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "550 5.1.1 nobody");
            await s.ExpectAsync("DATA", data);
            await s.ExpectAsync("RSET", "250 ok");
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550, "5.1.1");
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Theory]
    [InlineData("550 5.7.1 not you", OutcomeKind.Bounced, Reasons.RemotePermanent)]
    [InlineData("451 4.7.1 not now", OutcomeKind.Deferred, Reasons.RemoteTemporary)]
    public async Task A_refused_MAIL_is_the_answer_for_all_whatever_follows(string mail, OutcomeKind kind, string reason)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("PIPELINING");
            await s.ExpectAsync("MAIL", mail);
            await s.ExpectAsync("RCPT", "503 5.5.1 need MAIL");
            await s.ExpectAsync("RCPT", "250 a server that does not look");
            await s.ExpectAsync("DATA", "354 go");
            Assert.Equal(".\r\n", Encoding.ASCII.GetString(await s.ReadContentAsync()));
            await s.SayAsync("554 5.5.1 no valid recipients");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Four[..2]);

        Assert.All(outcome.Recipients, r => r.Is(kind, reason, int.Parse(mail[..3])));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refused_DATA_is_the_answer_for_those_that_were_taken(bool pipelining)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync(pipelining ? ["PIPELINING"] : []);
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "550 5.1.1 nobody");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("DATA", "552 5.2.2 full");
            await s.QuitAsync();
        });
        await using var sending = new Sending();

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, Four[..2]);

        outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550, "5.1.1");
        outcome.Recipients[1].Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 552, "5.2.2");
    }

    [Theory]
    [InlineData("MAIL", "354 go")]
    [InlineData("RCPT", "354 go")]
    [InlineData("DATA", "250 ok")]
    [InlineData(".", "354 more")]
    public async Task A_reply_of_the_wrong_class_ends_the_session_and_defers(string stage, string wrong)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            await s.ExpectAsync("MAIL", stage == "MAIL" ? wrong : "250 ok");
            if (stage != "MAIL")
            {
                await s.ExpectAsync("RCPT", stage == "RCPT" ? wrong : "250 ok");
            }

            if (stage is "DATA" or ".")
            {
                await s.ExpectAsync("DATA", stage == "DATA" ? wrong : "354 go");
            }

            if (stage == ".")
            {
                await s.ReadContentAsync();
                await s.SayAsync(wrong);
            }

            await s.QuitAsync();
        });
        await using var sending = new Sending();

        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Deferred, Reasons.RemoteProtocolError, 451, "4.5.0");

        await server.Sessions[0].Ended;
        Assert.Equal("QUIT", server.Sessions[0].Commands[^1]);
        Assert.Equal(0, sending.Transports.Pool.Count);
    }

    [Fact]
    public async Task The_null_reverse_path_and_quoted_addresses_go_out_as_they_must()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync();
            Assert.Equal("MAIL FROM:<>", await s.ExpectAsync("MAIL", "250 ok"));
            Assert.Equal("RCPT TO:<\"a b\\\"c\"@example.com>", await s.ExpectAsync("RCPT", "250 ok"));
            Assert.Equal("RCPT TO:<user@[192.0.2.1]>", await s.ExpectAsync("RCPT", "250 ok"));
            await s.ExpectAsync("DATA", "354 go");
            await s.ReadContentAsync();
            await s.SayAsync("250 ok");
            await s.QuitAsync();
        });
        await using var sending = new Sending { Sender = "" };

        var outcome = await sending.ToAsync(server.Port, Sending.Hello, "\"a b\\\"c\"@example.com", "user@[192.0.2.1]");

        Assert.All(outcome.Recipients, r => r.Is(OutcomeKind.Delivered, Reasons.Delivered, 250));
    }
}
