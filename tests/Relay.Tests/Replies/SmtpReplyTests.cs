using System.Buffers;
using System.Text;
using Relay.Replies;

namespace Relay.Tests.Replies;

public sealed class SmtpReplyTests
{
    [Fact]
    public void A_reply_of_one_line_has_a_space_after_its_code() =>
        Assert.Equal("250 2.0.0 Accepted\r\n", Wire(new SmtpReply(250, 0, 0, "Accepted")));

    [Fact]
    public void Every_line_of_a_longer_one_has_the_codes_and_all_but_the_last_a_hyphen() =>
        Assert.Equal("550-5.7.1 one\r\n550-5.7.1 \r\n550 5.7.1 three\r\n", Wire(new SmtpReply(550, 7, 1, "one\n\nthree")));

    [Fact]
    public void Without_an_enhanced_status_there_is_none() =>
        Assert.Equal("354 Go on\r\n", Wire(new SmtpReply(354, null, "Go on")));

    [Fact]
    public void The_longest_codes_and_the_longest_characters_have_room() =>
        Assert.Equal("550 5.999.999 \U0001F4E7€ü\r\n", Wire(new SmtpReply(550, new EnhancedStatus(5, 999, 999), "\U0001F4E7€ü")));

    [Theory]
    [InlineData("a\r\nb", "550-5.0.0 a \r\n550 5.0.0 b\r\n")]
    [InlineData("a\rb", "550 5.0.0 a b\r\n")]
    [InlineData("a\0\u001b[31m\u007fb", "550 5.0.0 a  [31m b\r\n")]
    public void The_text_cannot_make_a_line_of_its_own(string text, string wire) => Assert.Equal(wire, Wire(new SmtpReply(550, 0, 0, text)));

    [Fact]
    public void In_a_log_it_is_one_line() =>
        Assert.Equal("550 5.7.1 one two", new SmtpReply(550, 7, 1, "one\ntwo").ToString());

    [Theory]
    [InlineData(250, true, false, false, false)]
    [InlineData(354, false, true, false, false)]
    [InlineData(421, false, false, true, false)]
    [InlineData(599, false, false, false, true)]
    public void Each_reply_is_of_one_class(int code, bool positive, bool intermediate, bool temporary, bool permanent)
    {
        var reply = new SmtpReply(code, null, "");

        Assert.Equal((positive, intermediate, temporary, permanent), (reply.IsPositive, reply.IsIntermediate, reply.IsTemporary, reply.IsPermanent));
    }

    private static string Wire(SmtpReply reply)
    {
        var output = new ArrayBufferWriter<byte>();
        reply.WriteTo(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
