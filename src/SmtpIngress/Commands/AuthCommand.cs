using System.Text;
using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>AUTH, RFC 4954 §4: signing in begins. <see cref="Phases.AuthPhase"/> goes on with it.</summary>
internal static class AuthCommand
{
    // auth-command = "AUTH" SP sasl-mech [ SP initial-response ]
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (session.Context.Authenticator is null)
        {
            return SessionReplies.NotImplemented;
        }

        if (session.Client.Account is not null)
        {
            return SessionReplies.SignedInAlready;
        }

        if (argument.IsEmpty)
        {
            return SessionReplies.ArgumentMissing;
        }

        session.Argument = Encoding.ASCII.GetString(argument);
        return null;
    }
}
