using System.Text;
using Relay.Checks;
using Relay.SmtpIngress.Grammar;
using Relay.Spool;

namespace Relay.SmtpIngress.Phases;

/// <summary>What follows an XCLIENT: the session begins anew, for the client that it names.</summary>
internal static class XclientPhase
{
    /// <summary>Takes what the host in front said, and greets its client.</summary>
    public static async ValueTask RunAsync(SmtpSession session)
    {
        var argument = session.Argument!;
        session.Argument = null;
        session.State = SessionState.Fresh;
        if (!XclientParameters.TryParse(Encoding.UTF8.GetBytes(argument), out var told))
        {
            session.Answer(SessionReplies.BadXclient);
            return;
        }

        var before = session.Client;
        session.Checks.Forget(CheckStage.Connection);
        session.BeginAnew(told.Given.HasFlag(XclientAttributes.Address) ? told.Address : before.Address);
        session.Client.Helo = told.Given.HasFlag(XclientAttributes.Helo) ? told.Helo : before.Helo;
        session.Client.Account = before.Account;
        if (told.Given.HasFlag(XclientAttributes.Login))
        {
            try
            {
                session.Client.Account = told.Login is null || session.Context.Authenticator is null
                    ? null
                    : await session.Context.Authenticator.FindAsync(told.Login, CancellationToken.None);
            }
            catch (SpoolException e)
            {
                IngressLog.SpoolFailed(session.Context.Log, e, session.Id, e.Message);
                session.Client.Account = null;
            }
        }

        IngressLog.Xclient(session.Context.Log, session.Id, session.Peer, session.Client.Address, session.Client.Account?.Name);
        if (!await CheckPhase.RefusesConnectionAsync(session))
        {
            session.Channel.Write(session.Context.Greeting);
        }
    }
}
