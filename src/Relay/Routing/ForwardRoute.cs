namespace Relay.Routing;

/// <summary>What only a forward route has.</summary>
public sealed record ForwardRoute;
