namespace Relay.Status;

/// <summary>What a service was asked to send, and has not said the end of.</summary>
/// <param name="Id">What the service knows it by.</param>
/// <param name="SubmittedAt">When it took it.</param>
public sealed record PendingOperation(string Id, DateTimeOffset SubmittedAt);
