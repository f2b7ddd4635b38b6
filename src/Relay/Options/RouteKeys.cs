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
        (Settings.RouteReply, [RouteKind.Reject, RouteKind.Discard]),
        (Settings.RouteAllowedRecipients, [RouteKind.Capture]),
    ];

    /// <summary>Keys that a kind cannot be without.</summary>
    public static IReadOnlyList<(Setting Setting, RouteKind Kind)> Needed { get; } =
    [
        (Settings.RouteHosts, RouteKind.Smarthost),
        (Settings.RouteTargets, RouteKind.Forward),
    ];
}
