using Relay.Addresses;
using Relay.Dns;
using Relay.Forwarding;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;
using Relay.Status;
using Relay.Transport;

namespace Relay.Cli.Explain;

/// <summary>
/// Follows mail that never was from the configuration to the hosts that would get it. It asks DNS, and connects to nobody.
/// </summary>
internal sealed class AddressExplainer(RelayOptions options, IDnsResolver dns, IAddressBook addresses, Random random)
{
    private readonly Router router = new(options.Routes, options.Estate);
    private readonly Expansion expansion = new(new AliasTable(options.Aliases, addresses), srs: null);
    private readonly HopPlanner planner = new(options, dns, random);

    public async Task<AddressExplanation> ExplainAsync(RouteQuery query, CancellationToken cancel)
    {
        var suppressed = addresses.FindSuppression(query.Recipient);
        var expanded = expansion.Expand(query.Recipient);
        string[] targets = [.. (expanded?.Targets ?? []).Select(target => target.ToString())];
        List<(RouteVerdict Verdict, bool IsReached)> routes = expanded is not null ? [] : Routes(query);
        List<ExplainedWay> ways = [];
        if (expanded is not null)
        {
            var what = expanded.Fault is null ? $"is sent on to {string.Join(", ", targets)}" : "is an alias that leads to nobody";
            ways.Add(new ExplainedWay(Route.Aliases.Name, what, null, expanded.Fault?.Reason, expanded.Fault?.Reply.ToString(), null));
        }

        foreach (var target in expanded?.Targets ?? [])
        {
            // As the message of its own that it is sent on as: it is not expanded again.
            var onward = query with { Recipient = target, IsForwarded = true };
            ways.AddRange((await WaysAsync(onward, Routes(onward), cancel)).Select(way => way with { What = $"{target} {way.What}" }));
        }

        ways.AddRange(await WaysAsync(query, routes, cancel));

        return new AddressExplanation(
            query.Recipient.ToString(), query.Sender.ToString(), query.Account, query.Size,
            suppressed is null ? EndingOf(ways) : Ending.Refused, suppressed?.Reason, targets,
            [.. routes.Select(route => Explained(route.Verdict, route.IsReached, query))], ways);
    }

    private async Task<List<ExplainedWay>> WaysAsync(RouteQuery query, List<(RouteVerdict Verdict, bool IsReached)> routes, CancellationToken cancel)
    {
        List<ExplainedWay> ways = [];
        foreach (var (verdict, _) in routes.Where(route => route.IsReached && route.Verdict.Match != RouteMatch.No))
        {
            ways.Add(await WayAsync(verdict.Route, query.Recipient, cancel));
        }

        return ways;
    }

    /// <summary>Each route with what it makes of the mail; those behind the one that surely takes it are not reached.</summary>
    private List<(RouteVerdict Verdict, bool IsReached)> Routes(RouteQuery query)
    {
        List<(RouteVerdict, bool)> routes = [];
        var isReached = true;
        foreach (var verdict in router.Explain(query))
        {
            routes.Add((verdict, isReached));
            isReached &= verdict.Match != RouteMatch.Yes;
        }

        return routes;
    }

    private static ExplainedRoute Explained(RouteVerdict verdict, bool isReached, RouteQuery query) => new(
        verdict.Route.Name,
        RouteText.Kind(verdict.Route.Kind),
        !isReached ? "unreached" : verdict.Match switch { RouteMatch.Yes => "yes", RouteMatch.Maybe => "maybe", _ => "no" },
        !isReached ? "a route before it takes the mail" : RouteText.Why(verdict, query));

    private async Task<ExplainedWay> WayAsync(Route route, Mailbox recipient, CancellationToken cancel)
    {
        if (await planner.PlanAsync(route, recipient, cancel) is not { } plan)
        {
            var reply = route.Kind == RouteKind.Reject ? (route.Reject ?? RejectRoute.Refused).Reply : null;
            return new ExplainedWay(
                route.Name, RouteText.Way(route), null, reply is null ? null : Reasons.RejectedByRoute, reply?.ToString(), route.Fallback);
        }

        var what = plan.Source switch
        {
            MxSource.Mx => RouteText.Way(route),
            MxSource.NoMx => $"{RouteText.Way(route)}: it has no MX, so the domain itself (RFC 5321 §5.1)",
            MxSource.AddressLiteral => $"goes to that address, {RouteText.Tls(route)}",
            _ => RouteText.Way(route),
        };
        return new ExplainedWay(
            route.Name, what, [.. plan.Hosts.Select(Explained)], plan.Verdict?.Reason, plan.Verdict?.Reply.ToString(), route.Fallback);
    }

    private static ExplainedHost Explained(PlannedHost host) => new(
        host.Name, host.Preference, [.. host.Addresses.Select(address => address.ToString())], host.WhyNot);

    /// <summary>While one of several ways leads on, so does the mail.</summary>
    private static Ending EndingOf(List<ExplainedWay> ways) =>
        ways.Exists(way => way.Reason is null) ? Ending.Leads
        : ways.Exists(way => way.Reason == Reasons.DnsTemporary) ? Ending.NoAnswer
        : Ending.Refused;
}
