using Relay.Mail;

namespace Relay.Spool;

/// <summary>A message that is about to become Relay's responsibility.</summary>
public sealed record AcceptedMessage
{
    /// <summary>The id that the 250 reply will name.</summary>
    public required MessageId Id { get; init; }

    /// <summary>Where from and where to.</summary>
    public required Envelope Envelope { get; init; }

    /// <summary>Who handed it in.</summary>
    public required Origin Origin { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The W3C trace context of the session, so that one trace holds the whole way.</summary>
    public string? TraceParent { get; init; }
}
