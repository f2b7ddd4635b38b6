using System.Security.Authentication;

namespace Relay.SmtpIngress.Phases;

/// <summary>The TLS handshake, after STARTTLS or before the greeting.</summary>
internal static class TlsPhase
{
    /// <summary>
    /// After STARTTLS. What was sent in clear behind the command is thrown away, and so is all that the client said before
    /// (RFC 3207 §4.2): nobody knows who really said it.
    /// </summary>
    public static async ValueTask RunAsync(SmtpSession session)
    {
        session.Channel.DiscardInput();
        session.Channel.Write(SessionReplies.ReadyForTls);
        if (await HandshakeAsync(session))
        {
            session.BeginAnew(session.Client.Address);
        }
    }

    /// <summary>
    /// Makes the handshake; when it fails, or is cut short because the relay stops, the session is over, since nothing can be
    /// said in clear any more.
    /// </summary>
    public static async ValueTask<bool> HandshakeAsync(SmtpSession session)
    {
        try
        {
            await session.Channel.SecureAsync(session.Context.SelectCertificate!);
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            IngressLog.TlsFailed(session.Context.Log, session.Id, session.Client.Address, (e.InnerException ?? e).Message);
            session.State = SessionState.Closed;
            return false;
        }
    }
}
