using Relay.Routing;

namespace Relay.Cli;

/// <summary>Routes in words.</summary>
internal static class RouteText
{
    /// <summary>The kind, as the configuration has it.</summary>
    public static string Kind(RouteKind kind) => kind switch
    {
        RouteKind.Capture => "capture",
        RouteKind.Discard => "discard",
        RouteKind.Mx => "mx",
        RouteKind.Smarthost => "smarthost",
        RouteKind.Acs => "acs",
        RouteKind.Mailbox => "mailbox",
        RouteKind.Webhook => "webhook",
        RouteKind.Forward => "forward",
        _ => "reject",
    };

    /// <summary>True when it takes whatever comes to it in an estate that it is meant for.</summary>
    public static bool TakesAll(Route route) => Conditions(route).Count == 0 && route.Recipients.Contains("*") && Allowed(route).Count == 0;

    /// <summary>Whose mail it takes: <c>example.com from &lt;&gt;</c>.</summary>
    public static string Whom(Route route)
    {
        var recipients = route.Recipients.Count == 0 ? "only as a fallback"
            : route.Recipients.Contains("*") ? "everyone"
            : string.Join(", ", route.Recipients);
        var but = Allowed(route).Count == 0 ? "" : $" but {string.Join(", ", Allowed(route))}";
        var conditions = Conditions(route);
        return $"{recipients}{but}{(conditions.Count == 0 ? "" : $" ({string.Join("; ", conditions)})")}";
    }

    /// <summary>What becomes of its mail: <c>is captured</c>.</summary>
    public static string Way(Route route) => route.Kind switch
    {
        RouteKind.Capture => "is captured",
        RouteKind.Discard => "is discarded",
        RouteKind.Mx => $"goes to the mail hosts of its domain{(route.Port == 25 ? "" : $", port {route.Port}")}, {Tls(route)}",
        RouteKind.Smarthost => $"goes to {string.Join(", then ", route.Hosts)}, {Tls(route)}",
        RouteKind.Acs => "goes to Azure Communication Services",
        RouteKind.Mailbox => "goes into a mailbox",
        RouteKind.Webhook => "goes to a webhook",
        RouteKind.Forward => "is sent on to other addresses",
        _ => $"is refused: {(route.Reject ?? RejectRoute.Refused).Reply}",
    };

    /// <summary>Whether SMTP is encrypted.</summary>
    public static string Tls(Route route) => route.Tls switch
    {
        TlsMode.Required => "TLS required",
        TlsMode.Off => "without TLS",
        _ => "TLS where offered",
    };

    /// <summary>Why a route takes mail or does not, by the first condition that decides.</summary>
    public static string Why(RouteVerdict verdict, RouteQuery query) => verdict.Match switch
    {
        RouteMatch.Yes => $"takes {Whom(verdict.Route)}",
        RouteMatch.Maybe when verdict.Condition == RouteCondition.Size => $"asks for the size, {Sizes(verdict.Route)}: give it by --size",
        RouteMatch.Maybe => $"asks for the header, {Headers(verdict.Route)}: give its fields by --header",
        _ => WhyNot(verdict.Condition, verdict.Route, query),
    };

    private static string WhyNot(RouteCondition condition, Route route, RouteQuery query) => condition switch
    {
        RouteCondition.Estates => $"is for {Estates(route)}",
        RouteCondition.Forwarded => "does not send on again what was sent on once",
        RouteCondition.Recipients => route.Recipients.Count == 0 ? "is taken only as a fallback" : $"takes {string.Join(", ", route.Recipients)}",
        RouteCondition.AllowedRecipients => "is passed by who is in its AllowedRecipients",
        RouteCondition.Senders => $"takes mail {Senders(route)}, and this is from {(query.Sender.IsNull ? "<>" : query.Sender)}",
        RouteCondition.Accounts => $"takes mail {Accounts(route)}, and {(query.Account is { } account ? $"this is by {account}" : "nobody is signed in")}",
        RouteCondition.Size => $"takes mail {Sizes(route)}, and this has {query.Size}",
        _ => $"takes mail {Headers(route)}",
    };

    private static List<string> Conditions(Route route) =>
    [
        .. route.Senders.Count > 0 ? [Senders(route)] : Array.Empty<string>(),
        .. route.Accounts.Count > 0 ? [Accounts(route)] : Array.Empty<string>(),
        .. route.MinSize > 0 || route.MaxSize < long.MaxValue ? [Sizes(route)] : Array.Empty<string>(),
        .. route.Headers.Count > 0 ? [Headers(route)] : Array.Empty<string>(),
        .. route.Estates.Count > 0 ? [Estates(route)] : Array.Empty<string>(),
    ];

    private static IReadOnlyList<string> Allowed(Route route) => route.Capture?.AllowedRecipients ?? [];

    private static string Senders(Route route) => $"from {string.Join(" or ", route.Senders)}";

    private static string Accounts(Route route) =>
        route.Accounts.Contains("*") ? "by whoever is signed in" : $"by {string.Join(" or ", route.Accounts)}";

    private static string Sizes(Route route) => (route.MinSize, route.MaxSize) switch
    {
        (0, var max) => $"of at most {max} octets",
        (var min, long.MaxValue) => $"of at least {min} octets",
        var (min, max) => $"of {min} to {max} octets",
    };

    private static string Headers(Route route) => $"with {string.Join(" or ", route.Headers)}";

    private static string Estates(Route route) => $"estate {string.Join(" or ", route.Estates)}";
}
