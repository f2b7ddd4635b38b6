using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks;
using Relay.Checks.Dkim;
using Relay.Dns;
using Relay.Mail;
using Relay.Support;

namespace Relay.Tests.Checks.Dkim;

public sealed class DkimCheckTests
{
    private static readonly string Signed = Letter.Sign(Letter.Text, Letter.Rsa, ("i", "ann@mail.example.org"));

    [Fact]
    public async Task A_message_without_a_signature_is_none_and_asks_for_nothing()
    {
        var result = await RunAsync(Letter.Text, new TableDns());

        Assert.Equal(CheckAction.None, result.Action);
        Assert.Equal("none", Assert.Single(result.Authentication).Result);
        Assert.Equal(0, result.Lookups);
    }

    [Fact]
    public async Task A_signature_that_holds_is_told_with_domain_identity_selector_algorithm_and_its_first_characters()
    {
        var result = await RunAsync(Signed, Letter.Dns(Letter.Rsa));

        var told = Assert.Single(result.Authentication);
        Assert.Equal(CheckAction.None, result.Action);
        Assert.Null(result.Reason);
        Assert.Equal("pass", told.Result);
        Assert.Null(told.Comment);
        Assert.Equal("example.org", told["header.d"]);
        Assert.Equal("ann@mail.example.org", told["header.i"]);
        Assert.Equal("sel", told["header.s"]);
        Assert.Equal("rsa-sha256", told["header.a"]);
        Assert.Equal(Signed.Split(" b=")[1][..8], told["header.b"]);
        Assert.Equal(1, result.Lookups);
    }

    [Fact]
    public async Task A_message_of_which_no_signature_holds_may_be_refused()
    {
        var result = await RunAsync(Letter.Sign(Signed.Replace("noon", "ten"), Letter.Rsa, ("s", "gone")), Letter.Dns(Letter.Rsa));

        Assert.Equal(CheckAction.Reject, result.Action);
        Assert.Equal("dkim-failed", result.Reason);
        Assert.Equal("550 5.7.20 No passing DKIM signature found", result.Refusal!.ToString());
        Assert.Equal(
            "example.org: permerror (there is no key); example.org: fail (the body is not the one that was signed)", result.Detail);
        Assert.Equal(["there is no key", "the body is not the one that was signed"], result.Authentication.Select(told => told.Comment));
    }

    [Fact]
    public async Task A_message_whose_signatures_hold_but_are_not_good_enough_may_be_refused_as_such()
    {
        var result = await RunAsync(Letter.Sign(Letter.Text, Letter.Rsa, ("l", "2")), Letter.Dns(Letter.Rsa));

        Assert.Equal(CheckAction.Reject, result.Action);
        Assert.Equal("dkim-unacceptable", result.Reason);
        Assert.Equal("550 5.7.21 No acceptable DKIM signature found", result.Refusal!.ToString());
    }

    [Fact]
    public async Task One_signature_that_holds_is_enough()
    {
        var result = await RunAsync("DKIM-Signature: nonsense\r\n" + Signed, Letter.Dns(Letter.Rsa));

        Assert.Equal(CheckAction.None, result.Action);
        Assert.Equal(["neutral", "pass"], result.Authentication.Select(told => told.Result));
    }

    [Fact]
    public async Task A_key_that_dns_does_not_give_now_asks_for_nothing()
    {
        var result = await RunAsync("DKIM-Signature: nonsense\r\n" + Signed, new TableDns().Silent(Letter.Rsa.RecordName, "TXT"));

        Assert.Equal(CheckAction.None, result.Action);
        Assert.Equal("no-answer", result.Reason);
        Assert.Equal(["neutral", "temperror"], result.Authentication.Select(told => told.Result));
    }

    [Fact]
    public async Task A_domain_that_only_tries_dkim_is_not_made_to_suffer_for_it()
    {
        var dns = new TableDns().Txt(Letter.Rsa.RecordName, Letter.Rsa.RecordText + "; t=y");

        var result = await RunAsync(Signed.Replace("noon", "ten"), dns);

        Assert.Equal(CheckAction.None, result.Action);
        Assert.Equal("the body is not the one that was signed, test mode", Assert.Single(result.Authentication).Comment);
        Assert.Equal("test mode", Assert.Single((await RunAsync(Signed, dns)).Authentication).Comment);
    }

    [Fact]
    public async Task Signatures_beyond_the_bound_are_counted_and_not_looked_at()
    {
        var result = await RunAsync(string.Concat(Enumerable.Repeat("DKIM-Signature: v=1\r\n", 25)) + Signed, Letter.Dns(Letter.Rsa));

        Assert.Equal(10, result.Authentication.Count);
        Assert.EndsWith("; 16 more signatures were not looked at", result.Detail);
        Assert.Equal(0, result.Lookups);
    }

    [Fact]
    public async Task What_strangers_write_into_a_signature_cannot_break_the_field_that_tells_of_it()
    {
        var result = await RunAsync(
            Letter.Sign(Letter.Text, Letter.Rsa, ("s", "x\" y(\u00e4"), ("i", new string('a', 5000) + "@example.org")), new TableDns());

        var field = Encoding.ASCII.GetString(CheckFields.Write("mx.example.net", [result]));
        Assert.Contains("header.s=\"x\\\" y(", field);
        Assert.DoesNotContain('\u00e4', field);
        Assert.All(field.Split("\r\n"), line => Assert.True(line.Length < 998));
    }

    [Fact]
    public async Task A_signer_whose_DNS_is_stuck_does_not_keep_others_from_being_judged()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Letter.Now));
        var forged = Letter.Sign(Letter.Text, Letter.Rsa).Replace("Lunch", "Dinner");
        var dns = new StuckDns(Letter.Dns(Letter.Rsa), name => name.EndsWith("stuck.example", StringComparison.Ordinal), () => time.Advance(TimeSpan.FromSeconds(5)));

        var result = await RunAsync(Letter.Sign(forged, Letter.Rsa, ("d", "stuck.example")), dns, time);

        Assert.Equal(["temperror", "fail"], result.Authentication.Select(found => found.Result));
    }

    private static Task<CheckResult> RunAsync(string message, TableDns dns) => RunAsync(message, dns, new Letter.FixedTime());

    private static async Task<CheckResult> RunAsync(string message, IDnsResolver dns, TimeProvider time)
    {
        var octets = Encoding.Latin1.GetBytes(message);
        return await new DkimCheck(dns, time, TimeSpan.FromSeconds(5)).RunAsync(
            new CheckSubject { Header = MessageHeader.Parse(octets), Content = new MemoryStream(octets) }, CancellationToken.None);
    }
}
