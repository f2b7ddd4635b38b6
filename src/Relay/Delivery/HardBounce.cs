using Relay.Replies;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Delivery;

/// <summary>
/// Whether a refusal says that an address will not take mail for as long as one can tell, whatever is sent to it: it does not
/// exist, or its domain does not, or takes no mail. What is refused for its content, its sender or a policy (X.7) says nothing
/// about the address, and a bare 550 is used for all of these. Pure.
/// </summary>
public static class HardBounce
{
    /// <summary>Whether this is what an attempt brought for a recipient.</summary>
    public static bool Is(RecipientOutcome outcome) => outcome is { Kind: OutcomeKind.Bounced, IsOfAll: false } &&
        (outcome.Reason is Reasons.DomainNotFound or Reasons.NullMx ||
            (outcome.Reason == Reasons.RemotePermanent && outcome.Reply is { IsPermanent: true, Enhanced: { } status } && Is(status)));

    /// <summary>Whether this is what a remote host or service reports.</summary>
    public static bool Is(RemoteReport report) => report is { Action: DsnAction.Failed, Status: { } text } &&
        EnhancedStatus.TryRead(text, out var status, out _) && Is(status);

    /// <summary>Whether this is what a status says.</summary>
    public static bool Is(EnhancedStatus status) => status switch
    {
        // RFC 3463 §3.2: the mailbox does not exist; the host or domain does not, or takes no mail; the address is not valid
        // there; the mailbox has moved and left no address.
        { Class: 5, Subject: 1, Detail: 1 or 2 or 3 or 6 } => true,
        // RFC 7505 §4.2: the domain has a null MX.
        { Class: 5, Subject: 1, Detail: 10 } => true,
        // RFC 3463 §3.3: the mailbox exists, and is disabled.
        { Class: 5, Subject: 2, Detail: 1 } => true,
        _ => false,
    };
}
