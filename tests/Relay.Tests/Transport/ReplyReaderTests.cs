using System.Text;
using Relay.Replies;
using Relay.Transport;

namespace Relay.Tests.Transport;

public sealed class ReplyReaderTests
{
    [Theory]
    [InlineData("250 ok\r\n", 250, null, "ok")]
    [InlineData("250\r\n", 250, null, "")]
    [InlineData("250 \r\n", 250, null, "")]
    [InlineData("250 ok\n", 250, null, "ok")]
    [InlineData("550 5.1.1 no such user\r\n", 550, "5.1.1", "no such user")]
    [InlineData("550 5.1.1\r\n", 550, "5.1.1", "")]
    [InlineData("250-one\r\n250-two\r\n250 three\r\n", 250, null, "one\ntwo\nthree")]
    [InlineData("250-one\r\n250\r\n", 250, null, "one\n")]
    [InlineData("550-5.7.1 one\r\n550 5.7.1 two\r\n", 550, "5.7.1", "one\ntwo")]
    [InlineData("550-5.7.1 one\r\n550 two\r\n", 550, "5.7.1", "one\ntwo")]
    [InlineData("550-5.7.1 one\r\n550 5.1.1 two\r\n", 550, "5.7.1", "one\n5.1.1 two")]
    [InlineData("250-one\r\n550 two\r\n", 550, null, "one\ntwo")]
    [InlineData("550 4.7.1 the class is wrong\r\n", 550, null, "4.7.1 the class is wrong")]
    [InlineData("250 1.2.3.4 is your address\r\n", 250, null, "1.2.3.4 is your address")]
    [InlineData("250 bell\a esc\u001b[31m\r\n", 250, null, "bell  esc [31m")]
    [InlineData("250 gr\u00fc\u00dfe\r\n", 250, null, "gr\u00fc\u00dfe")]
    public void A_reply_is_read_whole_in_pieces_and_octet_by_octet(string wire, int code, string? enhanced, string text)
    {
        for (var size = 1; size <= wire.Length; size++)
        {
            var reply = Assert.Single(ReadAll(Encoding.UTF8.GetBytes(wire), size));
            Assert.Equal((code, enhanced, text), (reply.Code, reply.Enhanced?.ToString(), reply.Text));
        }
    }

    [Fact]
    public void Replies_that_come_together_are_read_apart()
    {
        var replies = ReadAll("250 2.1.0 a\r\n450-b\r\n450 4.2.0 c\r\n354 d\r\n"u8.ToArray(), 1000);

        Assert.Equal(["250 2.1.0 a", "450 b 4.2.0 c", "354 d"], replies.Select(r => r.ToString()));
    }

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData("\r\n")]
    [InlineData("25\r\n")]
    [InlineData("2500 ok\r\n")]
    [InlineData("250ok\r\n")]
    [InlineData("250_ok\r\n")]
    [InlineData("150 no such class\r\n")]
    [InlineData("650 no such class\r\n")]
    [InlineData("999 no such class\r\n")]
    [InlineData("-50 negative\r\n")]
    [InlineData(" 250 ok\r\n")]
    [InlineData("250-one\r\nxyz\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public void What_is_no_reply_is_an_error(string wire)
    {
        for (var size = 1; size <= wire.Length; size++)
        {
            Assert.Throws<InvalidDataException>(() => ReadAll(Encoding.UTF8.GetBytes(wire), size));
        }
    }

    [Fact]
    public void A_line_is_kept_up_to_its_limit_and_no_more()
    {
        var reply = Assert.Single(ReadAll(Encoding.ASCII.GetBytes($"250 {new string('x', 20_000)}\r\n"), 999));

        Assert.Equal(ReplyReader.MaxLine - 4, reply.Text.Length);
    }

    [Theory]
    [InlineData("250-x\r\n")]
    [InlineData("x")]
    [InlineData("250 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    public void A_reply_without_end_is_an_error_and_not_a_full_memory(string part)
    {
        var reader = new ReplyReader();
        var octets = Encoding.ASCII.GetBytes(part);
        var fed = 0;
        Assert.Throws<InvalidDataException>((Action)(() =>
        {
            while (true)
            {
                ReadOnlySpan<byte> input = octets;
                Assert.Null(reader.Read(ref input));
                fed += octets.Length;
            }
        }));
        Assert.InRange(fed, ReplyReader.MaxReply - octets.Length, ReplyReader.MaxReply);
    }

    [Fact]
    public void Any_octets_at_all_are_a_reply_or_an_error()
    {
        var random = new Random(7);
        var alphabet = "0123456789 -.\r\n250\0\xff\x80x"u8.ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var wire = Enumerable.Range(0, random.Next(1, 40)).Select(_ => alphabet[random.Next(alphabet.Length)]).ToArray();
            try
            {
                Assert.All(ReadAll(wire, random.Next(1, 10)), r => Assert.InRange(r.Code, 200, 599));
            }
            catch (InvalidDataException)
            {
                // Said to be no reply.
            }
        }
    }

    private static List<SmtpReply> ReadAll(byte[] wire, int size)
    {
        var reader = new ReplyReader();
        var replies = new List<SmtpReply>();
        foreach (var piece in wire.Chunk(size))
        {
            ReadOnlySpan<byte> input = piece;
            while (!input.IsEmpty)
            {
                if (reader.Read(ref input) is { } reply)
                {
                    replies.Add(reply);
                }
            }
        }

        return replies;
    }
}
