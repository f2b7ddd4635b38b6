using Relay.Routing;

namespace Relay.Options;

/// <summary>Which kinds of route have which keys. A key that is in neither list belongs to all kinds.</summary>
internal static class RouteKeys
{
    /// <summary>Keys of some kinds only.</summary>
    public static IReadOnlyList<(Setting Setting, RouteKind[] Kinds)> Kinds { get; } =
    [
        (Settings.RouteHosts, [RouteKind.Smarthost]),
        (Settings.RoutePort, [RouteKind.Mx]),
        (Settings.RouteTargets, [RouteKind.Forward]),
        (Settings.RouteTls, [RouteKind.Mx, RouteKind.Smarthost]),
        (Settings.RoutePreset, [RouteKind.Smarthost]),
        (Settings.RouteAuth, [RouteKind.Smarthost]),
        (Settings.RouteUser, [RouteKind.Smarthost]),
        (Settings.RoutePassword, [RouteKind.Smarthost]),
        (Settings.RoutePasswordFile, [RouteKind.Smarthost]),
        (Settings.RouteTokenScope, [RouteKind.Smarthost]),
        (Settings.RouteConcurrency, [RouteKind.Smarthost]),
        (Settings.RouteRate, [RouteKind.Smarthost]),
        (Settings.RouteMaxRecipients, [RouteKind.Smarthost]),

        (Settings.RouteFormat, [RouteKind.Mailbox, RouteKind.Webhook]),
        (Settings.RouteFallback, [RouteKind.Acs, RouteKind.Webhook]),
        (Settings.RoutePath, [RouteKind.Mailbox]),
        (Settings.RouteContainer, [RouteKind.Mailbox]),
        (Settings.RouteUrl, [RouteKind.Webhook]),
        (Settings.RouteSecret, [RouteKind.Webhook]),
        (Settings.RouteTimeout, [RouteKind.Webhook]),
        (Settings.RouteAllowPrivate, [RouteKind.Webhook]),
        (Settings.RouteReply, [RouteKind.Reject, RouteKind.Discard]),
        (Settings.RouteAllowedRecipients, [RouteKind.Capture]),
        (Settings.RouteEndpoint, [RouteKind.Acs]),
        (Settings.RouteConnectionString, [RouteKind.Acs]),
        (Settings.RouteFrom, [RouteKind.Acs]),
        (Settings.RouteMayLose, [RouteKind.Acs]),
        (Settings.RoutePerMinute, [RouteKind.Acs]),
        (Settings.RoutePerHour, [RouteKind.Acs]),
        (Settings.RouteWhenSpent, [RouteKind.Acs]),
        (Settings.RouteDeliveryReports, [RouteKind.Acs]),
    ];

    /// <summary>Whether a key of some kinds only is one of a kind.</summary>
    public static bool Have(Setting setting, RouteKind kind) => Kinds.Any(key => key.Setting == setting && key.Kinds.Contains(kind));

    /// <summary>Keys that a kind cannot be without.</summary>
    public static IReadOnlyList<(Setting Setting, RouteKind Kind)> Needed { get; } =
    [
        (Settings.RoutePath, RouteKind.Mailbox),
        (Settings.RouteUrl, RouteKind.Webhook),
        (Settings.RouteSecret, RouteKind.Webhook),
        (Settings.RouteTargets, RouteKind.Forward),
    ];
}
