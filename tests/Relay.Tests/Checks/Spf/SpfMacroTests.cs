using System.Net;
using Relay.Checks.Spf;

namespace Relay.Tests.Checks.Spf;

public sealed class SpfMacroTests
{
    /// <summary>The examples of RFC 7208 §7.4; nibbles come in upper case, which is the same name.</summary>
    [Theory]
    [InlineData("%{s}", "strong-bad@email.example.com")]
    [InlineData("%{o}", "email.example.com")]
    [InlineData("%{d}", "email.example.com")]
    [InlineData("%{d4}", "email.example.com")]
    [InlineData("%{d3}", "email.example.com")]
    [InlineData("%{d2}", "example.com")]
    [InlineData("%{d1}", "com")]
    [InlineData("%{dr}", "com.example.email")]
    [InlineData("%{d2r}", "example.email")]
    [InlineData("%{l}", "strong-bad")]
    [InlineData("%{l-}", "strong.bad")]
    [InlineData("%{lr}", "strong-bad")]
    [InlineData("%{lr-}", "bad.strong")]
    [InlineData("%{l1r-}", "strong")]
    [InlineData("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com")]
    [InlineData("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com")]
    [InlineData("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com")]
    [InlineData("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com")]
    [InlineData("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net")]
    public void The_examples_of_the_RFC_come_out(string macros, string expected) =>
        Assert.Equal(expected, Expand(macros));

    [Fact]
    public void IPv6_is_its_nibbles() => Assert.Equal(
        "1.0.B.C." + string.Concat(Enumerable.Repeat("0.", 20)) + "8.B.D.0.1.0.0.2.ip6._spf.example.com",
        Expand("%{ir}.%{v}._spf.%{d2}", client: "2001:db8::cb01"));

    [Theory]
    [InlineData("%%%_%-", "% %20")]
    [InlineData("%{c} %{r} %{t} %{h} %{p}", "192.0.2.3 mx.receiver.example 1000000000 helo.example unknown")]
    [InlineData("%{S}", "strong-bad%40email.example.com")]
    [InlineData("%{d127}%{d999999999999999999999}", "email.example.comemail.example.com")]
    [InlineData("%{DR}", "com.example.email")]
    [InlineData("%{l.-+,/_=}", "strong.bad")]
    public void Other_macros_come_out(string macros, string expected) => Assert.Equal(expected, Expand(macros));

    [Theory]
    [InlineData("%")]
    [InlineData("%{")]
    [InlineData("%{}")]
    [InlineData("%{d")]
    [InlineData("%{x}")]
    [InlineData("%{d0}")]
    [InlineData("%{d00}")]
    [InlineData("%{drr}")]
    [InlineData("%{d-2}")]
    [InlineData("%{d!}")]
    [InlineData("%{d }")]
    [InlineData("%a")]
    [InlineData("%(d)")]
    [InlineData("a\u0007")]
    [InlineData("\u00e4")]
    public void What_is_no_macro_is_a_fault(string text) => Assert.False(MacroString.TryParse(text, MacroPlace.Explanation, out _));

    [Theory]
    [InlineData("%{c}.example.com", false)]
    [InlineData("%{R}.example.com", false)]
    [InlineData("%{t}.example.com", false)]
    [InlineData("a b.example.com", false)]
    [InlineData("example.1-1", true)]
    [InlineData("example.com.", true)]
    [InlineData("example.com..", false)]
    [InlineData("%{d}com", false)]
    [InlineData("%{d}.com", true)]
    [InlineData(".com", true)]
    [InlineData("com.%{d}", true)]
    [InlineData("com%%", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    public void A_domain_ends_in_a_label_that_is_no_number_or_in_a_macro(string text, bool isGood) =>
        Assert.Equal(isGood, MacroString.TryParse(text, MacroPlace.DomainSpec, out _));

    private static string Expand(string text, string client = "192.0.2.3")
    {
        Assert.True(MacroString.TryParse(text, MacroPlace.Explanation, out var macros));
        var identity = SpfIdentity.MailFrom(IPAddress.Parse(client), "helo.example", "strong-bad@email.example.com");
        return MacroExpander.Expand(macros, new MacroValues(
            identity, "email.example.com", null, "mx.receiver.example", DateTimeOffset.FromUnixTimeSeconds(1_000_000_000)))!;
    }
}
