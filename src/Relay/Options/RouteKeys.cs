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
        (Settings.RouteTls, [RouteKind.Mx, RouteKind.Smarthost]),
        (Settings.RouteEndpoint, [RouteKind.Acs]),
        (Settings.RouteConnectionString, [RouteKind.Acs]),
        (Settings.RouteFrom, [RouteKind.Acs]),
        (Settings.RouteMayLose, [RouteKind.Acs]),
        (Settings.RoutePerMinute, [RouteKind.Acs]),
        (Settings.RoutePerHour, [RouteKind.Acs]),
        (Settings.RouteWhenSpent, [RouteKind.Acs]),
        (Settings.RouteDeliveryReports, [RouteKind.Acs]),
    ];

    /// <summary>Keys that a kind cannot be without.</summary>
    public static IReadOnlyList<(Setting Setting, RouteKind Kind)> Needed { get; } =
    [
        (Settings.RouteHosts, RouteKind.Smarthost),
    ];
}
