using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>HELP, RFC 5321 §4.1.1.8.</summary>
internal static class HelpCommand
{
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument) => SessionReplies.Help;
}
