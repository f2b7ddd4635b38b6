using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>EXPN, RFC 5321 §4.1.1.7: there are no lists here, and their members would be nobody's business (§7.3).</summary>
internal static class ExpnCommand
{
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument) => SessionReplies.NotImplemented;
}
