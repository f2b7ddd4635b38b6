using Relay.Checks;
using Relay.Mail;
using Relay.Status;

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

    /// <summary>What is still to be checked, from the queue; null for nothing.</summary>
    public CheckModes? Checks { get; init; }

    /// <summary>Why it is to go nowhere; null when it goes its way.</summary>
    public QuarantineReason? Quarantine { get; init; }

    /// <summary>Lines of the timeline behind the acceptance, such as what checks have found.</summary>
    public IReadOnlyList<StatusEvent> Events { get; init; } = [];
}
