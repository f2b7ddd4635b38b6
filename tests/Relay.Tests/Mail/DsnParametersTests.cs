using System.Text;
using Relay.Mail;

namespace Relay.Tests.Mail;

/// <summary>RFC 3461 §4 and RFC 6533 §3: what a client may say, and what is said on.</summary>
public sealed class DsnParametersTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("QQ314159", "QQ314159")]
    [InlineData("a+2Bb+3Dc+20d", "a+b=c d")]
    [InlineData("a;b<c>\"d\\", "a;b<c>\"d\\")]
    public void Xtext_is_decoded_and_encoded(string encoded, string decoded)
    {
        Assert.True(Xtext.TryDecode(Encoding.ASCII.GetBytes(encoded), out var text));

        Assert.Equal(decoded, text);
        Assert.Equal(encoded, Xtext.Encode(text));
    }

    [Theory]
    [InlineData("a=b")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    [InlineData("+")]
    [InlineData("+2")]
    [InlineData("a+2b")]
    [InlineData("+ZZ")]
    [InlineData("+0D+0A")]
    [InlineData("+00")]
    [InlineData("+7F")]
    [InlineData("+C3+BC")]
    [InlineData("ü")]
    public void What_is_no_xtext_or_not_printable_is_refused(string text) =>
        Assert.False(Xtext.TryDecode(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Xtext_is_bounded_and_so_are_the_parameters()
    {
        static byte[] Octets(int count, string before = "") => Encoding.ASCII.GetBytes(before + new string('x', count - before.Length));

        Assert.True(Xtext.TryDecode(Octets(500), out _));
        Assert.False(Xtext.TryDecode(Octets(501), out _));
        Assert.True(DsnParameters.TryEnvelopeId(Octets(100), out _));
        Assert.False(DsnParameters.TryEnvelopeId(Octets(101), out _));
        Assert.True(OriginalRecipient.TryParse(Octets(500, "rfc822;"), out _));
        Assert.False(OriginalRecipient.TryParse(Octets(501, "rfc822;"), out _));
        Assert.False(OriginalRecipient.TryParse(Octets(501, "utf-8;"), out _));
    }

    [Fact]
    public void No_text_can_end_the_command() =>
        Assert.Equal("a+0D+0ARCPT+20+C3+BC", Xtext.Encode("a\r\nRCPT ü"));

    [Theory]
    [InlineData("NEVER", DsnNotify.Never, "NEVER")]
    [InlineData("never", DsnNotify.Never, "NEVER")]
    [InlineData("Success", DsnNotify.Success, "SUCCESS")]
    [InlineData("DELAY,FAILURE,SUCCESS", DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay, "SUCCESS,FAILURE,DELAY")]
    public void NOTIFY_is_read_and_written(string value, DsnNotify notify, string written)
    {
        Assert.True(DsnParameters.TryNotify(Encoding.ASCII.GetBytes(value), out var read));

        Assert.Equal(notify, read);
        Assert.Equal(written, read.Encode());
    }

    [Theory]
    [InlineData("")]
    [InlineData("NONE")]
    [InlineData("NEVER,FAILURE")]
    [InlineData("FAILURE,NEVER")]
    [InlineData("FAILURE,FAILURE")]
    [InlineData("FAILURE,")]
    [InlineData("FAILURE SUCCESS")]
    public void What_is_no_NOTIFY_is_refused(string value) =>
        Assert.False(DsnParameters.TryNotify(Encoding.ASCII.GetBytes(value), out _));

    [Theory]
    [InlineData(DsnNotify.None, true, false)]
    [InlineData(DsnNotify.Never, false, false)]
    [InlineData(DsnNotify.Delay, false, false)]
    [InlineData(DsnNotify.Failure | DsnNotify.Delay, true, false)]
    [InlineData(DsnNotify.Success, false, true)]
    public void NOTIFY_decides_what_is_reported(DsnNotify notify, bool failure, bool success) =>
        Assert.Equal((failure, success), (notify.OfFailure(), notify.OfSuccess()));

    [Theory]
    [InlineData("full", DsnReturn.Full, "FULL")]
    [InlineData("HDRS", DsnReturn.Headers, "HDRS")]
    public void RET_is_read_and_written(string value, DsnReturn expected, string written)
    {
        Assert.True(DsnParameters.TryReturn(Encoding.ASCII.GetBytes(value), out var read));

        Assert.Equal(expected, read);
        Assert.Equal(written, read.Encode());
        Assert.False(DsnParameters.TryReturn("BODY"u8, out _));
        Assert.False(DsnParameters.TryReturn(""u8, out _));
    }

    [Theory]
    [InlineData("rfc822;Bob+2Bx@Example.COM", "rfc822", "Bob+x@Example.COM", null)]
    [InlineData("RFC822;", "RFC822", "", null)]
    [InlineData("x400;/c=us", null, null, null)]
    [InlineData("x400;/c+3Dus", "x400", "/c=us", null)]
    [InlineData("utf-8;j\\x{FC}rgen@example.com", "utf-8", "jürgen@example.com", null)]
    [InlineData("UTF-8;jürgen@example.com", "UTF-8", "jürgen@example.com", "UTF-8;j\\x{FC}rgen@example.com")]
    [InlineData("utf-8;a\\x{2B}\\x{5C}\\x{20}\\x{1F600}b", "utf-8", "a+\\ \U0001F600b", null)]
    [InlineData("utf-8;", null, null, null)]
    [InlineData("utf-8;a+2Bb", null, null, null)]
    [InlineData("utf-8;a\\x{D}", null, null, null)]
    [InlineData("utf-8;a\\x{0D}\\x{0A}b", null, null, null)]
    [InlineData("utf-8;a\\x{D800}", null, null, null)]
    [InlineData("utf-8;a\\x{fc}", null, null, null)]
    [InlineData("utf-8;a\\x{FC", null, null, null)]
    [InlineData("utf-8;a\\x{110000}", null, null, null)]
    [InlineData("utf-8;a\\x{00000041}", null, null, null)]
    [InlineData("utf-8;a\u0085b", null, null, null)]
    [InlineData("rfc822;jürgen@example.com", null, null, null)]
    [InlineData("rfc822", null, null, null)]
    [InlineData(";a@example.com", null, null, null)]
    [InlineData("rfc 822;a@example.com", null, null, null)]
    [InlineData("rfc822\r\nX;a@example.com", null, null, null)]
    public void ORCPT_is_read_and_written(string value, string? type, string? address, string? written)
    {
        Assert.Equal(type is not null, OriginalRecipient.TryParse(Encoding.UTF8.GetBytes(value), out var read));

        Assert.Equal(type is null ? null : new OriginalRecipient(type, address!), read);
        Assert.Equal(type is null ? null : written ?? value, read?.Encode());
    }
}
