using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>VRFY, RFC 5321 §4.1.1.6: tells nothing about anybody (§7.3).</summary>
internal static class VrfyCommand
{
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument) =>
        argument.IsEmpty ? SessionReplies.ArgumentMissing : SessionReplies.CannotVerify;
}
