using System.Net;
using Relay.Checks;
using Relay.Dns;
using Relay.Mail;
using Relay.Support;

namespace Relay.Tests.Checks;

/// <summary>Over real DNS on loopback.</summary>
public sealed class ReverseDnsCheckTests : IAsyncDisposable
{
    private readonly LoopbackDns dns = LoopbackDns.Start();

    public ValueTask DisposeAsync() => dns.DisposeAsync();

    [Theory]
    [InlineData("192.0.2.1", "iprev=pass (mail.example.org) policy.iprev=192.0.2.1")]
    [InlineData("2001:db8::1", "iprev=pass (mail.example.org) policy.iprev=\"2001:db8::1\"")]
    public async Task A_name_that_leads_back_is_told_and_asks_for_nothing(string address, string told)
    {
        dns.Ptr(address, "mail.example.org").A("mail.example.org", "192.0.2.9", "192.0.2.1").Aaaa("mail.example.org", "2001:db8::1");

        var result = await RunAsync(address);

        Assert.Equal((CheckAction.None, null), (result.Action, result.Reason));
        Assert.Equal($"Authentication-Results: mx.example.com;\r\n\t{told}\r\n", AuthenticationResults.Write("mx.example.com", result.Authentication));
        Assert.Equal(2, result.Lookups);
    }

    [Fact]
    public async Task An_address_without_a_name_asks_for_a_refusal()
    {
        dns.Txt("1.2.0.192.in-addr.arpa", "it exists, without a name");

        foreach (var address in (string[])["192.0.2.1", "192.0.2.2"])
        {
            var result = await RunAsync(address);

            Assert.Equal((CheckAction.Reject, "no-reverse-dns"), (result.Action, result.Reason));
            Assert.Equal("550 5.7.25 DNS has no name for the client address that leads back to it", result.Refusal?.ToString());
            Assert.Equal("permerror", Assert.Single(result.Authentication).Result);
        }
    }

    [Fact]
    public async Task Names_that_do_not_lead_back_ask_for_a_refusal()
    {
        dns.Ptr("192.0.2.1", "other.example.org", "none.example.org", "text.example.org")
            .A("other.example.org", "192.0.2.2").Txt("text.example.org", "no address");

        var result = await RunAsync("192.0.2.1");

        Assert.Equal((CheckAction.Reject, "reverse-dns-unconfirmed"), (result.Action, result.Reason));
        Assert.Equal(25, result.Refusal?.Enhanced?.Detail);
        Assert.Equal(("iprev", "fail"), (result.Authentication[0].Method, result.Authentication[0].Result));
    }

    [Fact]
    public async Task One_name_of_several_that_leads_back_is_enough()
    {
        dns.Ptr("192.0.2.1", "bad.example.org", "broken.example.org", "good.example.org")
            .A("bad.example.org", "192.0.2.2").ServFail("broken.example.org", "A").A("good.example.org", "192.0.2.1");

        var result = await RunAsync("192.0.2.1");

        Assert.Equal(("pass", "good.example.org"), (result.Authentication[0].Result, result.Authentication[0].Comment));
    }

    [Theory]
    [InlineData("1.2.0.192.in-addr.arpa", "PTR")]
    [InlineData("mail.example.org", "A")]
    public async Task Trouble_of_DNS_asks_for_nothing(string name, string type)
    {
        dns.Ptr("192.0.2.1", "mail.example.org", "other.example.org").A("other.example.org", "192.0.2.2").ServFail(name, type);

        var result = await RunAsync("192.0.2.1");

        Assert.Equal((CheckAction.None, "no-answer"), (result.Action, result.Reason));
        Assert.Equal("temperror", Assert.Single(result.Authentication).Result);
    }

    [Fact]
    public async Task Of_a_thousand_names_ten_are_tried()
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"host-{i}.example.org").ToArray();
        dns.Ptr("192.0.2.1", names);

        var result = await RunAsync("192.0.2.1");

        Assert.Equal("reverse-dns-unconfirmed", result.Reason);
        Assert.Equal(11, result.Lookups);
        Assert.Equal(10, names.Sum(name => dns.Questions(name, "A")));
    }

    [Fact]
    public async Task An_address_that_is_not_known_has_nothing_to_tell()
    {
        var result = await new ReverseDnsCheck(new TableDns()).RunAsync(new CheckSubject { Helo = "a.example" }, default);

        Assert.Equal(CheckAction.None, result.Action);
        Assert.Empty(result.Authentication);
    }

    [Fact]
    public async Task A_hostile_name_cannot_break_the_header()
    {
        var table = new TableDns().Ptr("192.0.2.1", "a)\r\nX-Evil: yes\u0000(.example").A("a)\r\nX-Evil: yes\u0000(.example", "192.0.2.1");

        var result = await new ReverseDnsCheck(table).RunAsync(new CheckSubject { ClientAddress = IPAddress.Parse("192.0.2.1") }, default);

        Assert.DoesNotContain("\nX-Evil", AuthenticationResults.Write("mx.example.com", result.Authentication));
    }

    private async Task<CheckResult> RunAsync(string address) =>
        await new ReverseDnsCheck(new DnsResolver(dns.Options, TimeProvider.System))
            .RunAsync(new CheckSubject { ClientAddress = IPAddress.Parse(address) }, default);
}
