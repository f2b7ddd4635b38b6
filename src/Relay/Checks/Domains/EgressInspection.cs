using System.Net;
using Relay.Dns;

namespace Relay.Checks.Domains;

/// <summary>The names of the addresses that our mail leaves from: many take no mail from an address without one that leads back (RFC 8601 §3).</summary>
internal sealed class EgressInspection(IDnsResolver dns, string hostName)
{
    private readonly DomainFindings findings = new("ptr");

    public async Task<IReadOnlyList<DomainFinding>> RunAsync(IReadOnlyList<IPAddress> egress, CancellationToken cancel)
    {
        if (egress.Count == 0)
        {
            findings.Better(
                $"our host name {hostName} has no address: nothing is known of where mail leaves",
                "name the addresses that others see by --ip, and let HostName have an address");
        }

        foreach (var address in egress)
        {
            await AddressAsync(address, cancel);
        }

        return findings.All;
    }

    private async Task AddressAsync(IPAddress address, CancellationToken cancel)
    {
        var found = await Iprev.OfAsync(address, dns, cancel);
        switch (found.Result)
        {
            case IprevResult.Pass when found.Name!.Equals(hostName, StringComparison.OrdinalIgnoreCase):
                findings.Right($"{address} is {found.Name}, and back");
                break;
            case IprevResult.Pass:
                findings.Better($"{address} is {found.Name}, and back; in HELO it is {hostName}", "let the name and HostName be the same");
                break;
            case IprevResult.TempError:
                findings.NoAnswer($"the name of {address}", found.Detail);
                break;
            case IprevResult.Fail:
                findings.Change($"{address}: {found.Detail}", $"let {hostName} have the address, and the address that name");
                break;
            default:
                findings.Change($"{address} has no name in DNS", $"let who owns the address publish a PTR record that names {hostName}");
                break;
        }
    }
}
