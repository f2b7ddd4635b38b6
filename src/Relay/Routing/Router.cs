using System.Text;
using Relay.Mail;

namespace Relay.Routing;

/// <summary>
/// Finds the way out for a recipient: the first route, in the order of the configuration, one of whose patterns matches.
/// Domains are compared without case and in A-labels, so that both spellings of a name are one. Pure: no DNS, no state.
/// </summary>
public sealed class Router(IReadOnlyList<Route> routes)
{
    private readonly (Route Route, string[] Patterns)[] rules =
        routes.Select(route => (route, route.Recipients.Select(ToAscii).ToArray())).ToArray();

    private readonly Dictionary<string, Route> byName =
        routes.Append(Route.Aliases).ToDictionary(r => r.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The routes, in order.</summary>
    public IReadOnlyList<Route> Routes => routes;

    /// <summary>The route for a recipient; null when none matches.</summary>
    /// <param name="mayForward">False for what was forwarded already: forward routes are passed over.</param>
    public Route? Find(Mailbox recipient, bool mayForward = true)
    {
        var domain = ToAscii(recipient.Domain);
        foreach (var (route, patterns) in rules)
        {
            if (route.Kind == RouteKind.Forward && !mayForward)
            {
                continue;
            }

            foreach (var pattern in patterns)
            {
                if (Matches(pattern, recipient, domain))
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
        route.Kind == RouteKind.Mx ? ToAscii(recipient.Domain).ToLowerInvariant() : "";

    private static bool Matches(string pattern, Mailbox recipient, string domain)
    {
        if (pattern == "*")
        {
            return true;
        }

        if (pattern.StartsWith("*.", StringComparison.Ordinal))
        {
            return domain.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase);
        }

        return pattern.Contains('@')
            ? string.Equals(pattern, (recipient with { Domain = domain }).ToString(), StringComparison.OrdinalIgnoreCase)
            : string.Equals(pattern, domain, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A domain, or the domain of a pattern, in A-labels; left as it is where it has none.</summary>
    private static string ToAscii(string pattern)
    {
        var start = pattern.LastIndexOf('@') + 1;
        return !Ascii.IsValid(pattern.AsSpan(start)) && DomainName.TryToAscii(pattern[start..], out var ascii)
            ? pattern[..start] + ascii
            : pattern;
    }
}
