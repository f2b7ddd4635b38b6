using System.Net;
using Relay.Dns;
using Relay.Mail;

namespace Relay.Transport;

/// <summary>Asks DNS where the mail of a domain goes. Attempts follow the plan, and whoever explains one shows the same.</summary>
internal sealed class MxPlanner(IDnsResolver dns, MxHosts mxHosts)
{
    /// <summary>Where mail for a recipient is tried, in order, or why nowhere.</summary>
    public async Task<MxPlan> PlanAsync(Mailbox recipient, int port, CancellationToken cancel)
    {
        if (recipient.HasAddressLiteral)
        {
            return new MxPlan(MxSource.AddressLiteral, [], mxHosts.Literal(recipient, port));
        }

        var answer = await dns.MxAsync(recipient.Domain, cancel);
        var source = answer.Status == DnsStatus.NoRecords ? MxSource.NoMx : MxSource.Mx;
        var order = mxHosts.Order(recipient.Domain, answer);
        if (order.Verdict is not null)
        {
            return new MxPlan(source, order.Hosts, new MxRoute([], order.Verdict) { Passed = order.Passed });
        }

        var addresses = await Task.WhenAll(order.Hosts.Select(host => dns.AddressesAsync(host.Name, cancel)));
        var route = mxHosts.Route(recipient.Domain, port, order.Hosts, addresses);
        return new MxPlan(source, order.Hosts, order.Passed.Count == 0 ? route : route with { Passed = [.. route.Passed, .. order.Passed] })
        {
            IsSecure = answer.IsSecure,
            Answers = OfHops(route, order.Hosts, addresses),
        };
    }

    private static Dictionary<string, DnsAnswer<IPAddress>> OfHops(
        MxRoute route, IReadOnlyList<MailHost> hosts, IReadOnlyList<DnsAnswer<IPAddress>> addresses)
    {
        var answers = hosts.Zip(addresses).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.OrdinalIgnoreCase);
        return route.Hops.Select(hop => hop.Name).Distinct(StringComparer.OrdinalIgnoreCase)
            .ToDictionary(name => name, name => answers[name], StringComparer.OrdinalIgnoreCase);
    }
}

/// <summary>Where the mail of a domain goes, and where that comes from.</summary>
/// <param name="Source">What says so.</param>
/// <param name="Hosts">Hosts whose addresses were asked for, in order.</param>
/// <param name="Route">Addresses in the order to try them.</param>
internal sealed record MxPlan(MxSource Source, IReadOnlyList<MailHost> Hosts, MxRoute Route)
{
    /// <summary>The answer to the question for MX is proven by DNSSEC.</summary>
    public bool IsSecure { get; init; }

    /// <summary>The hosts that have a hop, each with the answer that gave it.</summary>
    public IReadOnlyDictionary<string, DnsAnswer<IPAddress>> Answers { get; init; } = new Dictionary<string, DnsAnswer<IPAddress>>();
}

/// <summary>What says where the mail of a domain goes.</summary>
public enum MxSource
{
    /// <summary>MX records.</summary>
    Mx,

    /// <summary>There are none: the domain is its own mail host (RFC 5321 §5.1).</summary>
    NoMx,

    /// <summary>The recipient is at an address.</summary>
    AddressLiteral,
}
