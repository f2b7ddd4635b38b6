using System.Net;
using DnsClient;
using Microsoft.Extensions.Time.Testing;
using Relay.Dns;
using Relay.Options;
using Relay.Support;

namespace Relay.Tests.Dns;

/// <summary>Over real DNS on loopback.</summary>
public sealed class DnsResolverTests
{
    [Fact]
    public async Task MX_records_come_with_their_preference_and_without_the_last_dot()
    {
        await using var dns = LoopbackDns.Start().Mx("example.com", 20, "b.example.com").Mx("example.com", 10, "a.example.com");

        var answer = await Resolver(dns).MxAsync("example.com", default);

        Assert.Equal(DnsStatus.Found, answer.Status);
        Assert.Equal([new(10, "a.example.com"), new(20, "b.example.com")], answer.Records.OrderBy(r => r.Preference));
    }

    [Fact]
    public async Task A_null_MX_is_an_empty_exchange()
    {
        await using var dns = LoopbackDns.Start().Mx("example.com", 0, ".");

        Assert.Equal([new MxRecord(0, "")], (await Resolver(dns).MxAsync("example.com", default)).Records);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_not_a_name_without_records()
    {
        await using var dns = LoopbackDns.Start().Txt("text.example", "hello");
        var resolver = Resolver(dns);

        Assert.Equal(DnsStatus.NoRecords, (await resolver.MxAsync("text.example", default)).Status);
        Assert.Equal(DnsStatus.NoSuchName, (await resolver.MxAsync("none.example", default)).Status);
        Assert.Equal(DnsStatus.NoRecords, (await resolver.AddressesAsync("text.example", default)).Status);
        Assert.Equal(DnsStatus.NoSuchName, (await resolver.AddressesAsync("none.example", default)).Status);
    }

    [Theory]
    [InlineData("servfail.example")]
    [InlineData("refused.example")]
    public async Task A_server_that_will_not_say_is_temporary(string name)
    {
        await using var dns = LoopbackDns.Start().ServFail("servfail.example", "MX").Refused("refused.example", "MX");

        var answer = await Resolver(dns).MxAsync(name, default);

        Assert.Equal(DnsStatus.Temporary, answer.Status);
        Assert.Empty(answer.Records);
        Assert.Contains(name, answer.Detail);
    }

    [Fact]
    public async Task A_server_that_is_silent_is_temporary()
    {
        await using var dns = LoopbackDns.Start().Silent("example.com", "MX");
        // DnsClient waits by the clock of the machine: the shortest time makes the shortest test, and none is too short.
        var resolver = new DnsResolver(dns.Options with { Timeout = TimeSpan.FromMilliseconds(50) }, TimeProvider.System);

        Assert.Equal(DnsStatus.Temporary, (await resolver.MxAsync("example.com", default)).Status);
    }

    [Fact]
    public async Task A_question_is_given_up_when_cancelled()
    {
        await using var dns = LoopbackDns.Start().Silent("example.com", "MX");
        using var cancel = new CancellationTokenSource();

        var asked = Resolver(dns).MxAsync("example.com", cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_temporary()
    {
        var dns = LoopbackDns.Start();
        await dns.DisposeAsync();

        var resolver = new DnsResolver(dns.Options with { Timeout = TimeSpan.FromMilliseconds(50) }, TimeProvider.System);

        Assert.Equal(DnsStatus.Temporary, (await resolver.AddressesAsync("example.com", default)).Status);
    }

    [Fact]
    public async Task The_second_server_is_asked_when_the_first_fails()
    {
        await using var lame = LoopbackDns.Start().ServFail("example.com", "MX");
        await using var good = LoopbackDns.Start().Mx("example.com", 10, "a.example.com");

        for (var i = 0; i < 4; i++)
        {
            var resolver = new DnsResolver(new DnsOptions { Servers = [lame.EndPoint, good.EndPoint] }, TimeProvider.System);
            Assert.Equal(DnsStatus.Found, (await resolver.MxAsync("example.com", default)).Status);
        }
    }

    [Fact]
    public async Task Addresses_of_both_families_are_found()
    {
        await using var dns = LoopbackDns.Start().A("a.example", "192.0.2.1", "192.0.2.2").Aaaa("a.example", "2001:db8::1");

        var answer = await Resolver(dns).AddressesAsync("a.example", default);

        Assert.Equal(["192.0.2.1", "192.0.2.2", "2001:db8::1"], answer.Records.Select(a => a.ToString()).Order());
    }

    [Theory]
    [InlineData("AAAA", "192.0.2.1")]
    [InlineData("A", "2001:db8::1")]
    public async Task One_lame_half_does_not_spoil_the_other(string lame, string address)
    {
        await using var dns = LoopbackDns.Start().ServFail("a.example", lame);
        _ = lame == "A" ? dns.Aaaa("a.example", address) : dns.A("a.example", address);

        var answer = await Resolver(dns).AddressesAsync("a.example", default);

        Assert.Equal((DnsStatus.Found, address), (answer.Status, Assert.Single(answer.Records).ToString()));
    }

    [Theory]
    [InlineData("A")]
    [InlineData("AAAA")]
    public async Task One_lame_half_and_nothing_in_the_other_is_temporary(string lame)
    {
        await using var dns = LoopbackDns.Start().Txt("a.example", "it exists").ServFail("a.example", lame);

        Assert.Equal(DnsStatus.Temporary, (await Resolver(dns).AddressesAsync("a.example", default)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Aliases_are_followed_by_the_server_or_by_us(bool byServer)
    {
        await using var dns = LoopbackDns.Start()
            .Cname("a.example", "b.example").Cname("b.example", "c.example").A("c.example", "192.0.2.1").Mx("c.example", 10, "mx.example");
        dns.FollowsAliases = byServer;
        var resolver = Resolver(dns);

        Assert.Equal("192.0.2.1", Assert.Single((await resolver.AddressesAsync("a.example", default)).Records).ToString());
        Assert.Equal(new(10, "mx.example"), Assert.Single((await resolver.MxAsync("a.example", default)).Records));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_alias_to_nowhere_is_no_such_name_and_one_to_nothing_is_no_records(bool byServer)
    {
        await using var dns = LoopbackDns.Start()
            .Cname("nowhere.example", "none.example").Cname("nothing.example", "text.example").Txt("text.example", "hello");
        dns.FollowsAliases = byServer;
        var resolver = Resolver(dns);

        Assert.Equal(DnsStatus.NoSuchName, (await resolver.AddressesAsync("nowhere.example", default)).Status);
        Assert.Equal(DnsStatus.NoRecords, (await resolver.AddressesAsync("nothing.example", default)).Status);
    }

    [Fact]
    public async Task Aliases_in_a_circle_end()
    {
        await using var dns = LoopbackDns.Start().Cname("a.example", "b.example").Cname("b.example", "a.example");
        dns.FollowsAliases = false;

        Assert.Equal(DnsStatus.Temporary, (await Resolver(dns).AddressesAsync("a.example", default)).Status);
        Assert.InRange(dns.Questions("a.example", "A"), 1, 10);
    }

    [Theory]
    [InlineData("BÜCHER.example")]
    [InlineData("bücher.example")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("XN--BCHER-KVA.Example.")]
    public async Task U_labels_are_asked_for_as_A_labels(string name)
    {
        await using var dns = LoopbackDns.Start().A("xn--bcher-kva.example", "192.0.2.1");

        Assert.Equal(DnsStatus.Found, (await Resolver(dns).AddressesAsync(name, default)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a\0.example")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example")]
    [InlineData("üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü.example")]
    public async Task What_can_be_no_name_does_not_exist_and_is_not_asked_for(string name)
    {
        await using var dns = LoopbackDns.Start();

        Assert.Equal(DnsStatus.NoSuchName, (await Resolver(dns).MxAsync(name, default)).Status);
        Assert.Equal(0, dns.Questions(name, "MX"));
    }

    [Theory]
    [InlineData("v=spf1 -all")]
    [InlineData("")]
    [InlineData("a;b \\c \\032 \"d\"")]
    [InlineData("nul \0 cr \r del \u007f")]
    [InlineData("as UTF-8: \u00c3\u00a4\u00ef\u00bb\u00bf")]
    [InlineData("no UTF-8: \u00e4\u0080\u00ff \"\r")]
    public async Task A_text_has_exactly_the_octets_of_its_record(string text)
    {
        await using var dns = LoopbackDns.Start().TxtOctets("a.example", text);

        Assert.Equal([text], (await Resolver(dns).TxtAsync("a.example", default)).Records);
    }

    [Fact]
    public async Task The_strings_of_a_text_are_put_together_with_nothing_between_and_records_stay_apart()
    {
        await using var dns = LoopbackDns.Start().TxtOctets("a.example", "one ", "", "two\u00c3", "\u00a4").TxtOctets("a.example", "three");

        var answer = await Resolver(dns).TxtAsync("a.example", default);

        Assert.Equal(["one two\u00c3\u00a4", "three"], answer.Records.Order());
    }

    [Fact]
    public async Task A_long_text_comes_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 1000));
        await using var dns = LoopbackDns.Start().Txt("a.example", text);

        Assert.Equal([text], (await Resolver(dns).TxtAsync("a.example", default)).Records);
    }

    [Fact]
    public async Task A_name_need_not_be_that_of_a_host()
    {
        await using var dns = LoopbackDns.Start().A("a b%20c:d/e.example", "192.0.2.1");

        Assert.Equal(DnsStatus.Found, (await Resolver(dns).AddressesAsync("A b%20c:d/e.example", default)).Status);
    }

    [Fact]
    public async Task A_machine_without_name_servers_says_nothing_of_the_name()
    {
        var resolver = new DnsResolver(
            new DnsOptions(), new LookupClientOptions { AutoResolveNameServers = false }, new FakeTimeProvider());

        Assert.Equal(DnsStatus.Temporary, (await resolver.MxAsync("example.com", default)).Status);
        Assert.Equal(DnsStatus.Temporary, (await resolver.AddressesAsync("mx.example.com", default)).Status);
    }

    [Fact]
    public async Task An_answer_too_large_for_UDP_comes_over_TCP()
    {
        await using var dns = LoopbackDns.Start();
        for (var i = 0; i < 200; i++)
        {
            dns.Mx("example.com", i, $"a-mail-host-with-a-long-name-{i}.example.com");
        }

        Assert.Equal(200, (await Resolver(dns).MxAsync("example.com", default)).Records.Count);
    }

    [Fact]
    public async Task An_answer_is_asked_for_once()
    {
        await using var dns = LoopbackDns.Start().A("a.example", "192.0.2.1");
        var resolver = Resolver(dns);

        for (var i = 0; i < 3; i++)
        {
            await resolver.AddressesAsync("A.example", default);
            await resolver.AddressesAsync("none.example", default);
        }

        Assert.Equal(
            (1, 1, 1, 1),
            (dns.Questions("a.example", "A"), dns.Questions("a.example", "AAAA"), dns.Questions("none.example", "A"), dns.Questions("none.example", "AAAA")));
    }

    [Fact]
    public async Task That_there_is_nothing_is_remembered_as_long_as_the_zone_says_and_never_for_long()
    {
        var time = new FakeTimeProvider();
        await using var dns = LoopbackDns.Start();
        var resolver = new DnsResolver(dns.Options, time);

        dns.NegativeTtl = 30;
        await resolver.MxAsync("short.example", default);
        dns.NegativeTtl = 86400;
        await resolver.MxAsync("long.example", default);
        time.Advance(TimeSpan.FromSeconds(29));
        await resolver.MxAsync("short.example", default);
        Assert.Equal(1, dns.Questions("short.example", "MX"));

        time.Advance(TimeSpan.FromSeconds(1));
        await resolver.MxAsync("short.example", default);
        Assert.Equal(2, dns.Questions("short.example", "MX"));

        await resolver.MxAsync("long.example", default);
        Assert.Equal(1, dns.Questions("long.example", "MX"));
        time.Advance(TimeSpan.FromMinutes(5));
        await resolver.MxAsync("long.example", default);
        Assert.Equal(2, dns.Questions("long.example", "MX"));
    }

    [Fact]
    public async Task Without_an_SOA_a_no_holds_for_a_moment_and_a_failure_not_at_all()
    {
        await using var dns = LoopbackDns.Start().ServFail("servfail.example", "MX");
        dns.NegativeTtl = 0;
        var time = new FakeTimeProvider();
        var resolver = new DnsResolver(dns.Options, time);

        await resolver.MxAsync("none.example", default);
        time.Advance(AnswerCache.AgeWithoutZone - TimeSpan.FromMilliseconds(1));
        await resolver.MxAsync("none.example", default);
        Assert.Equal(1, dns.Questions("none.example", "MX"));
        time.Advance(TimeSpan.FromMilliseconds(1));
        await resolver.MxAsync("none.example", default);
        Assert.Equal(2, dns.Questions("none.example", "MX"));

        await resolver.MxAsync("servfail.example", default);
        var asked = dns.Questions("servfail.example", "MX");
        await resolver.MxAsync("servfail.example", default);
        Assert.True(dns.Questions("servfail.example", "MX") > asked);
    }

    [Fact]
    public async Task Two_hundred_questions_at_once_are_all_answered()
    {
        await using var dns = LoopbackDns.Start();
        for (var i = 0; i < 200; i++)
        {
            dns.A($"h{i}.example", $"192.0.2.{i}");
        }

        var resolver = Resolver(dns);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => resolver.AddressesAsync($"h{i}.example", default)));

        Assert.Equal(Enumerable.Range(0, 200).Select(i => IPAddress.Parse($"192.0.2.{i}")), answers.Select(a => Assert.Single(a.Records)));
    }

    [Fact]
    public async Task An_answer_is_secure_when_a_validating_server_says_so_also_from_the_cache_and_with_nothing_in_it()
    {
        await using var dns = LoopbackDns.Start().Mx("example.com", 10, "mx.example.com").A("mx.example.com", "192.0.2.1");
        dns.IsSecure = name => name.EndsWith("example.com", StringComparison.Ordinal);
        var resolver = Validating(dns);

        for (var round = 0; round < 2; round++)
        {
            Assert.True((await resolver.MxAsync("example.com", default)).IsSecure);
            Assert.True((await resolver.AddressesAsync("mx.example.com", default)).IsSecure);
            Assert.True((await resolver.TlsaAsync("_25._tcp.mx.example.com", default)).IsSecure);
            Assert.False((await resolver.MxAsync("example.org", default)).IsSecure);
            Assert.False((await Resolver(dns).MxAsync("example.com", default)).IsSecure);
        }

        Assert.Equal(1, dns.Questions("_25._tcp.mx.example.com", "TLSA"));
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public async Task Through_an_alias_all_of_it_must_be_secure(bool alias, bool target, bool isSecure)
    {
        await using var dns = LoopbackDns.Start().Cname("alias.example", "target.example").A("target.example", "192.0.2.1").Aaaa("target.example", "2001:db8::1");
        dns.IsSecure = name => name == "alias.example" ? alias : target;
        foreach (var follows in new[] { true, false })
        {
            dns.FollowsAliases = follows;

            var answer = await Validating(dns).AddressesAsync("alias.example", default);

            Assert.Equal((isSecure, "target.example", 2), (answer.IsSecure, answer.CanonicalName, answer.Records.Count));
        }
    }

    [Fact]
    public async Task A_half_that_fails_does_not_make_the_other_insecure()
    {
        await using var dns = LoopbackDns.Start().A("mx.example", "192.0.2.1").ServFail("mx.example", "AAAA");
        dns.IsSecure = _ => true;

        Assert.True((await Validating(dns).AddressesAsync("mx.example", default)).IsSecure);
    }

    [Fact]
    public async Task TLSA_records_come_as_they_are_through_an_alias_too()
    {
        await using var dns = LoopbackDns.Start().Tlsa("_25._tcp.real.example", 3, 1, 1, [0xab, 0xcd]).Cname("_25._tcp.mx.example", "_25._tcp.real.example");

        Assert.Equal([new TlsaRecord(3, 1, 1, "ABCD")], (await Resolver(dns).TlsaAsync("_25._tcp.mx.example", default)).Records);
    }

    private static DnsResolver Validating(LoopbackDns dns) => new(dns.Options with { Validating = true }, TimeProvider.System);

    private static DnsResolver Resolver(LoopbackDns dns) => new(dns.Options, TimeProvider.System);
}
