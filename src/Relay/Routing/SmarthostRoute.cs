namespace Relay.Routing;

/// <summary>What only a smarthost route has, beside its hosts.</summary>
public sealed record SmarthostRoute;
