using System.Net;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;

namespace Relay.Transport;

/// <summary>
/// Where an attempt over a route by SMTP would go, without going there. It finds the hosts in the way that the transports do. Hosts
/// of equal preference are mixed anew each time.
/// </summary>
/// <param name="options">The name of this relay, and where it takes mail.</param>
/// <param name="dns">Finds hosts and addresses.</param>
/// <param name="random">Mixes.</param>
public sealed class HopPlanner(RelayOptions options, IDnsResolver dns, Random random)
{
    private readonly MxPlanner mx = new(dns, MxHosts.Of(options, random, listeners: null));

    /// <summary>The plan; null for a route that is not by SMTP.</summary>
    public async Task<HopPlan?> PlanAsync(Route route, Mailbox recipient, CancellationToken cancel) => route.Kind switch
    {
        RouteKind.Mx => await PlanMxAsync(recipient, route.Port, cancel),
        RouteKind.Smarthost => await PlanSmarthostAsync(route, cancel),
        _ => null,
    };

    private async Task<HopPlan> PlanMxAsync(Mailbox recipient, int port, CancellationToken cancel)
    {
        var plan = await mx.PlanAsync(recipient, port, cancel);
        var preferences = plan.Hosts.ToLookup(host => host.Name, host => plan.Source == MxSource.Mx ? (int?)host.Preference : null);
        var tried = plan.Route.Hops.GroupBy(hop => hop.Name)
            .Select(host => new PlannedHost(host.Key, preferences[host.Key].FirstOrDefault(), [.. host.Select(hop => hop.Address)]));
        var passed = plan.Route.Passed.Select(host => new PlannedHost(host.Host.Name, host.Host.Preference, []) { WhyNot = host.Why });
        return new HopPlan([.. tried, .. passed]) { Source = plan.Source, Verdict = plan.Route.Verdict };
    }

    private async Task<HopPlan> PlanSmarthostAsync(Route route, CancellationToken cancel)
    {
        var found = await Task.WhenAll(route.Hosts.Select(host => SmarthostHops.FindAsync(dns, host, cancel)));
        var hosts = route.Hosts
            .Zip(found, (host, hops) => new PlannedHost(host.ToString(), null, [.. hops.Hops.Select(hop => hop.Address)])
            {
                WhyNot = hops.Trouble?.Reply.Text,
            })
            .ToArray();
        return new HopPlan(hosts) { Verdict = hosts.All(host => host.WhyNot is not null) ? found.FirstOrDefault()?.Trouble : null };
    }
}

/// <summary>Where an attempt would go.</summary>
/// <param name="Hosts">In the order to try them; behind them those that are not tried.</param>
public sealed record HopPlan(IReadOnlyList<PlannedHost> Hosts)
{
    /// <summary>What says so, of an mx route; null for a smarthost, which the configuration names.</summary>
    public MxSource? Source { get; init; }

    /// <summary>What becomes of the mail where there is nobody to try; null where there is.</summary>
    public RecipientOutcome? Verdict { get; init; }
}

/// <summary>A host of a plan.</summary>
/// <param name="Name">Its name; an address where it has none.</param>
/// <param name="Preference">Of its MX record; null where there is none.</param>
/// <param name="Addresses">Where to connect, in this order.</param>
public sealed record PlannedHost(string Name, int? Preference, IReadOnlyList<IPEndPoint> Addresses)
{
    /// <summary>Why it is not tried; null when it is.</summary>
    public string? WhyNot { get; init; }
}
