using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>QUIT, RFC 5321 §4.1.1.10.</summary>
internal static class QuitCommand
{
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument) =>
        argument.IsEmpty ? SessionReplies.Closing : SessionReplies.NoArgumentAllowed;
}
