using System.Net;
using Relay.Checks.Spf;
using Relay.Support;

namespace Relay.Tests.Checks.Spf;

/// <summary>Records that are made to cost: each ends soon, after few questions, as a fault of the domain.</summary>
public sealed class HostileSpfTests
{
    /// <summary>What an evaluation may ask at most, however it is led on.</summary>
    private const int MaxQuestions = 100;

    private readonly TableDns dns = new();

    [Theory]
    [InlineData("v=spf1 include:a.example -all")]
    [InlineData("v=spf1 redirect=a.example")]
    [InlineData("v=spf1 include:%{d} -all")]
    [InlineData("v=spf1 ?include:b.example redirect=b.example")]
    public async Task A_record_that_leads_back_to_itself_ends_at_ten_terms(string record)
    {
        dns.Txt("a.example", record).Txt("b.example", "v=spf1 include:a.example");

        await FaultyAsync(maxQuestions: 12);
    }

    [Fact]
    public async Task A_chain_of_names_that_never_ends_is_not_followed_to_its_end()
    {
        for (var i = 0; i < 1000; i++)
        {
            dns.Txt(i == 0 ? "a.example" : $"n{i}.example", $"v=spf1 include:n{i + 1}.example -all");
        }

        await FaultyAsync(maxQuestions: 12);
    }

    [Fact]
    public async Task A_tree_of_includes_ends_at_ten_terms()
    {
        for (var i = 0; i < 200; i++)
        {
            dns.Txt(i == 0 ? "a.example" : $"n{i}.example", $"v=spf1 include:n{(2 * i) + 1}.example include:n{(2 * i) + 2}.example");
        }

        await FaultyAsync(maxQuestions: 12);
    }

    [Theory]
    [InlineData(8192, "ip4:192.0.2.9 ")]
    [InlineData(60_000, "ip4:192.0.2.9 ")]
    [InlineData(10_000_000, "ip4:192.0.2.9 ")]
    [InlineData(10_000_000, " ")]
    [InlineData(10_000_000, "a")]
    [InlineData(10_000_000, "%{")]
    public async Task A_record_that_is_too_long_is_not_read(int length, string piece)
    {
        dns.Txt("a.example", "v=spf1 " + string.Concat(Enumerable.Repeat(piece, length / piece.Length)));

        await FaultyAsync(maxQuestions: 1);
    }

    [Theory]
    [InlineData(8192, SpfResult.Pass)]
    [InlineData(8193, SpfResult.PermError)]
    public async Task A_record_of_the_longest_length_is_read(int length, SpfResult result)
    {
        dns.Txt("a.example", "v=spf1 ip4:192.0.2.9".PadRight(length - 4) + "+all");

        Assert.Equal(result, (await EvaluateAsync()).Result);
    }

    [Theory]
    [InlineData("a ")]
    [InlineData("mx ")]
    [InlineData("ptr ")]
    [InlineData("exists:%{i}.a.example ")]
    [InlineData("include:none.example ")]
    [InlineData("a:%{p}.example ")]
    public async Task Thousands_of_terms_that_ask_are_not_asked(string term)
    {
        dns.Txt("a.example", "v=spf1 " + string.Concat(Enumerable.Repeat(term, 8000 / term.Length)))
            .A("a.example", "192.0.2.9").Mx("a.example", 10, "a.example").Ptr("192.0.2.1", "a.example");

        await FaultyAsync(maxQuestions: 30);
    }

    [Fact]
    public async Task Mail_hosts_upon_mail_hosts_end_at_the_questions_in_all()
    {
        for (var domain = 0; domain < 10; domain++)
        {
            for (var host = 0; host < 10; host++)
            {
                dns.Mx($"m{domain}.example", 10, $"h{host}.m{domain}.example").A($"h{host}.m{domain}.example", "192.0.2.9");
            }
        }

        dns.Txt("a.example", "v=spf1 " + string.Join(' ', Enumerable.Range(0, 10).Select(domain => $"mx:m{domain}.example")));

        await FaultyAsync();
        Assert.Equal(MaxQuestions, dns.Questions.Count);
    }

    [Fact]
    public async Task A_client_with_thousands_of_names_is_asked_for_ten()
    {
        dns.Txt("c.example", "v=spf1 ptr -all").Ptr("192.0.2.1", [.. Enumerable.Range(0, 5000).Select(i => $"n{i}.c.example")]);

        var found = await EvaluateAsync("c.example");

        Assert.Equal((SpfResult.Fail, 12), (found.Result, found.Lookups));
    }

    [Theory]
    [InlineData("a:", "%{s}", 2000)]
    [InlineData("exists:", "%{S}", 2000)]
    [InlineData("redirect=", "%{d}", 2000)]
    [InlineData("include:", "%{h}", 2000)]
    [InlineData("a:", "%{ir}", 1500)]
    [InlineData("x=%{d} a:", "%%%_%-", 1300)]
    public async Task Macros_that_grow_without_measure_are_a_fault(string term, string macro, int times)
    {
        dns.Txt("a.example", "v=spf1 " + term + string.Concat(Enumerable.Repeat(macro, times)));

        await FaultyAsync(maxQuestions: 1);
    }

    [Theory]
    [InlineData("exists:%{%{%{%{d}}}}.example")]
    [InlineData("exists:%{d{d}}.example")]
    [InlineData("exists:%{d99999999999999999999999999999999999999999999r........................}.%")]
    [InlineData("a/99999999999999999999999")]
    [InlineData("a//")]
    [InlineData("ip4:192.0.2.1/-1")]
    [InlineData("ip6:[::1]")]
    [InlineData("ip6:fe80::1%25")]
    [InlineData("ip4:0300.0.2.1")]
    [InlineData("ip4:3221225985")]
    [InlineData("\t-all")]
    [InlineData("-\u0000all")]
    [InlineData("--all")]
    [InlineData("=")]
    [InlineData(":")]
    [InlineData("/")]
    [InlineData("+")]
    [InlineData("all=")]
    public async Task What_makes_no_sense_is_a_fault_or_an_unknown_modifier(string term)
    {
        dns.Txt("a.example", $"v=spf1 {term} -all");

        var found = await EvaluateAsync();

        Assert.Equal(term == "all=" ? SpfResult.Fail : SpfResult.PermError, found.Result);
        Assert.Equal(1, found.Lookups);
    }

    [Fact]
    public async Task Details_and_mechanisms_do_not_grow_with_what_is_wrong()
    {
        dns.Txt("a.example", "v=spf1 " + new string('x', 8000));

        Assert.InRange((await EvaluateAsync()).Detail!.Length, 1, 200);
    }

    [Theory]
    [InlineData("%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}", 250)]
    [InlineData("x", 100_000)]
    [InlineData("\u00e4", 1)]
    [InlineData("%{", 1)]
    [InlineData("\r\n250 ok", 1)]
    public async Task A_hostile_explanation_leaves_the_fail_with_our_own_words(string piece, int times)
    {
        dns.Txt("a.example", "v=spf1 -all exp=why.example.com").Txt("why.example.com", string.Concat(Enumerable.Repeat(piece, times)));

        var found = await EvaluateAsync();

        Assert.Equal(SpfResult.Fail, found.Result);
        Assert.Null(found.ExplainedBy);
        Assert.Equal("a.example does not let 192.0.2.1 send its mail", found.Explanation);
    }

    private async Task FaultyAsync(int maxQuestions = MaxQuestions)
    {
        var found = await EvaluateAsync();

        Assert.Equal(SpfResult.PermError, found.Result);
        Assert.InRange(dns.Questions.Count, 1, maxQuestions);
        Assert.Equal(dns.Questions.Count, found.Lookups);
    }

    private async Task<SpfEvaluation> EvaluateAsync(string domain = "a.example") =>
        await new SpfEvaluator(dns, "relay.example", TimeProvider.System).EvaluateAsync(
            SpfIdentity.MailFrom(IPAddress.Parse("192.0.2.1"), "helo." + new string('h', 60) + ".example", $"user@{domain}"), default);
}
