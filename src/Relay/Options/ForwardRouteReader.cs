using Relay.Routing;

namespace Relay.Options;

/// <summary>Reads the keys that only this kind of route has.</summary>
internal static class ForwardRouteReader
{
    /// <summary>The part of the route at <paramref name="item"/>; faults are gathered in the reader.</summary>
    public static ForwardRoute Read(SettingsReader reader, int item) => new(reader.Read(Settings.RouteTargets, item));
}
