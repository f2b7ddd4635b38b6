namespace Relay.Status;

/// <summary>What a service was asked to send, and has not said the end of.</summary>
/// <param name="Id">What the service knows it by.</param>
/// <param name="SubmittedAt">When it took it; null where that is not known, so that it must be asked before it is sent again.</param>
public sealed record PendingOperation(string Id, DateTimeOffset? SubmittedAt)
{
    /// <summary>The service has done its part, and only a report tells what became of it.</summary>
    public bool AwaitsReport { get; init; }
}
