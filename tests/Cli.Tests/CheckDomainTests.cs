using System.Security.Cryptography;
using System.Text.Json;
using Relay.Support;

namespace Relay.Cli.Tests;

/// <summary>Over real DNS on loopback.</summary>
public sealed class CheckDomainTests : IAsyncLifetime
{
    private readonly CommandLine relay = new();
    private readonly LoopbackDns dns = LoopbackDns.Start();

    public CheckDomainTests() => relay.Environment["Relay__HostName"] = "mail.example.org";

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        relay.Dispose();
        await dns.DisposeAsync();
    }

    [Fact]
    public async Task A_domain_that_has_all_ends_with_0()
    {
        Whole();

        var shown = await RunAsync("--selector", "s1");

        Assert.Equal(
            [
                "mx       right    mail.example.org has 192.0.2.1",
                "spf      right    one SPF record, which holds (3 questions to DNS); to strangers it says fail",
                "spf      right    192.0.2.1 may send (mx)",
                "dkim     right    s1: an RSA key of 2048 bits",
                "dmarc    right    p=reject",
                "dmarc    right    reports go to mailto:d@example.org",
                "mta-sts  better   none: others may be made to send to the domain without TLS",
                "                  -> publish a record at _mta-sts.example.org",
                "tls-rpt  right    reports go to mailto:t@example.org",
                $"tlsa     right    mail.example.org has 3 1 1 {new string('A', 64)}; not proven by DNSSEC, as this name server says",
                "ptr      right    192.0.2.1 is mail.example.org, and back",
                "",
                "Nothing must be changed.",
            ],
            shown.Out.TrimEnd().Split('\n'));
        Assert.Equal(ExitCodes.Done, shown.ExitCode);
    }

    [Fact]
    public async Task A_domain_without_anything_is_told_what_to_publish()
    {
        dns.A("mail.example.org", "192.0.2.1");

        var shown = await RunAsync("--json");

        Assert.Equal(ExitCodes.Negative, shown.ExitCode);
        Assert.Equal(["mx", "spf", "dmarc", "ptr"], Of(shown.Out, "change").Select(f => f.Topic));
        Assert.Equal(["dkim", "mta-sts", "tls-rpt"], Of(shown.Out, "better").Select(f => f.Topic));
        Assert.Contains("'v=spf1 ip4:192.0.2.1 -all'", Of(shown.Out, "change").Single(f => f.Topic == "spf").Advice);
        Assert.Contains("p=none; rua=mailto:dmarc@example.org", Of(shown.Out, "change").Single(f => f.Topic == "dmarc").Advice);
    }

    [Theory]
    [InlineData("mx", "the MX mx.example.org is an alias of mail.example.org")]
    [InlineData("mx", "the MX gone.example.org has no address")]
    [InlineData("mx", "an MX names the address 192.0.2.9")]
    [InlineData("mx", "a null MX stands beside others")]
    [InlineData("dkim", "weak: an RSA key of 1016 bits, which nobody takes")]
    [InlineData("dkim", "gone: there is no key")]
    [InlineData("dmarc", "_dmarc.example.org: sp=refuse is none of none, quarantine, reject")]
    [InlineData("dmarc", "reports.example does not say that it takes reports for example.org")]
    [InlineData("mta-sts", "the record at _mta-sts.example.org has no id")]
    [InlineData("tls-rpt", "2 records at _smtp._tls.example.org: none counts")]
    [InlineData("spf", "2 SPF records: none counts")]
    [InlineData("ptr", "192.0.2.7 has no name in DNS")]
    public async Task What_is_wrong_is_told(string topic, string found)
    {
        using var weak = RSA.Create(1016);
        dns.Mx("example.org", 10, "mx.example.org").Mx("example.org", 20, "gone.example.org").Mx("example.org", 30, "192.0.2.9").Mx("example.org", 40, ".")
            .Cname("mx.example.org", "mail.example.org").A("mail.example.org", "192.0.2.1")
            .Txt("example.org", "v=spf1 -all").Txt("example.org", "v=spf1 mx -all")
            .Txt("weak._domainkey.example.org", $"p={Convert.ToBase64String(weak.ExportSubjectPublicKeyInfo())}")
            .Txt("_dmarc.example.org", "v=DMARC1; p=reject; sp=refuse; rua=mailto:a@reports.example")
            .Txt("_mta-sts.example.org", "v=STSv1; id=not.good")
            .Txt("_smtp._tls.example.org", "v=TLSRPTv1; rua=mailto:a@example.org").Txt("_smtp._tls.example.org", "v=TLSRPTv1; rua=mailto:b@example.org");

        var shown = await RunAsync("--selector", "weak", "--selector", "gone", "--ip", "192.0.2.7", "--json");

        Assert.Contains(Of(shown.Out, "change"), finding => finding.Topic == topic && finding.Found.StartsWith(found, StringComparison.Ordinal));
        Assert.Equal(ExitCodes.Negative, shown.ExitCode);
    }

    [Fact]
    public async Task A_policy_that_cannot_be_had_is_told()
    {
        // Nobody has that address, and nobody is asked there.
        dns.A("mail.example.org", "192.0.2.1").Txt("_mta-sts.example.org", "v=STSv1; id=1;").A("mta-sts.example.org", "192.0.2.2");

        var finding = Of((await RunAsync("--json")).Out, "change").Single(finding => finding.Topic == "mta-sts");

        Assert.Equal("announced with id 1, and the policy cannot be had: mta-sts.example.org: it has no public address", finding.Found);
    }

    [Fact]
    public async Task Tlsa_records_that_smtp_cannot_use_are_told()
    {
        dns.Mx("example.org", 10, "mail.example.org").A("mail.example.org", "192.0.2.1").Tlsa("_25._tcp.mail.example.org", 1, 1, 1, new byte[32]);

        Assert.StartsWith(
            "mail.example.org has TLSA records that SMTP cannot use", Of((await RunAsync("--json")).Out, "change").Single(finding => finding.Topic == "tlsa").Found);
    }

    [Theory]
    [InlineData("v=spf1 +all", "the SPF record lets everybody send")]
    [InlineData("v=spf1 include:example.org -all", "the SPF record does not hold")]
    [InlineData("v=spf1 ipv4:192.0.2.1", "the SPF record cannot be read")]
    [InlineData("v=spf1 ip4:198.51.100.1 ~all", "192.0.2.1 may not send: softfail")]
    public async Task An_spf_record_that_does_harm_is_told(string record, string found)
    {
        dns.A("mail.example.org", "192.0.2.1").Txt("example.org", record);

        Assert.StartsWith(found, Of((await RunAsync("--json")).Out, "change").First(finding => finding.Topic == "spf").Found);
    }

    [Fact]
    public async Task A_null_mx_and_the_record_of_a_domain_above_are_right()
    {
        dns.Mx("news.example.org", 0, ".").Txt("_dmarc.example.org", "v=DMARC1; p=none; sp=reject; rua=mailto:d@example.org");

        var shown = await relay.RunAsync("check", "domain", "news.example.org", "--dns", $"{dns.EndPoint}", "--json");

        Assert.Equal("news.example.org takes no mail, and says so (null MX)", Of(shown.Out, "right").First().Found);
        Assert.Contains(Of(shown.Out, "right"), finding => finding.Found == "the record of example.org holds: reject");
    }

    [Fact]
    public async Task The_selectors_of_the_configuration_are_looked_for()
    {
        var key = Path.Combine(relay.Folder, "key.pem");
        using var rsa = RSA.Create(2048);
        await File.WriteAllTextAsync(key, rsa.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        relay.Environment["Relay__Dkim__0__Domain"] = "example.org";
        relay.Environment["Relay__Dkim__0__Selector"] = "ours";
        relay.Environment["Relay__Dkim__0__KeyFile"] = key;

        var shown = await RunAsync("--json");

        Assert.Contains(Of(shown.Out, "change"), finding => finding.Found == "ours: there is no key");
    }

    [Fact]
    public async Task Where_dns_gives_no_answer_it_ends_with_3()
    {
        Whole();
        dns.ServFail("_smtp._tls.example.org", "TXT");

        var shown = await RunAsync("--selector", "s1");

        Assert.Equal(ExitCodes.Unreachable, shown.ExitCode);
        Assert.Contains("tls-rpt  unknown  DNS gives no answer for _smtp._tls.example.org", shown.Out);
    }

    [Theory]
    [InlineData("[192.0.2.1]")]
    [InlineData("a@example.org")]
    [InlineData("exa mple.org")]
    public async Task What_is_no_domain_is_wrong_usage(string domain) =>
        Assert.Equal(ExitCodes.Usage, (await relay.RunAsync("check", "domain", domain)).ExitCode);

    private void Whole()
    {
        using var key = RSA.Create(2048);
        dns.Mx("example.org", 10, "mail.example.org").A("mail.example.org", "192.0.2.1").Ptr("192.0.2.1", "mail.example.org")
            .Tlsa("_25._tcp.mail.example.org", 3, 1, 1, Enumerable.Repeat((byte)0xaa, 32).ToArray())
            .Txt("example.org", "v=spf1 mx -all").Txt("_dmarc.example.org", "v=DMARC1; p=reject; rua=mailto:d@example.org")
            .Txt("_smtp._tls.example.org", "v=TLSRPTv1; rua=mailto:t@example.org")
            .TxtOctets("s1._domainkey.example.org", ["v=DKIM1; p=", .. Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()).Chunk(200).Select(part => new string(part))]);
    }

    private Task<CommandLine.Outcome> RunAsync(params string[] args) =>
        relay.RunAsync(["check", "domain", "example.org", "--dns", $"{dns.EndPoint}", .. args]);

    private static List<(string Topic, string Found, string Advice)> Of(string json, string state) =>
    [
        .. JsonDocument.Parse(json).RootElement.GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("state").GetString() == state)
            .Select(finding => (finding.GetProperty("topic").GetString()!, finding.GetProperty("found").GetString()!, finding.GetProperty("advice").GetString() ?? "")),
    ];
}
