using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>NOOP, RFC 5321 §4.1.1.9: nothing, whatever its argument.</summary>
internal static class NoopCommand
{
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument) => SessionReplies.NoopOk;
}
