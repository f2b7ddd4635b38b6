using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks.Spf;
using Relay.Support;

namespace Relay.Tests.Checks.Spf;

/// <summary>What the suite does not ask.</summary>
public sealed class SpfEvaluatorTests
{
    private readonly TableDns dns = new();

    [Theory]
    [InlineData("198.51.100.7", "pass", "include:_spf.provider.example")]
    [InlineData("2001:db8:4000::1", "pass", "include:_spf.provider.example")]
    [InlineData("203.0.113.9", "pass", "ip4:203.0.113.0/28")]
    [InlineData("203.0.113.16", "softfail", "all")]
    [InlineData("192.0.2.80", "pass", "a")]
    [InlineData("192.0.2.25", "pass", "mx")]
    [InlineData("2001:db8::25", "pass", "mx")]
    public async Task A_company_with_a_mail_provider_has_the_results_that_it_means(string client, string result, string mechanism)
    {
        dns.Txt("company.example", "google-site-verification=abc").Txt("company.example", "v=spf1 a mx ip4:203.0.113.0/28 include:_spf.provider.example ~all")
            .A("company.example", "192.0.2.80").Mx("company.example", 10, "mx.company.example")
            .A("mx.company.example", "192.0.2.25").Aaaa("mx.company.example", "2001:db8::25")
            .Aaaa("company.example", "2001:db8::80")
            .Txt("_spf.provider.example", "v=spf1 include:_netblocks.provider.example include:_netblocks2.provider.example ~all")
            .Txt("_netblocks.provider.example", "v=spf1 ip4:198.51.100.0/25 ip4:198.51.100.128/26 ~all")
            .Txt("_netblocks2.provider.example", "v=spf1 ip6:2001:db8:4000::/36 ~all");

        var found = await MailFromAsync("user@company.example", client);

        Assert.Equal((result, mechanism), (found.Result.Word(), found.Mechanism));
    }

    [Theory]
    [InlineData("192.0.2.1", "pass")]
    [InlineData("192.0.2.2", "fail")]
    public async Task A_record_that_asks_by_macros_names_the_client(string client, string result)
    {
        dns.Txt("company.example", "v=spf1 exists:%{ir}.%{l}.%{v}._spf.%{d} -all").A("1.2.0.192.user.in-addr._spf.company.example", "127.0.0.2");

        Assert.Equal(result, (await MailFromAsync("user@company.example", client)).Result.Word());
        Assert.EndsWith(".user.in-addr._spf.company.example", dns.Questions.Last());
    }

    [Theory]
    [InlineData("192.0.2.127", "pass")]
    [InlineData("192.0.2.128", "fail")]
    [InlineData("192.0.2.200", "pass")]
    [InlineData("192.0.2.201", "fail")]
    [InlineData("2001:db8:7fff:ffff::1", "pass")]
    [InlineData("2001:db8:8000::1", "fail")]
    public async Task Networks_end_at_any_bit(string client, string result)
    {
        dns.Txt("a.example", "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.200 ip6:2001:db8::/33 -all");

        Assert.Equal(result, (await MailFromAsync("user@a.example", client)).Result.Word());
    }

    [Fact]
    public async Task Nothing_is_asked_where_there_is_no_domain()
    {
        foreach (var domain in new[] { "", "localhost", "[192.0.2.1]", "a..example", new string('a', 64) + ".example", new string('a', 1_000_000) + ".example" })
        {
            var found = await MailFromAsync($"user@{domain}");
            Assert.Equal((SpfResult.None, 0), (found.Result, found.Lookups));
            Assert.InRange(found.Detail!.Length, 1, 300);
        }

        Assert.Empty(dns.Questions);
    }

    [Fact]
    public async Task A_domain_in_UTF_8_is_asked_for_as_DNS_knows_it_and_a_local_part_in_UTF_8_is_no_name()
    {
        dns.Txt("xn--bcher-kva.example", "v=spf1 exists:%{l}.%{d} exists:ok.%{d} -all").A("ok.xn--bcher-kva.example", "127.0.0.2");

        var found = await MailFromAsync("j\u00fcrgen@b\u00fccher.example");

        Assert.Equal((SpfResult.Pass, 2), (found.Result, found.Lookups));
    }

    [Fact]
    public async Task Names_of_the_client_that_do_not_exist_are_not_held_against_the_domain()
    {
        dns.Txt("a.example", "v=spf1 ptr -all").Ptr("192.0.2.1", "x1.a.example", "x2.a.example", "x3.a.example", "x4.a.example");

        Assert.Equal(SpfResult.Fail, (await MailFromAsync("user@a.example")).Result);
    }

    [Fact]
    public async Task Mail_hosts_without_an_address_of_the_family_are_not_void_and_those_that_do_not_exist_are()
    {
        dns.Txt("v4.example", "v=spf1 mx -all").Txt("gone.example", "v=spf1 mx -all");
        for (var i = 0; i < 4; i++)
        {
            dns.Mx("v4.example", 10, $"mx{i}.v4.example").A($"mx{i}.v4.example", "192.0.2.25").Mx("gone.example", 10, $"gone{i}.example");
        }

        Assert.Equal(SpfResult.Fail, (await MailFromAsync("user@v4.example", "2001:db8::1")).Result);
        Assert.Equal(SpfResult.PermError, (await MailFromAsync("user@gone.example")).Result);
    }

    [Theory]
    [InlineData("TXT a.example")]
    [InlineData("A host.example")]
    [InlineData("MX mail.example")]
    [InlineData("A mx.mail.example")]
    [InlineData("TXT other.example")]
    public async Task No_answer_is_temporary_wherever_it_is_missing(string question)
    {
        dns.Txt("a.example", "v=spf1 a:host.example mx:mail.example include:other.example -all").A("host.example", "192.0.2.9")
            .Mx("mail.example", 10, "mx.mail.example").A("mx.mail.example", "192.0.2.9").Txt("other.example", "v=spf1 -all");
        Assert.Equal(SpfResult.Fail, (await MailFromAsync("user@a.example")).Result);

        dns.Silent(question.Split(' ')[1], question.Split(' ')[0]);

        Assert.Equal(SpfResult.TempError, (await MailFromAsync("user@a.example")).Result);
    }

    [Fact]
    public async Task The_words_for_a_fail_are_those_of_the_domain_that_decides()
    {
        dns.Txt("a.example", "v=spf1 redirect=b.example").Txt("b.example", "v=spf1 -all exp=why.%{d}")
            .Txt("why.b.example", "%{i} is not one of %{d}'s hosts, says %{r} at %{t}");

        var found = await MailFromAsync("user@a.example");

        Assert.Equal("192.0.2.1 is not one of b.example's hosts, says relay.example at 1000000000", found.Explanation);
        Assert.Equal("b.example", found.ExplainedBy);
    }

    private async Task<SpfEvaluation> MailFromAsync(string sender, string client = "192.0.2.1")
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_000_000_000));
        return await new SpfEvaluator(dns, "relay.example", time).EvaluateAsync(
            SpfIdentity.MailFrom(IPAddress.Parse(client), "helo.example", sender), default);
    }
}
