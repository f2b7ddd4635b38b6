using System.Text;
using Relay.Mail;
using Relay.Options;

namespace Relay.SmtpIngress.Tests;

public sealed class OwnDomainsTests
{
    private static readonly DomainOptions[] Configured =
    [
        new DomainOptions { Name = "all.example" },
        new DomainOptions { Name = "Some.example", Recipients = ["info", "user", "first+last", "odd%name", "\"a@b\"", "\"two words\""] },
        new DomainOptions { Name = "*.below.example", Recipients = ["wide"] },
        new DomainOptions { Name = "*.deep.below.example", Recipients = ["deep"] },
        new DomainOptions { Name = "exact.deep.below.example", Recipients = ["exact"] },
        new DomainOptions { Name = "b\u00fccher.example", Recipients = ["info"] },
        new DomainOptions { Name = "*.xn--bcher-kva.below", Recipients = ["info"] },
    ];

    private static readonly OwnDomains Domains = new(Configured);

    [Theory]
    [InlineData("anybody@all.example")]
    [InlineData("anybody@ALL.Example")]
    [InlineData("info@some.example")]
    [InlineData("INFO@some.example")]
    [InlineData("user+detail@some.example")]
    [InlineData("user+a+b@some.example")]
    [InlineData("User+@some.example")]
    [InlineData("first+last@some.example")]
    [InlineData("\"info\"@some.example")]
    [InlineData("\"two words\"@some.example")]
    [InlineData("wide@a.below.example")]
    [InlineData("wide@a.b.below.example")]
    [InlineData("wide@deep.below.example")]
    [InlineData("deep@a.deep.below.example")]
    [InlineData("exact@exact.deep.below.example")]
    [InlineData("info@b\u00fccher.example")]
    [InlineData("info@B\u00dcCHER.example")]
    [InlineData("info@xn--bcher-kva.example")]
    [InlineData("info@XN--BCHER-KVA.example")]
    [InlineData("info@www.b\u00fccher.below")]
    [InlineData("postmaster@some.example")]
    [InlineData("PostMaster@a.below.example")]
    [InlineData("postmaster+detail@some.example")]
    public void These_exist(string recipient) => Assert.Equal(DomainVerdict.Exists, Find(recipient));

    [Theory]
    [InlineData("nobody@some.example")]
    [InlineData("use@some.example")]
    [InlineData("+user@some.example")]
    [InlineData("first@some.example")]
    [InlineData("first+other@some.example")]
    [InlineData("*@some.example")]
    [InlineData("two@some.example")]
    [InlineData("wide@a.deep.below.example")]
    [InlineData("deep@deep.below.example")]
    [InlineData("wide@exact.deep.below.example")]
    [InlineData("deep@exact.deep.below.example")]
    public void These_are_ours_and_there_is_nobody(string recipient) => Assert.Equal(DomainVerdict.NoSuchRecipient, Find(recipient));

    [Theory]
    [InlineData("info@other.example")]
    [InlineData("info@example")]
    [InlineData("info@below.example")]
    [InlineData("info@notbelow.example")]
    [InlineData("info@a.all.example")]
    [InlineData("info@all.example.com")]
    [InlineData("info@xall.example")]
    [InlineData("info@[127.0.0.1]")]
    [InlineData("info@[IPv6:::1]")]
    [InlineData("postmaster@other.example")]
    public void These_are_not_ours(string recipient) => Assert.Equal(DomainVerdict.NotOurs, Find(recipient));

    [Theory]
    [InlineData("victim%other.example@all.example")]
    [InlineData("other.example!victim@all.example")]
    [InlineData("\"victim@other.example\"@all.example")]
    [InlineData("\"@other.example:victim\"@all.example")]
    [InlineData("info+victim%other.example@some.example")]
    [InlineData("info+other.example!victim@some.example")]
    [InlineData("\"info+victim@other.example\"@some.example")]
    [InlineData("other%name@some.example")]
    public void A_local_part_that_could_name_another_host_exists_only_when_it_is_listed(string recipient) =>
        Assert.Equal(DomainVerdict.NoSuchRecipient, Find(recipient));

    [Theory]
    [InlineData("odd%name@some.example")]
    [InlineData("ODD%NAME@some.example")]
    [InlineData("\"a@b\"@some.example")]
    public void Listed_it_does(string recipient) => Assert.Equal(DomainVerdict.Exists, Find(recipient));

    [Fact]
    public void Without_domains_nothing_is_ours() =>
        Assert.Equal(DomainVerdict.NotOurs, new OwnDomains([]).Find(new Mailbox("postmaster", "all.example")));

    [Fact]
    public void Of_two_spellings_of_one_domain_the_first_counts()
    {
        var domains = new OwnDomains(
        [
            new DomainOptions { Name = "b\u00fccher.example", Recipients = ["one"] },
            new DomainOptions { Name = "xn--bcher-kva.example", Recipients = ["two"] },
        ]);
        Assert.Equal(DomainVerdict.Exists, domains.Find(new Mailbox("one", "xn--bcher-kva.example")));
        Assert.Equal(DomainVerdict.NoSuchRecipient, domains.Find(new Mailbox("two", "xn--bcher-kva.example")));
    }

    [Fact]
    public void No_recipient_that_exists_by_the_star_can_name_another_host()
    {
        var random = new Random(1);
        string[] pieces = ["a", "b.c", "%", "!", "@", "+", "\\", "\"", " ", ":", "postmaster", "other.example", "\u00e9"];
        var existing = 0;
        for (var round = 0; round < 50_000; round++)
        {
            var local = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => pieces[random.Next(pieces.Length)]));
            var text = random.Next(2) == 0 ? $"{local}@all.example" : $"\"{local}\"@all.example";
            if (Mailbox.TryParse(Encoding.UTF8.GetBytes(text), out var recipient) && Domains.Find(recipient) == DomainVerdict.Exists)
            {
                existing++;
                Assert.Equal(-1, recipient.LocalPart.AsSpan().IndexOfAny("%!@"));
                Assert.Equal(1, recipient.ToString().Count(c => c == '@'));
            }
        }

        Assert.True(existing > 1000);
    }

    [Theory]
    [InlineData("alias@some.example", nameof(DomainVerdict.Exists))]
    [InlineData("Alias@SOME.example", nameof(DomainVerdict.Exists))]
    [InlineData("alias+detail@some.example", nameof(DomainVerdict.Exists))]
    [InlineData("odd%alias@some.example", nameof(DomainVerdict.Exists))]
    [InlineData("alias@b\u00fccher.example", nameof(DomainVerdict.Exists))]
    [InlineData("alias@XN--BCHER-KVA.example", nameof(DomainVerdict.Exists))]
    [InlineData("anybody@a.below.example", nameof(DomainVerdict.Exists))]
    [InlineData("any+body@a.below.example", nameof(DomainVerdict.Exists))]
    [InlineData("ali@some.example", nameof(DomainVerdict.NoSuchRecipient))]
    [InlineData("+alias@some.example", nameof(DomainVerdict.NoSuchRecipient))]
    [InlineData("detail@some.example", nameof(DomainVerdict.NoSuchRecipient))]
    [InlineData("detail+other@some.example", nameof(DomainVerdict.NoSuchRecipient))]
    [InlineData("anybody@b.below.example", nameof(DomainVerdict.NoSuchRecipient))]
    [InlineData("victim%other.example@a.below.example", nameof(DomainVerdict.NoSuchRecipient))]
    [InlineData("other.example!victim@a.below.example", nameof(DomainVerdict.NoSuchRecipient))]
    [InlineData("\"victim@other.example\"@a.below.example", nameof(DomainVerdict.NoSuchRecipient))]
    [InlineData("alias+victim%other.example@some.example", nameof(DomainVerdict.NoSuchRecipient))]
    [InlineData("alias@other.example", nameof(DomainVerdict.NotOurs))]
    [InlineData("anybody@other.example", nameof(DomainVerdict.NotOurs))]
    public void An_alias_in_a_domain_of_ours_exists_and_opens_no_other_domain(string recipient, string verdict)
    {
        string[] addresses =
        [
            "alias@some.example", "odd%alias@some.example", "detail+x@some.example", "alias@xn--bcher-kva.example", "@a.below.example",
            "alias@other.example", "@other.example",
        ];

        Assert.Equal(verdict, Find(recipient, new OwnDomains(Configured, addresses)).ToString());
    }

    private static DomainVerdict Find(string recipient) => Find(recipient, Domains);

    private static DomainVerdict Find(string recipient, OwnDomains domains)
    {
        Assert.True(Mailbox.TryParse(recipient, out var mailbox), recipient);
        return domains.Find(mailbox);
    }
}
