namespace Relay.Routing;

/// <summary>What only a capture route has.</summary>
public sealed record CaptureRoute;
