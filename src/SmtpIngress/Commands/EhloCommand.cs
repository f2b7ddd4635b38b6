using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>EHLO, RFC 5321 §4.1.1.1: as HELO, and the reply lists the service extensions.</summary>
internal static class EhloCommand
{
    // ehlo = "EHLO" SP ( Domain / address-literal )
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument) =>
        HeloCommand.Greet(session, argument, isExtended: true) ?? session.Context.EhloReplies.For(session);
}
