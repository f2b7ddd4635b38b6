using Relay.Options;

namespace Relay.Delivery.Destinations;

/// <summary>The limits of each destination: of the first pattern that its host matches, or those of all.</summary>
internal sealed class LimitTable(DestinationLimits others, IReadOnlyList<DestinationOptions> some)
{
    public DestinationLimits Of(DestinationKey key) =>
        some.FirstOrDefault(one => Matches(one.Domain, key.Host)) ?? others;

    private static bool Matches(string pattern, string host) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}
