using Relay.Options;

namespace Relay.Tests.Options;

public sealed class ValueKindTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("250ms", 250)]
    [InlineData("30S", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("00:00:01", 1000)]
    [InlineData("1.00:00:00", 86_400_000)]
    public void Durations_that_are_taken(string text, double milliseconds)
    {
        Assert.True(Quantities.TryDuration(text, out var value));
        Assert.Equal(milliseconds, value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("1.5h")]
    [InlineData("5 m")]
    [InlineData("5w")]
    [InlineData("99999999999999999999d")]
    [InlineData("9223372036854775807d")]
    [InlineData("25:00:00")]
    public void Durations_that_are_refused(string text) => Assert.False(Quantities.TryDuration(text, out _));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("65536", 65536)]
    [InlineData("64KB", 65536)]
    [InlineData("50 mb", 52428800)]
    [InlineData("1GB", 1073741824)]
    [InlineData("7B", 7)]
    public void Sizes_that_are_taken(string text, long octets)
    {
        Assert.True(ValueKinds.Size(0, long.MaxValue).Parse(text, out var value));
        Assert.Equal(octets, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("-1")]
    [InlineData("1.5MB")]
    [InlineData("1TB")]
    [InlineData("0x10")]
    [InlineData("9223372036854775807GB")]
    [InlineData("99999999999999999999")]
    public void Sizes_that_are_refused(string text) => Assert.False(ValueKinds.Size(0, long.MaxValue).Parse(text, out _));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::1:25")]
    [InlineData("[::1]")]
    [InlineData("[127.0.0.1]:25")]
    [InlineData("[::1]x:25")]
    [InlineData("[]:25")]
    [InlineData("[::1:25")]
    [InlineData("1:25")]
    [InlineData("localhost:25")]
    [InlineData("*:25")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:+25")]
    [InlineData("127.0.0.1:25:26")]
    [InlineData("127.0.0.1:")]
    [InlineData(":25")]
    public void Listeners_that_are_refused(string text) => Assert.False(ValueKinds.Listener.Parse(text, out _));

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10/8")]
    [InlineData("10.0.0.0/")]
    [InlineData("2001:db8::/129")]
    [InlineData("example.com")]
    [InlineData("1")]
    [InlineData("")]
    public void Networks_that_are_refused(string text) => Assert.False(ValueKinds.Network.Parse(text, out _));

    [Theory]
    [InlineData("smtp.example.com:0")]
    [InlineData("2001:db8::25")]
    [InlineData("-x.example.com")]
    [InlineData("smtp example.com")]
    [InlineData("smtp.example.com:smtp")]
    [InlineData("[smtp.example.com]:25")]
    [InlineData("")]
    public void Hosts_that_are_refused(string text) => Assert.False(ValueKinds.Host.Parse(text, out _));

    [Theory]
    [InlineData("*")]
    [InlineData("example.com")]
    [InlineData("*.example.com")]
    [InlineData("user@example.com")]
    [InlineData("\"odd user\"@example.com")]
    [InlineData("user@[192.0.2.1]")]
    [InlineData("bücher.example")]
    public void Recipient_patterns_that_are_taken(string text) => Assert.True(ValueKinds.RecipientPattern.Parse(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("**")]
    [InlineData("*example.com")]
    [InlineData("*.*.example.com")]
    [InlineData("*@example.com")]
    [InlineData("@example.com")]
    [InlineData("user@")]
    [InlineData("*.")]
    public void Recipient_patterns_that_are_refused(string text) => Assert.False(ValueKinds.RecipientPattern.Parse(text, out _));

    [Theory]
    [InlineData("1.01")]
    [InlineData("-0.1")]
    [InlineData("NaN")]
    [InlineData("0,2")]
    [InlineData("1e-1")]
    public void Fractions_that_are_refused(string text) => Assert.False(ValueKinds.Fraction(0, 1).Parse(text, out _));

    [Theory]
    [InlineData("1")]
    [InlineData("mx,smarthost")]
    [InlineData("")]
    public void A_choice_is_a_word_and_never_a_number(string text) =>
        Assert.False(Settings.RouteKind.Kind.Parse(text, out _));
}
