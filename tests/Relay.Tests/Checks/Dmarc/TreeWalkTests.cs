using Relay.Checks.Dmarc;
using Relay.Dns;
using Relay.Support;

namespace Relay.Tests.Checks.Dmarc;

/// <summary>The walk of RFC 9989 §4.10 over real DNS: which questions it asks, and what it finds.</summary>
public sealed class TreeWalkTests : IAsyncLifetime
{
    private readonly LoopbackDns dns = LoopbackDns.Start();
    private readonly DmarcQuestions questions;

    public TreeWalkTests() => questions = new DmarcQuestions(new DnsResolver(dns.Options, TimeProvider.System));

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => dns.DisposeAsync();

    [Fact]
    public async Task A_long_name_is_asked_for_eight_times_at_most()
    {
        await WalkAsync("a.b.c.d.e.f.g.h.i.j.mail.example.test");

        string[] asked =
        [
            "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.test", "_dmarc.g.h.i.j.mail.example.test", "_dmarc.h.i.j.mail.example.test",
            "_dmarc.i.j.mail.example.test", "_dmarc.j.mail.example.test", "_dmarc.mail.example.test", "_dmarc.example.test", "_dmarc.test",
        ];
        Assert.All(asked, name => Assert.Equal(1, dns.Questions(name, "TXT")));
        Assert.Equal(asked.Length, questions.Lookups);
    }

    [Fact]
    public void A_name_of_a_hundred_labels_is_asked_for_eight_times_too() =>
        Assert.Equal(8, DmarcQuestions.Targets(string.Join('.', Enumerable.Repeat("a", 126))).Count());

    [Theory]
    [InlineData("test", 1)]
    [InlineData("example.test", 2)]
    [InlineData("g.f.e.d.c.example.test", 7)]
    [InlineData("h.g.f.e.d.c.example.test", 8)]
    [InlineData("i.h.g.f.e.d.c.example.test", 8)]
    public void Every_label_is_asked_for_up_to_eight(string domain, int questions) =>
        Assert.Equal(questions, DmarcQuestions.Targets(domain).Count());

    [Fact]
    public async Task The_shortest_name_with_a_record_is_the_organizational_domain()
    {
        dns.Txt("_dmarc.mail.example.test", "v=DMARC1; p=none").Txt("_dmarc.example.test", "v=DMARC1; p=reject");

        var walk = await WalkAsync("a.mail.example.test");

        Assert.Equal("example.test", walk.OrganizationalDomain);
        Assert.Equal("example.test", walk.Policy?.Domain);
    }

    [Fact]
    public async Task The_record_of_the_author_itself_holds_for_it()
    {
        dns.Txt("_dmarc.mail.example.test", "v=DMARC1; p=none").Txt("_dmarc.example.test", "v=DMARC1; p=reject");

        var walk = await WalkAsync("mail.example.test");

        Assert.Equal("example.test", walk.OrganizationalDomain);
        Assert.Equal("mail.example.test", walk.Policy?.Domain);
    }

    [Fact]
    public async Task What_says_that_it_is_no_public_suffix_ends_the_walk()
    {
        dns.Txt("_dmarc.mail.example.test", "v=DMARC1; p=none; psd=n").Txt("_dmarc.example.test", "v=DMARC1; p=reject");

        var walk = await WalkAsync("a.mail.example.test");

        Assert.Equal("mail.example.test", walk.OrganizationalDomain);
        Assert.Equal(0, dns.Questions("_dmarc.example.test", "TXT"));
    }

    [Fact]
    public async Task The_name_below_a_public_suffix_is_the_organizational_domain()
    {
        dns.Txt("_dmarc.bank.test", "v=DMARC1; p=reject; psd=y");

        var walk = await WalkAsync("a.mail.giant.bank.test");

        Assert.Equal("giant.bank.test", walk.OrganizationalDomain);
        Assert.Equal("bank.test", walk.Policy?.Domain);
        Assert.Equal(0, dns.Questions("_dmarc.test", "TXT"));
    }

    [Fact]
    public async Task Below_a_public_suffix_the_record_of_the_organizational_domain_comes_first()
    {
        dns.Txt("_dmarc.bank.test", "v=DMARC1; p=reject; psd=y").Txt("_dmarc.giant.bank.test", "v=DMARC1; p=none");

        Assert.Equal("giant.bank.test", (await WalkAsync("mail.giant.bank.test")).Policy?.Domain);
    }

    [Fact]
    public async Task A_public_suffix_that_writes_itself_is_its_own_organizational_domain()
    {
        dns.Txt("_dmarc.bank.test", "v=DMARC1; p=reject; psd=y");

        var walk = await WalkAsync("bank.test");

        Assert.Equal("bank.test", walk.OrganizationalDomain);
        Assert.Equal("bank.test", walk.Policy?.Domain);
    }

    [Fact]
    public async Task Of_several_records_at_a_name_none_counts()
    {
        dns.Txt("_dmarc.mail.example.test", "v=DMARC1; p=none").Txt("_dmarc.mail.example.test", "v=DMARC1; p=reject")
            .Txt("_dmarc.example.test", "v=DMARC1; p=quarantine").Txt("_dmarc.example.test", "something else");

        Assert.Equal("example.test", (await WalkAsync("mail.example.test")).Policy?.Domain);
    }

    [Fact]
    public async Task Without_any_record_the_name_itself_is_the_organizational_domain()
    {
        var walk = await WalkAsync("mail.example.test");

        Assert.Equal("mail.example.test", walk.OrganizationalDomain);
        Assert.Null(walk.Policy);
        Assert.Null(walk.Failure);
    }

    [Fact]
    public async Task A_question_without_answer_breaks_the_walk_off()
    {
        dns.ServFail("_dmarc.example.test", "TXT");

        Assert.NotNull((await WalkAsync("mail.example.test")).Failure);
        Assert.Equal(0, dns.Questions("_dmarc.test", "TXT"));
    }

    [Fact]
    public async Task Two_walks_ask_for_the_same_name_once()
    {
        await WalkAsync("a.example.test");
        await WalkAsync("b.example.test");

        Assert.Equal(4, questions.Lookups);
        Assert.Equal(1, dns.Questions("_dmarc.example.test", "TXT"));
    }

    [Fact]
    public async Task A_domain_exists_unless_dns_says_that_it_does_not()
    {
        dns.A("there.example.test", "192.0.2.1").ServFail("silent.example.test", "TXT");

        Assert.True(await ExistsAsync("there.example.test"));
        Assert.False(await ExistsAsync("gone.example.test"));
        Assert.Null(await ExistsAsync("silent.example.test"));
    }

    private ValueTask<TreeWalk> WalkAsync(string domain) => questions.WalkAsync(domain, TestContext.Current.CancellationToken);

    private ValueTask<bool?> ExistsAsync(string domain) => questions.ExistsAsync(domain, TestContext.Current.CancellationToken);
}
