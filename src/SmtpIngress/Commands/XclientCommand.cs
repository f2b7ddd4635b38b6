using System.Text;
using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>
/// XCLIENT, as Postfix defines it: a host in front tells who its client is. <see cref="Phases.XclientPhase"/> takes it.
/// </summary>
internal static class XclientCommand
{
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (!session.MayXclient)
        {
            return SessionReplies.UnknownCommand;
        }

        session.Argument = Encoding.UTF8.GetString(argument);
        return null;
    }
}
