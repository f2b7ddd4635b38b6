using System.Net;
using Relay.Dns;

namespace Relay.Checks.Domains;

/// <summary>Where the domain takes mail (RFC 5321 §5.1): answers and bounces go there, and many take no mail from a domain without.</summary>
internal sealed class MxInspection(IDnsResolver dns)
{
    /// <summary>Hosts that are looked at, the best first.</summary>
    private const int MaxHosts = 10;

    private readonly DomainFindings findings = new("mx");

    public async Task<IReadOnlyList<DomainFinding>> RunAsync(string domain, CancellationToken cancel)
    {
        var answer = await dns.MxAsync(domain, cancel);
        switch (answer.Status)
        {
            case DnsStatus.Temporary:
                findings.NoAnswer($"the MX records of {domain}", answer.Detail);
                break;
            case DnsStatus.NoSuchName:
                findings.Change($"{domain} does not exist in DNS", "look for a slip in the name, or register it");
                break;
            case DnsStatus.NoRecords:
                await WithoutMxAsync(domain, cancel);
                break;
            default:
                await HostsAsync(domain, answer.Records, cancel);
                break;
        }

        return findings.All;
    }

    private async Task WithoutMxAsync(string domain, CancellationToken cancel)
    {
        var addresses = await dns.AddressesAsync(domain, cancel);
        if (addresses.Status == DnsStatus.Temporary)
        {
            findings.NoAnswer($"the addresses of {domain}", addresses.Detail);
        }
        else if (addresses.Status == DnsStatus.Found)
        {
            findings.Better($"no MX: mail goes to the address of {domain} itself", "publish an MX record that names the mail host");
        }
        else
        {
            findings.Change(
                "no MX and no address: answers and bounces go nowhere",
                "publish an MX record that names the mail host, or 'MX 0 .' where the domain is to get no mail");
        }
    }

    private async Task HostsAsync(string domain, IReadOnlyList<MxRecord> records, CancellationToken cancel)
    {
        if (records.Any(record => record.Exchange.Length == 0))
        {
            if (records.Count == 1)
            {
                findings.Right($"{domain} takes no mail, and says so (null MX)");
                return;
            }

            findings.Change("a null MX stands beside others (RFC 7505 §3)", "remove 'MX 0 .', or the others");
        }

        foreach (var record in records.Where(record => record.Exchange.Length > 0).OrderBy(record => record.Preference).Take(MaxHosts))
        {
            await HostAsync(record.Exchange, cancel);
        }
    }

    private async Task HostAsync(string host, CancellationToken cancel)
    {
        if (IPAddress.TryParse(host, out _))
        {
            findings.Change($"an MX names the address {host}", "name a host that has the address");
            return;
        }

        var alias = await dns.AliasAsync(host, cancel);
        if (alias is { Status: DnsStatus.Found, Records: [var target, ..] })
        {
            findings.Change(
                $"the MX {host} is an alias of {target} (RFC 5321 §5.1 forbids it)", $"name {target} in the MX, or give {host} its addresses itself");
        }

        var addresses = await dns.AddressesAsync(host, cancel);
        switch (addresses.Status)
        {
            case DnsStatus.Found:
                findings.Right($"{host} has {string.Join(", ", addresses.Records.Take(4))}");
                break;
            case DnsStatus.Temporary:
                findings.NoAnswer($"the addresses of {host}", addresses.Detail);
                break;
            default:
                findings.Change($"the MX {host} has no address", $"publish an address for {host}, or name another host");
                break;
        }
    }
}
