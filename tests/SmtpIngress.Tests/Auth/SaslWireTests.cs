using System.Text;
using Relay.SmtpIngress.Auth;

namespace Relay.SmtpIngress.Tests.Auth;

public sealed class SaslWireTests
{
    [Theory]
    [InlineData("", "334 \r\n")]
    [InlineData("a", "334 YQ==\r\n")]
    [InlineData("Username:", "334 VXNlcm5hbWU6\r\n")]
    public void A_challenge_is_one_line(string challenge, string line) =>
        Assert.Equal(line, Encoding.ASCII.GetString(SaslWire.Challenge(Encoding.ASCII.GetBytes(challenge))));

    [Theory]
    [InlineData("", "Response", "")]
    [InlineData("YQ==", "Response", "a")]
    [InlineData("YWJj", "Response", "abc")]
    [InlineData("*", "Cancelled", "")]
    [InlineData("=", "Malformed", "")]
    [InlineData("**", "Malformed", "")]
    [InlineData("YQ=", "Malformed", "")]
    [InlineData("YQ", "Malformed", "")]
    [InlineData("YQ==YQ==", "Malformed", "")]
    [InlineData("Y=Q=", "Malformed", "")]
    [InlineData("YWJj YWJj", "Malformed", "")]
    [InlineData(" YWJj", "Malformed", "")]
    [InlineData("YWJj\t", "Malformed", "")]
    [InlineData("YWJ-", "Malformed", "")]
    [InlineData("YWJ\xe9", "Malformed", "")]
    [InlineData("YW\0j", "Malformed", "")]
    public void A_response_is_strict_base64_or_gives_up(string line, string kind, string response)
    {
        Assert.Equal(kind, SaslWire.Response(Encoding.Latin1.GetBytes(line), out var octets).ToString());
        Assert.Equal(response, Encoding.ASCII.GetString(octets));
    }

    [Theory]
    [InlineData("=", "Response", "")]
    [InlineData("YQ==", "Response", "a")]
    [InlineData("*", "Malformed", "")]
    [InlineData("==", "Malformed", "")]
    [InlineData("", "Malformed", "")]
    public void An_initial_response_says_by_an_equals_sign_that_it_is_empty(string argument, string kind, string response)
    {
        Assert.Equal(kind, SaslWire.Initial(Encoding.Latin1.GetBytes(argument), out var octets).ToString());
        Assert.Equal(response, Encoding.ASCII.GetString(octets));
    }

    [Fact]
    public void A_line_holds_12288_octets_with_its_end()
    {
        Assert.Equal(SaslLine.Response, SaslWire.Response(Encoding.ASCII.GetBytes(new string('A', 12_284)), out var octets));
        Assert.Equal(9213, octets.Length);
        Assert.Equal(SaslLine.Malformed, SaslWire.Response(Encoding.ASCII.GetBytes(new string('A', 12_288)), out _));
    }

    [Fact]
    public void What_is_sent_comes_back()
    {
        var random = new Random(4954);
        for (var length = 0; length < 300; length++)
        {
            var octets = new byte[length];
            random.NextBytes(octets);
            Assert.Equal(SaslLine.Response, SaslWire.Response(SaslWire.Challenge(octets).AsSpan()[4..^2], out var back));
            Assert.Equal(octets, back);
        }
    }
}
