using System.Text;
using Relay.Mail;

namespace Relay.Tests.Mail;

public sealed class MailboxTests
{
    [Theory]
    [InlineData("user@example.com")]
    [InlineData("a@b")]
    [InlineData("first.last+detail@sub.example.com")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@example.com")]
    [InlineData("user@xn--bcher-kva.example")]
    [InlineData("user@1.2.3.4")]
    [InlineData("user@[192.0.2.1]")]
    [InlineData("user@[IPv6:2001:db8::1]")]
    [InlineData("user@[IPv6:::ffff:192.0.2.1]")]
    [InlineData("user@under_score.example")]
    [InlineData("\"a b\"@example.com")]
    [InlineData("\"a@b\"@example.com")]
    [InlineData("\"\"@example.com")]
    [InlineData("\".\"@example.com")]
    [InlineData("\"a..b\"@example.com")]
    [InlineData("\"a\\\"b\\\\c\"@example.com")]
    [InlineData("jürgen@example.com")]
    [InlineData("user@bücher.example")]
    [InlineData("用户@例子.测试")]
    public void An_address_is_read_and_written_as_it_was(string text)
    {
        Assert.True(Mailbox.TryParse(text, out var mailbox));
        Assert.Equal(text, mailbox.ToString());
    }

    [Theory]
    [InlineData("\"simple\"@example.com", "simple@example.com")]
    [InlineData("\"\\s\\i\\m\\p\\l\\e\"@example.com", "simple@example.com")]
    [InlineData("\"a\\ b\"@example.com", "\"a b\"@example.com")]
    public void Quotes_and_escapes_that_mean_nothing_are_dropped(string text, string plain)
    {
        Assert.True(Mailbox.TryParse(text, out var mailbox));
        Assert.Equal(plain, mailbox.ToString());
        Assert.True(Mailbox.TryParse(plain, out var same));
        Assert.Equal(same, mailbox);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("user")]
    [InlineData("user@")]
    [InlineData("@example.com")]
    [InlineData(".user@example.com")]
    [InlineData("user.@example.com")]
    [InlineData("us..er@example.com")]
    [InlineData("us er@example.com")]
    [InlineData("user@exam ple.com")]
    [InlineData("user@example.com ")]
    [InlineData(" user@example.com")]
    [InlineData("user@@example.com")]
    [InlineData("user@example@com")]
    [InlineData("user@.example.com")]
    [InlineData("user@example.com.")]
    [InlineData("user@example..com")]
    [InlineData("user@-example.com")]
    [InlineData("user@example-.com")]
    [InlineData("user@exa(mple).com")]
    [InlineData("user(comment)@example.com")]
    [InlineData("<user@example.com>")]
    [InlineData("user@example.com>")]
    [InlineData("a,b@example.com")]
    [InlineData("\"open@example.com")]
    [InlineData("\"a\"b@example.com")]
    [InlineData("a\"b\"@example.com")]
    [InlineData("\"a\\\"@example.com")]
    [InlineData("\"a\\")]
    [InlineData("\"a\r\nRCPT TO:<b@example.com>\"@example.com")]
    [InlineData("\"tab\there\"@example.com")]
    [InlineData("\"a\\\r\"@example.com")]
    [InlineData("user\0@example.com")]
    [InlineData("user\u007f@example.com")]
    [InlineData("user\u0085@example.com")]
    [InlineData("\"\u009b31m\"@example.com")]
    [InlineData("user@example\u0085.com")]
    [InlineData("user@example\u3002com")]
    [InlineData("user@example\uff0ecom")]
    [InlineData("user@example\uff61com")]
    public void What_is_no_address_is_refused(string text) => Assert.False(Mailbox.TryParse(text, out _));

    [Theory]
    [InlineData("user@[]")]
    [InlineData("user@[192.0.2.1")]
    [InlineData("user@192.0.2.1]")]
    [InlineData("user@[192.0.2]")]
    [InlineData("user@[192.0.2.1.5]")]
    [InlineData("user@[192.0.2.256]")]
    [InlineData("user@[192.0.2.010]")]
    [InlineData("user@[0x7f.0.0.1]")]
    [InlineData("user@[192.0.2.1 ]")]
    [InlineData("user@[2130706433]")]
    [InlineData("user@[::1]")]
    [InlineData("user@[IPv6:]")]
    [InlineData("user@[IPv6:192.0.2.1]")]
    [InlineData("user@[IPv6:fe80::1%eth0]")]
    [InlineData("user@[IPv6:fe80::1%1]")]
    [InlineData("user@[IPv6:[::1]]")]
    [InlineData("user@[IPv6:[::1]:25]")]
    [InlineData("user@[IPv6:::1/64]")]
    [InlineData("user@[IPv6:::1]x")]
    [InlineData("user@[x-tag:whatever]")]
    public void An_address_literal_is_one_address_and_nothing_else(string text) => Assert.False(Mailbox.TryParse(text, out _));

    [Fact]
    public void Lengths_are_those_of_the_RFC_in_octets()
    {
        Assert.True(Mailbox.TryParse($"{new string('a', 255)}@example.com", out _));
        Assert.False(Mailbox.TryParse($"{new string('a', 256)}@example.com", out _));
        Assert.True(Mailbox.TryParse($"{new string('ü', 127)}@example.com", out _));
        Assert.False(Mailbox.TryParse($"{new string('ü', 128)}@example.com", out _));
        Assert.True(Mailbox.TryParse($"\"{new string(' ', 253)}\"@example.com", out _));
        Assert.False(Mailbox.TryParse($"\"{new string(' ', 254)}\"@example.com", out _));
        Assert.False(Mailbox.TryParse($"\"{new string(' ', 100_000)}\"@example.com", out _));

        Assert.True(Mailbox.TryParse($"a@{new string('a', 63)}.com", out _));
        Assert.False(Mailbox.TryParse($"a@{new string('a', 64)}.com", out _));
        var domain = string.Join('.', Enumerable.Repeat(new string('a', 63), 4));
        Assert.Equal(255, domain.Length);
        Assert.True(Mailbox.TryParse($"a@{domain}", out _));
        Assert.False(Mailbox.TryParse($"a@a.{domain}", out _));
    }

    [Theory]
    [InlineData(new byte[] { 0xc3, (byte)'@', (byte)'b' })]
    [InlineData(new byte[] { 0xff, (byte)'@', (byte)'b' })]
    [InlineData(new byte[] { (byte)'a', (byte)'@', 0xc0, 0xaf })]
    [InlineData(new byte[] { (byte)'"', 0xed, 0xa0, 0x80, (byte)'"', (byte)'@', (byte)'b' })]
    public void What_is_no_UTF8_is_refused(byte[] text) => Assert.False(Mailbox.TryParse(text, out _));

    [Fact]
    public void The_domain_is_compared_without_case_and_the_local_part_with_it()
    {
        var mailbox = new Mailbox("User", "Example.COM");

        Assert.Equal(mailbox, new Mailbox("User", "example.com"));
        Assert.Equal(mailbox.GetHashCode(), new Mailbox("User", "example.com").GetHashCode());
        Assert.NotEqual(mailbox, new Mailbox("user", "Example.COM"));
    }

    [Fact]
    public void Whatever_is_read_can_be_written_and_read_again()
    {
        var random = new Random(11);
        string[] parts = ["a", "b", "ü", ".", "@", "@", "\"", "\"", "\\", " ", "<", ",", "-", "\t", "[IPv6:::1]", "[192.0.2.1]", "c.d"];
        var read = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(2, 9)).Select(_ => parts[random.Next(parts.Length)]));
            if (Mailbox.TryParse(text, out var mailbox))
            {
                read++;
                Assert.DoesNotContain(mailbox.ToString(), c => char.IsControl(c));
                Assert.True(Mailbox.TryParse(mailbox.ToString(), out var again), mailbox.ToString());
                Assert.Equal(mailbox, again);
            }
        }

        Assert.True(read > 100, $"only {read} were addresses at all");
    }
}
