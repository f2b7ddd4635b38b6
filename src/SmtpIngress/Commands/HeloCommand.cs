using System.Text;
using Relay.Checks;
using Relay.Mail;
using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>HELO, RFC 5321 §4.1.1.1: who the client is; the transaction begins anew.</summary>
internal static class HeloCommand
{
    // helo = "HELO" SP Domain
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument) =>
        Greet(session, argument, isExtended: false) ?? session.Context.HeloReply;

    /// <summary>Takes the client's name and drops any transaction (RFC 5321 §4.1.4); EHLO does the same.</summary>
    /// <returns>Null, or why the name is refused.</returns>
    public static SmtpReply? Greet(SmtpSession session, ReadOnlySpan<byte> name, bool isExtended)
    {
        if (name.IsEmpty)
        {
            return SessionReplies.ArgumentMissing;
        }

        if (session.Client.IsTrusted ? name.ContainsAnyInRange((byte)0, (byte)0x1f) : !Mailbox.IsDomain(name))
        {
            return SessionReplies.BadHelo;
        }

        session.Client.Helo = Encoding.UTF8.GetString(name);
        session.Client.IsExtended = isExtended;
        session.Checks.Forget(CheckStage.Helo);
        session.Transaction = null;
        return null;
    }
}
