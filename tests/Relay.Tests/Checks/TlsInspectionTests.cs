using Relay.Checks.Domains;
using Relay.Support;
using Relay.Tests.Transport.MxSecurity;
using Relay.Transport.MxSecurity;

namespace Relay.Tests.Checks;

/// <summary>What <c>relay check domain</c> finds of a policy of MTA-STS, which it fetches.</summary>
public sealed class TlsInspectionTests
{
    [Theory]
    [InlineData("enforce", "*.example.com", "right", "policy 1, mode enforce, for 14 days: *.example.com")]
    [InlineData("testing", "mx.example.com", "right", "policy 1, mode testing, for 14 days: mx.example.com")]
    [InlineData("enforce", "other.example.com", "change", "the policy, mode enforce, does not have the mail host mx.example.com")]
    [InlineData("nonsense", "mx.example.com", "change", "announced with id 1, and the policy cannot be had: mode is none of enforce, testing, none")]
    public async Task A_policy_is_fetched_and_held_against_the_mail_hosts(string mode, string mx, string state, string found)
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("mta-sts.example.com");
        await using var host = await PolicyHost.StartAsync(() => certificate, authority.Intermediate);
        host.Serve(MxWorld.Policy(mode, mx));
        var dns = new TableDns().Mx("example.com", 10, "mx.example.com").A("mta-sts.example.com", "127.0.0.1").Txt("_mta-sts.example.com", "v=STSv1; id=1");
        using var http = StsFetcher.CreateHttp(dns, _ => true, host.Port, TestCertificate.Trusting(authority.Root));
        var fetcher = new StsFetcher(http, TimeProvider.System);

        var findings = await new TlsInspection(dns, fetcher).RunAsync("example.com", TestContext.Current.CancellationToken);

        Assert.Contains(findings, finding => finding.Topic == "mta-sts" && finding.Found == found && finding.State.ToString().Equals(state, StringComparison.OrdinalIgnoreCase));
    }
}
