using System.Net;
using Relay.Checks;
using Relay.Dns;
using Relay.Options;
using Relay.Support;

namespace Relay.Tests.Checks.DnsLists;

/// <summary>What is looked up in lists, and what they come to. Over real DNS on loopback.</summary>
public sealed class DnsListsCheckTests : IAsyncDisposable
{
    private const string V6Name = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2";

    private readonly LoopbackDns dns = LoopbackDns.Start();

    public ValueTask DisposeAsync() => dns.DisposeAsync();

    [Fact]
    public async Task A_client_on_a_list_is_refused_with_the_list_and_its_words()
    {
        dns.A("7.2.0.192.bl.example", "127.0.0.2").Txt("7.2.0.192.bl.example", "See https://bl.example/why?192.0.2.7");
        using var harness = new DnsListsHarness(dns, List("bl.example"));

        var result = await harness.RunAsync("192.0.2.7");

        Assert.Equal((CheckAction.Reject, "dns-listed"), (result.Action, result.Reason));
        Assert.Equal("550 5.7.1 Listed by bl.example: See https://bl.example/why?192.0.2.7", result.Refusal?.ToString());
        Assert.Equal("bl.example listed: 192.0.2.7: 127.0.0.2 (See https://bl.example/why?192.0.2.7)", result.Detail);
        Assert.Equal(3, result.Lookups);
        Assert.Equal(["bl.example listed"], harness.Counted);
    }

    [Fact]
    public async Task A_client_of_IPv6_is_looked_up_by_its_nibbles()
    {
        dns.A($"{V6Name}.six.example", "127.0.0.2");
        using var harness = new DnsListsHarness(dns, List("six.example"));

        Assert.Equal("550 5.7.1 Listed by six.example", (await harness.RunAsync("2001:db8::1")).Refusal?.ToString());
        Assert.Equal(CheckAction.None, (await harness.RunAsync("2001:db8::2")).Action);
    }

    [Fact]
    public async Task A_client_on_no_list_asks_for_nothing()
    {
        dns.A("2.0.0.127.clean.example", "127.0.0.2");
        using var harness = new DnsListsHarness(dns, List("clean.example"));

        var result = await harness.RunAsync("192.0.2.7");

        Assert.Equal((CheckAction.None, null, null), (result.Action, result.Reason, result.Refusal));
        Assert.Equal(["clean.example clean"], harness.Counted);
        Assert.Empty(harness.Log.Lines);
    }

    [Theory]
    [InlineData(DnsListSubject.Helo, "helo.example.org")]
    [InlineData(DnsListSubject.Sender, "xn--bcher-kva.example.org")]
    [InlineData(DnsListSubject.ReverseDns, "rdns.example.org")]
    public async Task A_domain_list_is_asked_for_the_domain_that_it_is_of(DnsListSubject of, string domain)
    {
        dns.Ptr("192.0.2.7", "lies.example.org", "rdns.example.org").A("rdns.example.org", "192.0.2.7")
            .A($"{domain}.names.example", "127.0.1.2").A("lies.example.org.names.example", "127.0.1.9");
        using var harness = new DnsListsHarness(dns, List("names.example") with { Of = [of] });

        var result = await harness.RunAsync("192.0.2.7", "Helo.example.org", "a@bücher.example.org");

        Assert.Equal(CheckAction.Reject, result.Action);
        Assert.Equal($"names.example listed: {domain}: 127.0.1.2", result.Detail);
        Assert.Equal(0, dns.Questions("lies.example.org.names.example", "A"));
        Assert.Equal(0, dns.Questions("7.2.0.192.names.example", "A"));
    }

    [Fact]
    public async Task A_list_of_several_counts_once()
    {
        dns.A("7.2.0.192.once.example", "127.0.0.2").A("a.example.once.example", "127.0.0.2");
        using var harness = new DnsListsHarness(new DnsResolver(dns.Options, TimeProvider.System), TimeProvider.System, threshold: 2,
            List("once.example") with { Of = [DnsListSubject.Helo, DnsListSubject.Address] });

        Assert.Equal(CheckAction.Tag, (await harness.RunAsync("192.0.2.7", "a.example")).Action);
        Assert.Equal(["once.example listed"], harness.Counted);
    }

    [Theory]
    [InlineData(0, CheckAction.None)]
    [InlineData(1, CheckAction.Tag)]
    [InlineData(2, CheckAction.Tag)]
    [InlineData(3, CheckAction.Reject)]
    public async Task Weights_are_summed_until_they_are_enough(int lists, CheckAction action)
    {
        foreach (var number in Enumerable.Range(1, lists))
        {
            dns.A($"7.2.0.192.w{number}.example", "127.0.0.2");
        }

        using var harness = new DnsListsHarness(new DnsResolver(dns.Options, TimeProvider.System), TimeProvider.System, threshold: 4,
            List("w1.example"), List("w2.example") with { Weight = 2 }, List("w3.example"));

        var result = await harness.RunAsync("192.0.2.7");

        Assert.Equal(action, result.Action);
        Assert.Equal(action == CheckAction.Reject, result.Refusal is not null);
    }

    [Theory]
    [InlineData("127.0.0.4", CheckAction.Reject)]
    [InlineData("127.0.2.200", CheckAction.Reject)]
    [InlineData("127.0.0.2", CheckAction.None)]
    [InlineData("127.0.3.1", CheckAction.None)]
    public async Task Only_the_replies_that_are_configured_count(string reply, CheckAction action)
    {
        dns.A("7.2.0.192.replies.example", reply);
        using var harness = new DnsListsHarness(dns, List("replies.example") with
        {
            Replies = [IPNetwork.Parse("127.0.0.4/32"), IPNetwork.Parse("127.0.2.0/24")],
        });

        Assert.Equal(action, (await harness.RunAsync("192.0.2.7")).Action);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("169.254.1.1")]
    [InlineData("::1")]
    [InlineData("fd00::1")]
    [InlineData("fe80::1")]
    [InlineData(null)]
    public async Task Addresses_that_no_list_can_know_are_not_asked_for(string? address)
    {
        var table = new TableDns();
        using var harness = new DnsListsHarness(table, TimeProvider.System, 1,
            List("private.example") with { Of = Enum.GetValues<DnsListSubject>() });

        Assert.Equal(CheckAction.None, (await harness.RunAsync(address, "test", "")).Action);
        Assert.Empty(table.Questions);
        Assert.Empty(harness.Counted);
    }

    [Theory]
    [InlineData("[192.0.2.7]", "a@[192.0.2.7]")]
    [InlineData("192.0.2.7", "a@localhost")]
    [InlineData("a..b.example", "a@test")]
    [InlineData("\u0000\ud800.example", "")]
    public async Task What_is_no_domain_is_not_asked_for(string helo, string sender)
    {
        var table = new TableDns();
        using var harness = new DnsListsHarness(table, TimeProvider.System, 1,
            List("domains.example") with { Of = [DnsListSubject.Helo, DnsListSubject.Sender] });

        Assert.Equal(CheckAction.None, (await harness.RunAsync("192.0.2.7", helo, sender)).Action);
        Assert.Empty(table.Questions);
    }

    [Fact]
    public async Task Answers_are_asked_for_once_while_they_are_fresh_the_negative_ones_too()
    {
        dns.A("7.2.0.192.cached.example", "127.0.0.2").Txt("7.2.0.192.cached.example", "why").A("2.0.0.127.cached.example", "127.0.0.2");
        using var harness = new DnsListsHarness(dns, List("cached.example"));

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("Listed by cached.example: why", (await harness.RunAsync("192.0.2.7")).Refusal?.Text);
            Assert.Equal(CheckAction.None, (await harness.RunAsync("192.0.2.8")).Action);
        }

        Assert.Equal(1, dns.Questions("7.2.0.192.cached.example", "A"));
        Assert.Equal(1, dns.Questions("7.2.0.192.cached.example", "TXT"));
        Assert.Equal(1, dns.Questions("8.2.0.192.cached.example", "A"));
        Assert.Equal(1, dns.Questions("1.0.0.127.cached.example", "A"));
        Assert.Equal(1, dns.Questions("2.0.0.127.cached.example", "A"));
    }

    [Fact]
    public async Task A_list_with_a_book_for_words_is_told_short_and_in_one_printable_line()
    {
        dns.A("7.2.0.192.book.example", "127.0.0.2").Txt("7.2.0.192.book.example", "Über\r\n250 2.0.0 \u0007" + new string('x', 64_000));
        using var harness = new DnsListsHarness(dns, List("book.example"));

        var reply = (await harness.RunAsync("192.0.2.7")).Refusal!.ToString();

        Assert.StartsWith("550 5.7.1 Listed by book.example: ", reply);
        Assert.EndsWith("xxx", reply);
        Assert.True(reply.Length < 250, reply);
        Assert.DoesNotContain(reply, c => c is < ' ' or > '~');
    }

    [Fact]
    public async Task All_lists_are_asked_at_the_same_time()
    {
        var together = new MeetingDns(meetAt: 8);
        using var harness = new DnsListsHarness(together, TimeProvider.System, 1,
            [.. Enumerable.Range(0, 4).Select(i => List($"meet{i}.example") with { Of = [DnsListSubject.Address, DnsListSubject.Helo] })]);

        await harness.RunAsync("192.0.2.7", "a.example");

        Assert.Equal(8, together.MostAtOnce);
    }

    private static DnsListOptions List(string zone) => new() { Zone = zone };
}
