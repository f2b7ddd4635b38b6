using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>RSET, RFC 5321 §4.1.1.5: drops the transaction; the greeting stays.</summary>
internal static class RsetCommand
{
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (!argument.IsEmpty)
        {
            return SessionReplies.NoArgumentAllowed;
        }

        session.Transaction = null;
        return SessionReplies.ResetOk;
    }
}
