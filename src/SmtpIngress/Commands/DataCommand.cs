using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>DATA, RFC 5321 §4.1.1.4: the content follows. <see cref="DataReader"/> reads it.</summary>
internal static class DataCommand
{
    public static SmtpReply Run(SmtpSession session, ReadOnlySpan<byte> argument) =>
        argument.IsEmpty ? session.BeginContent() : SessionReplies.NoArgumentAllowed;
}
