using Relay.Mail;

namespace Relay.Routing;

/// <summary>A route with its conditions, ready to be asked for every recipient. Pure: no DNS, no state.</summary>
internal sealed class RouteRule
{
    private static readonly NameSet Nobody = new([]);

    private readonly bool isOfEstate;
    private readonly NameSet recipients;
    private readonly NameSet allowed;
    private readonly NameSet? senders;
    private readonly HashSet<string>? accounts;
    private readonly bool takesAnyAccount;

    /// <param name="route">The route.</param>
    /// <param name="estate">The name of this estate; null where it has none.</param>
    public RouteRule(Route route, string? estate)
    {
        Route = route;
        isOfEstate = route.Estates.Count == 0 || (estate is not null && route.Estates.Contains(estate, StringComparer.OrdinalIgnoreCase));
        recipients = new NameSet(route.Recipients);
        allowed = route.Capture is { } capture ? new NameSet(capture.AllowedRecipients) : Nobody;
        senders = route.Senders.Count > 0 ? new NameSet(route.Senders) : null;
        accounts = route.Accounts.Count > 0 ? route.Accounts.ToHashSet(StringComparer.OrdinalIgnoreCase) : null;
        takesAnyAccount = route.Accounts.Contains("*");
    }

    public Route Route { get; }

    /// <summary>Holds the conditions against what is known: one that fails stands before one that cannot be decided.</summary>
    public RouteVerdict Judge(in RouteQuery query)
    {
        var failed = !isOfEstate ? RouteCondition.Estates
            : query.IsForwarded && Route.Kind == RouteKind.Forward ? RouteCondition.Forwarded
            : !recipients.Contains(query.Recipient) ? RouteCondition.Recipients
            : allowed.Contains(query.Recipient) ? RouteCondition.AllowedRecipients
            : senders?.Contains(query.Sender) == false ? RouteCondition.Senders
            : !TakesAccount(query.Account) ? RouteCondition.Accounts
            : query.Size is { } size && !(size >= Route.MinSize && size <= Route.MaxSize) ? RouteCondition.Size
            : query.Header is { } header && !TakesHeader(header) ? RouteCondition.Headers
            : RouteCondition.None;
        if (failed != RouteCondition.None)
        {
            return new RouteVerdict(Route, RouteMatch.No, failed);
        }

        var open = query.Size is null && Route.HasSizes ? RouteCondition.Size
            : query.Header is null && Route.Headers.Count > 0 ? RouteCondition.Headers
            : RouteCondition.None;
        return new RouteVerdict(Route, open == RouteCondition.None ? RouteMatch.Yes : RouteMatch.Maybe, open);
    }

    private bool TakesAccount(string? account) =>
        accounts is null || (account is not null && (takesAnyAccount || accounts.Contains(account)));

    private bool TakesHeader(MessageHeader header)
    {
        var isOpen = Route.Headers.Count == 0;
        foreach (var pattern in Route.Headers)
        {
            isOpen |= pattern.Matches(header);
        }

        return isOpen;
    }
}
