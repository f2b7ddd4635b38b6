using Relay.Checks;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress.Phases;

/// <summary>A command that was served, whose reply waits for the checks.</summary>
/// <param name="Verb">The command.</param>
/// <param name="Stage">What is checked.</param>
/// <param name="Reply">The reply, if nothing is found.</param>
/// <param name="Before">Where the session stood before the command.</param>
/// <param name="After">Where it stands after it.</param>
internal sealed record HeldReply(Verb Verb, CheckStage Stage, SmtpReply Reply, SessionState Before, SessionState After);

/// <summary>
/// The wait for the checks of a command. What the client sends meanwhile stays unread, so that replies keep their order. A
/// command that is refused leaves nothing behind.
/// </summary>
internal static class CheckPhase
{
    /// <summary>The stage that a command brings; null for one after which nothing is checked.</summary>
    public static CheckStage? StageOf(Verb verb) => verb switch
    {
        Verb.Helo or Verb.Ehlo => CheckStage.Helo,
        Verb.Mail => CheckStage.Mail,
        Verb.Rcpt => CheckStage.Rcpt,
        _ => null,
    };

    /// <summary>Runs the checks and gives the reply.</summary>
    public static async ValueTask RunAsync(SmtpSession session)
    {
        var held = session.Held!;
        session.Held = null;
        if (await session.Checks.RunAsync(held.Stage) is { } refusal)
        {
            session.State = Undo(session, held);
            session.Answer(refusal, held.Verb);
            return;
        }

        session.State = held.After;
        session.Answer(held.Reply, held.Verb);
    }

    /// <summary>At the connection: true when the client was told to go.</summary>
    public static async ValueTask<bool> RefusesConnectionAsync(SmtpSession session)
    {
        if (!session.Checks.Want(CheckStage.Connection) || await session.Checks.RunAsync(CheckStage.Connection) is not { } refusal)
        {
            return false;
        }

        session.RefuseSession(refusal);
        return true;
    }

    private static SessionState Undo(SmtpSession session, HeldReply held)
    {
        switch (held.Verb)
        {
            case Verb.Mail:
                session.Transaction = null;
                return held.Before;
            case Verb.Rcpt:
                session.Transaction!.Recipients.RemoveAt(session.Transaction.Recipients.Count - 1);
                return held.Before;
            default:
                // A transaction is over with HELO in any case (RFC 5321 §4.1.4), and a client without a name begins anew.
                session.Client.Helo = null;
                return SessionState.Fresh;
        }
    }
}
