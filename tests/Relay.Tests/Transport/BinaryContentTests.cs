using System.Text;
using Relay.Mail;
using Relay.Replies;
using Relay.Status;
using Relay.Support;
using Relay.Transport;

namespace Relay.Tests.Transport;

/// <summary>RFC 3030: content that is no text goes by BDAT, just as it is, or not at all.</summary>
public sealed class BinaryContentTests
{
    private static readonly string[] Binary = ["PIPELINING", "CHUNKING", "BINARYMIME"];
    private static readonly byte[] NoText = Encoding.Latin1.GetBytes("Subject: x\r\n\r\n\0.\n.\r\n.\r\r\n\u00ff no line end");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_arrives_octet_for_octet(bool pipelining)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync(pipelining ? Binary : Binary[1..]);
            Assert.Equal("MAIL FROM:<sender@example.org> BODY=BINARYMIME", await s.ExpectAsync("MAIL", "250 ok"));
            await s.ExpectAsync("RCPT", "550 5.1.1 nobody");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.TakeChunkAsync();
            // In step: the next transaction needs no RSET.
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending { Body = BodyType.BinaryMime };

        var outcome = await sending.ToAsync(server.Port, NoText, "a@example.com", "b@example.com");

        outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550, "5.1.1");
        outcome.Recipients[1].Is(OutcomeKind.Delivered, Reasons.Delivered, 250, "2.0.0");
        Assert.Equal(NoText, Assert.Single(server.Sessions[0].Chunks));
        sending.Body = BodyType.SevenBit;
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task Megabytes_are_one_chunk()
    {
        var content = new byte[(3 * 1024 * 1024) + 7];
        new Random(7).NextBytes(content);
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync([.. Binary, "SIZE 0"]);
            Assert.Equal($"MAIL FROM:<sender@example.org> SIZE={content.Length} BODY=BINARYMIME", await s.ExpectAsync("MAIL", "250 ok"));
            await s.ExpectAsync("RCPT", "250 ok");
            await s.TakeChunkAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending { Body = BodyType.BinaryMime };

        (await sending.ToAsync(server.Port, content, "a@example.com")).Recipients[0].Is(OutcomeKind.Delivered, Reasons.Delivered, 250);

        Assert.True(content.AsSpan().SequenceEqual(Assert.Single(server.Sessions[0].Chunks)));
    }

    [Theory]
    [InlineData("PIPELINING", "8BITMIME")]
    [InlineData("8BITMIME", "CHUNKING")]
    [InlineData("8BITMIME", "BINARYMIME")]
    public async Task It_bounces_where_the_server_lacks_either_extension(params string[] keywords)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync(keywords);
            await s.QuitAsync();
        });
        await using var sending = new Sending { Body = BodyType.BinaryMime };

        var outcome = await sending.ToAsync(server.Port, NoText, "a@example.com");

        outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemoteLacksBinaryMime, 554, "5.6.3");
        Assert.NotNull(outcome.Recipients[0].RemoteHost);
    }

    [Theory]
    [InlineData("Subject: x\r\n\r\nplain\r\n", true)]
    [InlineData("Subject: x\r\n\r\nGr\u00fc\u00dfe\r\n", true)]
    [InlineData("", true)]
    [InlineData("998", true)]
    [InlineData("999", false)]
    [InlineData("Subject: x\r\n\r\nno line end", false)]
    [InlineData("Subject: x\r\n\r\nx\r", false)]
    [InlineData("Subject: x\r\n\r\na\nb\r\n", false)]
    [InlineData("Subject: x\r\n\r\na\rb\r\n", false)]
    [InlineData("Subject: x\r\n\r\na\r\r\n", false)]
    [InlineData("Subject: x\r\n\r\na\0b\r\n", false)]
    public async Task What_was_only_declared_binary_goes_by_DATA_where_it_must(string text, bool isText)
    {
        var content = Encoding.Latin1.GetBytes(text is "998" or "999" ? $"Subject: x\r\n\r\n{new string('x', int.Parse(text))}\r\n" : text);
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync("8BITMIME");
            if (isText)
            {
                await s.TakeMessageAsync();
            }

            await s.QuitAsync();
        });
        await using var sending = new Sending { Body = BodyType.BinaryMime };

        var outcome = await sending.ToAsync(server.Port, content, "a@example.com");

        if (isText)
        {
            outcome.Recipients[0].Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
            Assert.Equal(content, Assert.Single(server.Sessions[0].Contents));
        }
        else
        {
            outcome.Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemoteLacksBinaryMime, 554, "5.6.3");
        }
    }

    [Theory]
    [InlineData("451 4.3.1 disk full", OutcomeKind.Deferred, Reasons.RemoteTemporary)]
    [InlineData("554 5.6.0 never", OutcomeKind.Bounced, Reasons.RemotePermanent)]
    public async Task After_a_failed_BDAT_the_next_message_begins_with_RSET(string reply, OutcomeKind kind, string reason)
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync(Binary);
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.TakeChunkAsync(reply);
            await s.ExpectAsync("RSET", "250 ok");
            await s.TakeMessageAsync();
            await s.QuitAsync();
        });
        await using var sending = new Sending { Body = BodyType.BinaryMime };

        (await sending.ToAsync(server.Port, NoText, "a@example.com")).Recipients[0].Is(kind, reason, int.Parse(reply[..3]));
        sending.Body = BodyType.SevenBit;
        (await sending.HelloAsync(server.Port)).Is(OutcomeKind.Delivered, Reasons.Delivered, 250);
    }

    [Fact]
    public async Task When_all_recipients_are_refused_no_chunk_is_sent()
    {
        await using var server = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync(Binary);
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "550 5.1.1 nobody");
            await s.QuitAsync();
        });
        await using var sending = new Sending { Body = BodyType.BinaryMime };

        (await sending.ToAsync(server.Port, NoText, "a@example.com")).Recipients[0].Is(OutcomeKind.Bounced, Reasons.RemotePermanent, 550);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_breaks_after_the_chunk_defers_and_no_other_host_gets_the_message(bool within)
    {
        await using var first = ScriptedSmtpServer.Start(async s =>
        {
            await s.GreetAsync(Binary);
            await s.ExpectAsync("MAIL", "250 ok");
            await s.ExpectAsync("RCPT", "250 ok");
            await s.ExpectAsync("BDAT");
            await s.ReadOctetsAsync(within ? 1 : NoText.Length);
            s.Reset();
        });
        await using var second = ScriptedSmtpServer.Start(s => s.EndAsync());
        await using var sending = new Sending { Body = BodyType.BinaryMime };

        var outcome = await sending.ToAsync(
            [new("127.0.0.1", first.Port), new("127.0.0.1", second.Port)], NoText, ["a@example.com"]);

        outcome.Recipients[0].Is(OutcomeKind.Deferred, Reasons.ConnectionLost, ReplyCode.LocalError);
        Assert.Empty(second.Sessions);
    }
}
