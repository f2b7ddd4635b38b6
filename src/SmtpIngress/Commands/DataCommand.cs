using Relay.Mail;
using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>DATA, RFC 5321 §4.1.1.4: the content follows. <see cref="DataReader"/> reads it.</summary>
internal static class DataCommand
{
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (!argument.IsEmpty)
        {
            return SessionReplies.NoArgumentAllowed;
        }

        // RFC 3030 §3: octets that are no lines cannot end in a line with a dot.
        return session.Transaction!.Body == BodyType.BinaryMime ? SessionReplies.BinaryNeedsBdat : session.BeginContent();
    }
}
