using Relay.Checks;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool;

/// <summary>What the checks of a session make of a message that is taken.</summary>
public sealed record IntakeVerdict
{
    /// <summary>
    /// What the first octets become, our own <c>Received:</c> field counted in; null to leave them. The octets must stay as they
    /// are until the message is accepted.
    /// </summary>
    public ContentHead? Head { get; init; }

    /// <summary>What is still to be checked, from the queue; null for nothing.</summary>
    public CheckModes? Checks { get; init; }

    /// <summary>Why the message is to go nowhere; null when it goes its way.</summary>
    public QuarantineReason? Quarantine { get; init; }

    /// <summary>Lines for the timeline.</summary>
    public IReadOnlyList<StatusEvent> Events { get; init; } = [];
}
