using Relay.Mail;
using Relay.Routing;

namespace Relay.Delivery.Destinations;

/// <summary>Where mail goes as one: what keeps one message from getting there keeps them all.</summary>
/// <param name="Route">The name of the route.</param>
/// <param name="Host">The recipients' domain under an mx route, the first host of a smarthost route, otherwise empty.</param>
/// <param name="IsDomain">The host is a domain, and no mail of another one goes here.</param>
public readonly record struct DestinationKey(string Route, string Host, bool IsDomain = false)
{
    /// <summary>The destination of a recipient over a route; null where the mail leaves this relay over no network.</summary>
    public static DestinationKey? Of(Route route, Mailbox recipient) => route.Kind switch
    {
        RouteKind.Mx => new(route.Name, Router.Destination(route, recipient), IsDomain: true),
        RouteKind.Smarthost => new(route.Name, route.Hosts.Count == 0 ? "" : route.Hosts[0].Host.ToLowerInvariant()),
        RouteKind.Acs or RouteKind.Webhook => new(route.Name, ""),
        _ => null,
    };

    /// <summary>The host, or the route where it has none, as people are told.</summary>
    public override string ToString() => Host.Length > 0 ? Host : Route;
}
