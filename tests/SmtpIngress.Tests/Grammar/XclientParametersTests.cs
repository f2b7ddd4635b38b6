using System.Net;
using System.Text;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress.Tests.Grammar;

public sealed class XclientParametersTests
{
    [Fact]
    public void All_attributes_in_one_command()
    {
        var read = Parse("NAME=client.example ADDR=192.0.2.1 PORT=1025 PROTO=ESMTP HELO=mail.example LOGIN=alice " +
            "DESTADDR=198.51.100.1 DESTPORT=25");

        Assert.Equal(
            XclientAttributes.Name | XclientAttributes.Address | XclientAttributes.Protocol | XclientAttributes.Helo |
            XclientAttributes.Login, read.Given);
        Assert.Equal(
            ("client.example", IPAddress.Parse("192.0.2.1"), "ESMTP", "mail.example", "alice"),
            (read.Name, read.Address, read.Protocol, read.Helo, read.Login));
    }

    [Fact]
    public void What_is_not_given_is_told_apart_from_what_is_not_known()
    {
        var read = Parse("NAME=[tempunavail] ADDR=[UNAVAILABLE]");

        Assert.Equal(XclientAttributes.Name | XclientAttributes.Address, read.Given);
        Assert.Equal((null, null), (read.Name, read.Address));
    }

    [Theory]
    [InlineData("ADDR=192.0.2.1", "192.0.2.1")]
    [InlineData("addr=192.0.2.1", "192.0.2.1")]
    [InlineData("  ADDR=192.0.2.1  ", "192.0.2.1")]
    [InlineData("ADDR=IPV6:2001:db8::1", "2001:db8::1")]
    [InlineData("ADDR=ipv6:2001:DB8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData("ADDR=IPV6:::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("ADDR=+3192.0.2.1", "192.0.2.1")] // any octet may be written as xtext
    public void An_address_is_read(string text, string address) => Assert.Equal(IPAddress.Parse(address), Parse(text).Address);

    [Theory]
    [InlineData("PROTO=esmtp", "ESMTP")]
    [InlineData("PROTO=SMTP", "SMTP")]
    public void A_protocol_is_read(string text, string protocol) => Assert.Equal(protocol, Parse(text).Protocol);

    [Theory]
    [InlineData("HELO=a+2Bb+3Dc", "a+b=c")]
    [InlineData("HELO=[192.0.2.1]", "[192.0.2.1]")]
    [InlineData("HELO=a+20b", "a b")]
    [InlineData("HELO=+C3+A9", "\u00e9")]
    public void A_value_is_xtext(string text, string value) => Assert.Equal(value, Parse(text).Helo);

    [Theory]
    [InlineData("PORT=[UNAVAILABLE]")]
    [InlineData("DESTADDR=IPV6:::1")]
    [InlineData("DESTPORT=0")]
    public void Some_attributes_are_read_and_dropped(string text) => Assert.Equal(XclientAttributes.None, Parse(text).Given);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("ADDR")]
    [InlineData("=")]
    [InlineData("=192.0.2.1")]
    [InlineData("ADDR=")]
    [InlineData("ADDRESS=192.0.2.1")]
    [InlineData("ADDR=192.0.2.1 ADDR=192.0.2.1")]
    [InlineData("NAME=a.example name=[UNAVAILABLE]")]
    [InlineData("ADDR=192.0.2.1 XYZ=1")]
    [InlineData("ADDR=192.0.2.01")]
    [InlineData("ADDR=192.0.2")]
    [InlineData("ADDR=2001:db8::1")]
    [InlineData("ADDR=IPV6:192.0.2.1")]
    [InlineData("ADDR=IPV6:")]
    [InlineData("ADDR=IPV6:fe80::1%eth0")]
    [InlineData("ADDR=IPV6:[::1]")]
    [InlineData("ADDR=client.example")]
    [InlineData("ADDR=[LOST]")]
    [InlineData("DESTADDR=here")]
    [InlineData("PORT=70000")]
    [InlineData("PORT=")]
    [InlineData("DESTPORT=-1")]
    [InlineData("PROTO=LMTP")]
    [InlineData("NAME=")]
    [InlineData("NAME=a+20b")]
    [InlineData("NAME=[192.0.2.1]")]
    [InlineData("HELO=")]
    [InlineData("HELO=a+0Db")]
    [InlineData("HELO=a+0Ab")]
    [InlineData("HELO=a+00b")]
    [InlineData("HELO=a+7Fb")]
    [InlineData("HELO=+FF")]
    [InlineData("HELO=a=b")]
    [InlineData("HELO=a+")]
    [InlineData("HELO=a+2")]
    [InlineData("HELO=a+2b")] // hex digits are upper case
    [InlineData("HELO=a+G0")]
    [InlineData("HELO=a\u0001")]
    [InlineData("HELO=\u00e9")]
    [InlineData("LOGIN=a+0Ab")]
    [InlineData("HELO=a\tLOGIN=b")]
    public void What_is_wrong_is_refused(string text) => Assert.False(TryParse(text, out _));

    [Fact]
    public void A_value_has_a_longest_length()
    {
        Assert.True(TryParse("HELO=" + new string('a', 255), out _));
        Assert.False(TryParse("HELO=" + new string('a', 256), out _));
        Assert.True(TryParse("HELO=" + string.Concat(Enumerable.Repeat("+41", 255)), out _));
    }

    [Fact]
    public void Whatever_comes_out_holds_no_line_end()
    {
        var random = new Random(1);
        string[] pieces = ["NAME", "addr", "PROTO", "HELO", "LOGIN", "=", "=", " ", "+", "+0D", "+0A", "+41", "[UNAVAILABLE]",
            "IPV6:", "::1", "192.0.2.1", "SMTP", "a.example", "\0", "\r", "\n"];
        var accepted = 0;
        for (var round = 0; round < 200_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (TryParse(text, out var read))
            {
                accepted++;
                Assert.DoesNotContain($"{read.Name}{read.Helo}{read.Login}", c => char.IsControl(c));
            }
        }

        Assert.True(accepted > 100);
    }

    private static XclientParameters Parse(string text)
    {
        Assert.True(TryParse(text, out var read));
        return read;
    }

    private static bool TryParse(string text, out XclientParameters read) =>
        XclientParameters.TryParse(Encoding.Latin1.GetBytes(text), out read);
}
