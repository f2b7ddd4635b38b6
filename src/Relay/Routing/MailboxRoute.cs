namespace Relay.Routing;

/// <summary>What only a mailbox route has.</summary>
public sealed record MailboxRoute;
