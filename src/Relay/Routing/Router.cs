using Relay.Mail;

namespace Relay.Routing;

/// <summary>
/// Finds the way out for a recipient: the first route, in the order of the configuration, one of whose patterns matches.
/// Pure: no DNS, no state.
/// </summary>
public sealed class Router(IReadOnlyList<Route> routes)
{
    private readonly Dictionary<string, Route> byName = routes.ToDictionary(r => r.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The routes, in order.</summary>
    public IReadOnlyList<Route> Routes => routes;

    /// <summary>The route for a recipient; null when none matches.</summary>
    public Route? Find(Mailbox recipient)
    {
        foreach (var route in routes)
        {
            foreach (var pattern in route.Recipients)
            {
                if (Matches(pattern, recipient))
                {
                    return route;
                }
            }
        }

        return null;
    }

    /// <summary>A route by name; null when the configuration no longer has it.</summary>
    public Route? Named(string? name) => name is not null && byName.TryGetValue(name, out var route) ? route : null;

    /// <summary>
    /// Recipients that one attempt can serve share this key: the route, and under an MX route the domain too, since each
    /// domain has its own hosts.
    /// </summary>
    public static string Destination(Route route, Mailbox recipient) =>
        route.Kind == RouteKind.Mx ? recipient.Domain.ToLowerInvariant() : "";

    private static bool Matches(string pattern, Mailbox recipient)
    {
        if (pattern == "*")
        {
            return true;
        }

        if (pattern.StartsWith("*.", StringComparison.Ordinal))
        {
            return recipient.Domain.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase);
        }

        return pattern.Contains('@')
            ? string.Equals(pattern, recipient.ToString(), StringComparison.OrdinalIgnoreCase)
            : string.Equals(pattern, recipient.Domain, StringComparison.OrdinalIgnoreCase);
    }
}
