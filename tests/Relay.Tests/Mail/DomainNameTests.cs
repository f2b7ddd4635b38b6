using Relay.Mail;

namespace Relay.Tests.Mail;

public sealed class DomainNameTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("Example.COM.", "Example.COM")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("BÜCHER.example", "xn--bcher-kva.example")]
    [InlineData("例子.测试", "xn--fsqu00a.xn--0zwm56d")]
    [InlineData("straße.example", "xn--strae-oqa.example")]
    [InlineData("_dmarc.example.com", "_dmarc.example.com")]
    public void A_name_has_one_form_in_ASCII(string name, string ascii)
    {
        Assert.True(DomainName.TryToAscii(name, out var converted));
        Assert.Equal(ascii, converted);
    }

    [Fact]
    public void A_space_may_stand_in_a_name_that_only_DNS_sees() => Assert.True(DomainName.TryToAscii("a b.example", out _, mayHaveSpaces: true));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a..b")]
    [InlineData("ü..b")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    public void What_is_no_name_has_none(string name) => Assert.False(DomainName.TryToAscii(name, out _));

    [Fact]
    public void Lengths_are_those_of_DNS()
    {
        Assert.True(DomainName.TryToAscii(new string('a', 63), out _));
        Assert.False(DomainName.TryToAscii(new string('a', 64), out _));
        Assert.False(DomainName.TryToAscii(new string('ü', 63), out _));
        Assert.True(DomainName.TryToAscii(string.Join('.', Enumerable.Repeat("a", 127)), out _));
        Assert.False(DomainName.TryToAscii(string.Join('.', Enumerable.Repeat("a", 128)), out _));
        Assert.False(DomainName.TryToAscii(new string('ü', 1_000_000), out _));
    }
}
