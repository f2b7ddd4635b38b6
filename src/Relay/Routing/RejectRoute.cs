namespace Relay.Routing;

/// <summary>What a reject or discard route says.</summary>
public sealed record RejectRoute;
