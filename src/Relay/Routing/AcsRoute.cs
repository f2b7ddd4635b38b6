namespace Relay.Routing;

/// <summary>What only an acs route has.</summary>
public sealed record AcsRoute;
