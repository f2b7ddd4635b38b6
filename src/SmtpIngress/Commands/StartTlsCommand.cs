using Relay.Options;
using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>STARTTLS, RFC 3207 §4: the handshake follows; <see cref="Phases.TlsPhase"/> makes it.</summary>
internal static class StartTlsCommand
{
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (session.Listener.Tls != ListenerTls.StartTls)
        {
            return SessionReplies.NotImplemented;
        }

        if (session.Client.Tls is not null)
        {
            return SessionReplies.TlsAlready;
        }

        return argument.IsEmpty ? null : SessionReplies.NoArgumentAllowed;
    }
}
