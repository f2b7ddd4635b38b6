using System.Text;
using Relay.Mail;

namespace Relay.Routing;

/// <summary>
/// Finds the way out for a recipient: the first route, in the order of the configuration, all of whose conditions hold. Domains
/// are compared without case and in A-labels, so that both spellings of a name are one. Pure: no DNS, no state.
/// </summary>
/// <param name="routes">The routes, in order.</param>
/// <param name="estate">The name of this estate; null where it has none.</param>
public sealed class Router(IReadOnlyList<Route> routes, string? estate = null)
{
    private readonly RouteRule[] rules = [.. routes.Select(route => new RouteRule(route, estate))];

    private readonly Dictionary<string, Route> byName =
        routes.Append(Route.Aliases).ToDictionary(r => r.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The routes, in order.</summary>
    public IReadOnlyList<Route> Routes => routes;

    /// <summary>The route for a recipient, as far as is known; none when no route can match whatever comes to be known.</summary>
    public RouteChoice Find(in RouteQuery query)
    {
        foreach (var rule in rules)
        {
            if (rule.Judge(query) is { Match: not RouteMatch.No } verdict)
            {
                return new RouteChoice(rule.Route, verdict.Match == RouteMatch.Yes);
            }
        }

        return new RouteChoice(null, IsSure: true);
    }

    /// <summary>
    /// The route that decides at the door: the first that may take the mail otherwise than by refusing it, or the reject route that
    /// surely stands before it. None when mail could only be refused later, or fit no route: then it is better refused now.
    /// </summary>
    public Route? FindAtDoor(in RouteQuery query)
    {
        foreach (var rule in rules)
        {
            var match = rule.Judge(query).Match;
            if (match == RouteMatch.Yes || (match == RouteMatch.Maybe && rule.Route.Kind != RouteKind.Reject))
            {
                return rule.Route;
            }
        }

        return null;
    }

    /// <summary>What each route makes of a message, in order, those behind the one that takes it too.</summary>
    public IEnumerable<RouteVerdict> Explain(RouteQuery query) => rules.Select(rule => rule.Judge(query));

    /// <summary>A route by name, whatever its conditions are; null when the configuration no longer has it.</summary>
    public Route? Named(string? name) => name is not null && byName.TryGetValue(name, out var route) ? route : null;

    /// <summary>
    /// Recipients that one attempt can serve share this key: the route, and under an MX route the domain too, since each
    /// domain has its own hosts.
    /// </summary>
    public static string Destination(Route route, Mailbox recipient) =>
        route.Kind == RouteKind.Mx ? ToAscii(recipient.Domain).ToLowerInvariant() : "";

    private static string ToAscii(string domain) =>
        !Ascii.IsValid(domain) && DomainName.TryToAscii(domain, out var ascii) ? ascii : domain;
}
