using Relay.Addresses;
using Relay.Mail;
using Relay.Replies;
using Relay.Telemetry;

namespace Relay.SmtpIngress;

/// <summary>Refuses recipients that are on the suppression list. Who asks hears no more than that; the log has since when and why.</summary>
internal sealed class SuppressedAtDoor(SuppressedRecipients suppressed)
{
    /// <summary>Null when mail to the recipient is taken. Throws <see cref="Spool.SpoolException"/> when the list cannot be read now.</summary>
    public SmtpReply? Refuse(SmtpSession session, Mailbox recipient)
    {
        if (suppressed.Find(recipient) is not { } entry)
        {
            return null;
        }

        RelayTelemetry.Suppressed.Add(1);
        IngressLog.SuppressedRefused(session.Context.Log, session.Id, recipient, entry.Why);
        return SessionReplies.Suppressed;
    }
}
