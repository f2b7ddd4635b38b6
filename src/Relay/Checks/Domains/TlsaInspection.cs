using Relay.Dns;
using Relay.Transport.MxSecurity;

namespace Relay.Checks.Domains;

/// <summary>The TLSA records of the domain's mail hosts (RFC 7672). Whether they are proven is for a resolver that validates to say.</summary>
internal sealed class TlsaInspection(IDnsResolver dns)
{
    /// <summary>Hosts that are looked at, the best first.</summary>
    private const int MaxHosts = 10;

    private readonly DomainFindings findings = new("tlsa");

    public async Task<IReadOnlyList<DomainFinding>> RunAsync(string domain, CancellationToken cancel)
    {
        var mx = await dns.MxAsync(domain, cancel);
        foreach (var record in mx.Records.Where(record => record.Exchange.Length > 0).OrderBy(record => record.Preference).Take(MaxHosts))
        {
            await HostAsync(record.Exchange, cancel);
        }

        return findings.All;
    }

    /// <summary>A host without any has nothing to tell: few have.</summary>
    private async Task HostAsync(string host, CancellationToken cancel)
    {
        var answer = await dns.TlsaAsync($"_25._tcp.{host}", cancel);
        if (answer.Status == DnsStatus.Temporary)
        {
            findings.NoAnswer($"the TLSA records of {host}", answer.Detail);
        }
        else if (answer.Status == DnsStatus.Found && new DaneProof(host, answer.Records).IsUsable)
        {
            findings.Right($"{host} has {string.Join(", ", answer.Records)}{(answer.IsSecure ? "" : "; not proven by DNSSEC, as this name server says")}");
        }
        else if (answer.Status == DnsStatus.Found)
        {
            findings.Change(
                $"{host} has TLSA records that SMTP cannot use (RFC 7672 §3.1): {string.Join(", ", answer.Records)}",
                "publish 3 1 1 with the SHA-256 digest of the public key");
        }
    }
}
