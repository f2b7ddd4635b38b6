using Relay.Options;

namespace Relay.Delivery.Destinations;

/// <summary>
/// The limits of each destination: those that a smarthost route has of its own; else those of the first pattern that its host
/// matches; else those of all.
/// </summary>
internal sealed class LimitTable(RelayOptions options)
{
    public DestinationLimits Of(DestinationKey key)
    {
        var limits = options.Destinations.FirstOrDefault(one => Matches(one.Domain, key.Host)) ?? options.Delivery.Destination;
        return options.Routes.FirstOrDefault(route => route.Name == key.Route)?.Smarthost is { } own
            ? new DestinationLimits { Concurrency = own.Concurrency ?? limits.Concurrency, Rate = own.Rate ?? limits.Rate }
            : limits;
    }

    private static bool Matches(string pattern, string host) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}
