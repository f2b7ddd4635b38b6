namespace Relay.Routing;

/// <summary>What only a webhook route has.</summary>
public sealed record WebhookRoute;
