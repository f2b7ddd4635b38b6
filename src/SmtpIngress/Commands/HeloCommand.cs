using Relay.Replies;

namespace Relay.SmtpIngress.Commands;

/// <summary>HELO, RFC 5321 §4.1.1.1: who the client is; the transaction begins anew.</summary>
internal static class HeloCommand
{
    // helo = "HELO" SP Domain
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument) =>
        session.Greet(argument, isExtended: false) ?? session.Context.HeloReply;
}
