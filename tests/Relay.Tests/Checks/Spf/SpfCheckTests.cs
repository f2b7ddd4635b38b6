using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Checks;
using Relay.Checks.Spf;
using Relay.Dns;
using Relay.Mail;
using Relay.Support;

namespace Relay.Tests.Checks.Spf;

public sealed class SpfCheckTests
{
    private readonly TableDns dns = new();

    [Theory]
    [InlineData("v=spf1 ip4:192.0.2.1 -all", "pass", CheckAction.None, null)]
    [InlineData("v=spf1 -all", "fail", CheckAction.Reject, "spf-fail")]
    [InlineData("v=spf1 ~all", "softfail", CheckAction.Tag, "spf-softfail")]
    [InlineData("v=spf1 ?all", "neutral", CheckAction.None, null)]
    [InlineData("v=spf1 moo", "permerror", CheckAction.Tag, "spf-permerror")]
    [InlineData("no policy", "none", CheckAction.None, null)]
    public async Task The_result_for_the_sender_decides_what_is_asked_for(string record, string word, CheckAction action, string? reason)
    {
        dns.Txt("sender.example", record).Txt("helo.example", "v=spf1 +all");

        var result = await RunAsync();

        Assert.Equal((action, reason), (result.Action, result.Reason));
        Assert.Equal(action == CheckAction.Reject, result.Refusal is not null);
        Assert.Equal(2, result.Lookups);
        Assert.Collection(
            result.Authentication,
            sender => Assert.Equal(("spf", word, "sender.example"), (sender.Method, sender.Result, sender["smtp.mailfrom"])),
            helo => Assert.Equal(("spf", "pass", "helo.example"), (helo.Method, helo.Result, helo["smtp.helo"])));
    }

    [Fact]
    public async Task Without_an_answer_nothing_is_asked_for()
    {
        dns.Silent("sender.example", "TXT");

        var result = await RunAsync();

        Assert.Equal((CheckAction.None, CheckReasons.NoAnswer), (result.Action, result.Reason));
        Assert.Equal("temperror", result.Authentication[0].Result);
        Assert.Contains("no answer", result.Detail);
    }

    [Theory]
    [InlineData("v=spf1 -all", CheckAction.Reject, "spf-helo-fail")]
    [InlineData("v=spf1 ~all", CheckAction.None, null)]
    [InlineData("v=spf1 moo", CheckAction.None, null)]
    public async Task Of_the_HELO_identity_a_fail_alone_counts(string record, CheckAction action, string? reason)
    {
        dns.Txt("sender.example", "v=spf1 +all").Txt("helo.example", record);

        var result = await RunAsync();

        Assert.Equal((action, reason), (result.Action, result.Reason));
        Assert.Equal("pass", result.Authentication[0].Result);
    }

    [Fact]
    public async Task The_null_reverse_path_is_judged_by_the_HELO_domain_and_asked_for_once()
    {
        dns.Txt("helo.example", "v=spf1 exists:%{l}.%{d} -all").A("postmaster.helo.example", "127.0.0.2");

        var result = await RunAsync(sender: null);

        Assert.Equal("pass", result.Authentication[0].Result);
        Assert.Equal("helo.example", result.Authentication[0]["smtp.mailfrom"]);
        Assert.Equal("helo.example", result.Authentication[1]["smtp.helo"]);
        Assert.Equal(2, result.Lookups);
        Assert.Contains("envelope-from=\"\"", Assert.Single(result.Fields));
    }

    [Fact]
    public async Task A_client_whose_address_is_not_known_neither_passes_nor_fails()
    {
        dns.Txt("sender.example", "v=spf1 -all");

        var result = await RunAsync(client: null);

        Assert.Equal((CheckAction.None, null, 0), (result.Action, result.Reason, result.Lookups));
        var authentication = Assert.Single(result.Authentication);
        Assert.Equal(("none", "client address unknown"), (authentication.Result, authentication.Comment));
        Assert.Equal("sender.example", authentication["smtp.mailfrom"]);
        Assert.Empty(result.Fields);
        Assert.Empty(dns.Questions);
    }

    [Fact]
    public async Task A_refusal_tells_whose_words_the_explanation_is()
    {
        dns.Txt("sender.example", "v=spf1 -all exp=why.sender.example").Txt("why.sender.example", "%{i} is not ours, see http://sender.example/%{L}");

        Assert.Equal(
            "550 5.7.23 sender.example explained: 192.0.2.1 is not ours, see http://sender.example/user",
            (await RunAsync()).Refusal!.ToString());
    }

    [Fact]
    public async Task Without_an_explanation_the_words_are_ours()
    {
        dns.Txt("sender.example", "v=spf1 -all");

        Assert.Equal("550 5.7.23 SPF: sender.example does not let 192.0.2.1 send its mail", (await RunAsync()).Refusal!.ToString());
    }

    [Fact]
    public async Task A_long_explanation_is_cut_to_a_reply_of_512_octets()
    {
        dns.Txt("sender.example", "v=spf1 -all exp=why.sender.example").Txt("why.sender.example", new string('x', 3000));

        Assert.InRange((await RunAsync()).Refusal!.ToString().Length, 480, 510);
    }

    [Fact]
    public async Task The_field_says_what_was_looked_at_and_why()
    {
        dns.Txt("sender.example", "v=spf1 ip4:192.0.2.0/24 -all");

        var result = await RunAsync();

        Assert.Equal(
            [
                "Received-SPF: pass (the domain designates the client as a sender)\r\n\treceiver=mx.relay.example;\r\n\tclient-ip=192.0.2.1;\r\n\tenvelope-from=\"user@sender.example\";\r\n\thelo=helo.example;\r\n\tidentity=mailfrom;\r\n\tmechanism=\"ip4:192.0.2.0/24\"\r\n",
                "Received-SPF: none (the domain has no record)\r\n\treceiver=mx.relay.example;\r\n\tclient-ip=192.0.2.1;\r\n\tenvelope-from=\"user@sender.example\";\r\n\thelo=helo.example;\r\n\tidentity=helo\r\n",
            ],
            result.Fields);
    }

    [Theory]
    [InlineData("a\"; identity=helo; x=\"", "\"a\\\"; identity=helo; x=\\\"\"")]
    [InlineData("a\\", "\"a\\\\\"")]
    [InlineData("a\r\nSubject: hi\r\n\r\nbody", "\"a??Subject: hi????body\"")]
    [InlineData("\u00e4\u0000\u007f", "\"???\"")]
    [InlineData("", "\"\"")]
    [InlineData(".a", "\".a\"")]
    [InlineData("[192.0.2.1]", "\"[192.0.2.1]\"")]
    public async Task No_name_of_a_client_breaks_the_field(string helo, string expected)
    {
        dns.Txt("sender.example", "v=spf1 ?all");

        var field = (await RunAsync(helo: helo)).Fields[0];

        Assert.Contains($"\r\n\thelo={expected};\r\n\tidentity=mailfrom", field);
        Assert.DoesNotContain(field.TrimEnd('\n', '\r').Split("\r\n\t"), line => line.AsSpan().ContainsAnyExceptInRange(' ', '~'));
    }

    [Fact]
    public async Task No_line_of_the_field_is_too_long_whatever_is_in_it()
    {
        dns.Txt("sender.example", "v=spf1 exists:" + string.Concat(Enumerable.Repeat("%%\"", 1000)) + ".example ?all");

        var field = (await RunAsync(sender: $"\"{new string('"', 30).Replace("\"", "\\\"")}\"@sender.example", helo: new string('"', 5000))).Fields[0];

        Assert.All(field.Split("\r\n"), line => Assert.InRange(line.Length, 0, 600));
        Assert.InRange(field.Length, 1, 2500);
    }

    [Fact]
    public async Task It_stands_in_Authentication_Results_as_other_checks_read_it()
    {
        dns.Txt("sender.example", "v=spf1 -all");

        var text = System.Text.Encoding.ASCII.GetString(CheckFields.Write("mx.relay.example", [await RunAsync()]));

        Assert.StartsWith(
            "Authentication-Results: mx.relay.example;\r\n\tspf=fail smtp.mailfrom=sender.example;\r\n\tspf=none smtp.helo=helo.example\r\nReceived-SPF: fail (", text);
    }

    [Fact]
    public async Task A_name_in_HELO_whose_DNS_is_stuck_does_not_hide_that_the_sender_is_refused()
    {
        dns.Txt("sender.example", "v=spf1 -all");
        var time = new FakeTimeProvider();
        var stuck = new StuckDns(dns, name => name == "helo.example", () => time.Advance(TimeSpan.FromSeconds(5)));

        var result = await RunAsync(stuck, time);

        Assert.Equal((CheckAction.Reject, CheckReasons.SpfFail), (result.Action, result.Reason));
        Assert.Equal(["fail", "temperror"], result.Authentication.Select(found => found.Result));
    }

    [Theory]
    [InlineData("v=spf1 ptr -all")]
    [InlineData("v=spf1 exists:%{p}.sender.example -all")]
    public async Task Nor_does_the_name_of_its_address(string record)
    {
        dns.Txt("sender.example", record).Ptr("192.0.2.1", "a.stuck.example", "b.stuck.example");
        var time = new FakeTimeProvider();
        var stuck = new StuckDns(dns, name => name.EndsWith("stuck.example", StringComparison.Ordinal), () => time.Advance(TimeSpan.FromSeconds(5)));

        Assert.Equal(CheckReasons.SpfFail, (await RunAsync(stuck, time)).Reason);
    }

    private Task<CheckResult> RunAsync(string? sender = "user@sender.example", string helo = "helo.example", string? client = "192.0.2.1") =>
        RunAsync(dns, TimeProvider.System, sender, helo, client);

    private static async Task<CheckResult> RunAsync(
        IDnsResolver dns, TimeProvider time, string? sender = "user@sender.example", string helo = "helo.example", string? client = "192.0.2.1")
    {
        Mailbox? mailbox = null;
        Assert.True(sender is null || Mailbox.TryParse(sender, out mailbox));
        return await new SpfCheck(dns, "mx.relay.example", time, TimeSpan.FromSeconds(5)).RunAsync(
            new CheckSubject
            {
                ClientAddress = client is null ? null : IPAddress.Parse(client),
                Helo = helo,
                ReversePath = new ReversePath(mailbox),
            },
            default);
    }
}
