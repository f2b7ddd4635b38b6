using Relay.Options;
using Relay.SmtpIngress.Proxy;

namespace Relay.SmtpIngress.Phases;

/// <summary>
/// All that comes before the first command: the PROXY header of a load balancer, the count of sessions, TLS that begins at
/// once, the wait for those who talk too early, and the greeting (RFC 5321 §3.1).
/// </summary>
internal static class Prelude
{
    /// <summary>Greets the client, or ends the session.</summary>
    public static async ValueTask RunAsync(SmtpSession session)
    {
        if (session.Listener.Proxies.Contain(session.Peer) && !await TakeProxyHeaderAsync(session))
        {
            session.State = SessionState.Closed;
            return;
        }

        if (!session.CountForAddress())
        {
            session.RefuseSession(SessionReplies.TooManySessionsOfAddress);
            return;
        }

        if (await CheckPhase.RefusesConnectionAsync(session))
        {
            return;
        }

        if (session.Listener.Tls == ListenerTls.Implicit)
        {
            if (!await TlsPhase.HandshakeAsync(session))
            {
                return;
            }

            session.BeginAnew(session.Client.Address);
        }

        if (await TalksEarlyAsync(session))
        {
            session.RefuseSession(SessionReplies.TalkedEarly);
            return;
        }

        session.Channel.Write(session.Context.Greeting);
    }

    /// <summary>From a load balancer the header must come, and be right; there is nobody to tell what is wrong with it.</summary>
    private static async ValueTask<bool> TakeProxyHeaderAsync(SmtpSession session)
    {
        var deadline = session.Channel.DeadlineIn(session.Context.Smtp.IdleTimeout);
        while (!session.Context.IsDraining)
        {
            var read = await session.Channel.ReadAsync(deadline);
            var rest = read.Buffer;
            var parse = ProxyHeader.TryRead(ref rest, out var header);
            session.Channel.AdvanceTo(rest.Start, parse == ProxyParse.NeedMore ? rest.End : rest.Start);
            if (parse == ProxyParse.Done)
            {
                session.Host = header.Client?.Address;
                session.BeginAnew(session.Host);
                return true;
            }

            if (parse == ProxyParse.Malformed || read.IsCompleted || session.Channel.IsExpired)
            {
                IngressLog.BadProxyHeader(session.Context.Log, session.Id, session.Peer);
                return false;
            }
        }

        return false;
    }

    /// <summary>A client that follows the protocol waits for the greeting (RFC 5321 §4.3.1); some that send spam do not.</summary>
    private static async ValueTask<bool> TalksEarlyAsync(SmtpSession session) =>
        session.Context.Smtp.GreetingDelay > TimeSpan.Zero && !session.Client.IsTrusted &&
        await session.Channel.TalksWithinAsync(session.Context.Smtp.GreetingDelay);
}
