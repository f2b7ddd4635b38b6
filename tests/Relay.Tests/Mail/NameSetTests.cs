using Relay.Mail;

namespace Relay.Tests.Mail;

public sealed class NameSetTests
{
    private readonly NameSet names = new(
    [
        "example.com", "*.example.org", "*.sub.example.org", "User@Example.net", "\"o dd\"@example.net", "müller.example",
        "*.bücher.example", "info@müller.test",
    ]);

    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("EXAMPLE.com", "example.com")]
    [InlineData("a.example.com", null)]
    [InlineData("a.example.org", "*.example.org")]
    [InlineData("b.a.example.org", "*.example.org")]
    [InlineData("a.sub.example.org", "*.sub.example.org")]
    [InlineData("example.org", null)]
    [InlineData("notexample.org", null)]
    [InlineData("org", null)]
    [InlineData("MÜLLER.example", "xn--mller-kva.example")]
    [InlineData("xn--MLLER-kva.example", "xn--mller-kva.example")]
    [InlineData("www.bücher.example", "*.xn--bcher-kva.example")]
    [InlineData("[192.0.2.1]", null)]
    [InlineData("", null)]
    [InlineData("\u0000..\ud800", null)]
    public void A_domain_is_found_by_its_name_or_from_below_another(string domain, string? entry) =>
        Assert.Equal(entry, names.Find(domain));

    [Theory]
    [InlineData("user@example.net", "User@Example.net")]
    [InlineData("USER@EXAMPLE.NET", "User@Example.net")]
    [InlineData("\"user\"@example.net", "User@Example.net")]
    [InlineData("other@example.net", null)]
    [InlineData("user+tag@example.net", null)]
    [InlineData("\"O DD\"@example.net", "\"o dd\"@example.net")]
    [InlineData("anybody@example.com", "example.com")]
    [InlineData("anybody@x.example.org", "*.example.org")]
    [InlineData("info@xn--mller-kva.test", "info@xn--mller-kva.test")]
    [InlineData("user@[192.0.2.1]", null)]
    public void A_mailbox_is_found_by_itself_or_by_its_domain(string mailbox, string? entry)
    {
        Assert.True(Mailbox.TryParse(mailbox, out var parsed));
        Assert.Equal(entry, names.Find(parsed));
    }

    [Fact]
    public void The_null_reverse_path_has_an_entry_of_its_own()
    {
        Assert.Equal("<>", new NameSet(["<>"]).Find(ReversePath.Null));
        Assert.Null(names.Find(ReversePath.Null));
        Assert.Null(new NameSet(["<>"]).Find(new ReversePath(new Mailbox("<>", "example.com"))));
    }

    [Fact]
    public void Everyone_is_everyone_but_what_is_not_known()
    {
        var everyone = new NameSet(["*"]);

        Assert.Equal("*", everyone.Find(ReversePath.Null));
        Assert.Equal("*", everyone.Find(new Mailbox("a", "example.com")));
        Assert.Null(everyone.Find((ReversePath?)null));
        Assert.Null(everyone.Find((string?)null));
    }

    [Fact]
    public void The_longest_name_of_the_most_labels_is_looked_up_among_100_000_entries()
    {
        var many = new NameSet(Enumerable.Range(0, 100_000).Select(i => $"*.d{i}.example").Append("*.a"));
        var longest = string.Join('.', Enumerable.Repeat("a", 127));

        Assert.Equal("*.d99999.example", many.Find("x.d99999.example"));
        Assert.Equal("*.a", many.Find(longest));
        Assert.Null(many.Find(longest[..^1] + "b"));
    }
}
