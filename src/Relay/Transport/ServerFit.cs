using System.Text;
using Relay.Mail;
using Relay.Replies;
using Relay.Status;

namespace Relay.Transport;

/// <summary>What MAIL must say so that a server takes a message as it is.</summary>
/// <param name="EightBitMime">BODY=8BITMIME (RFC 6152 §2).</param>
/// <param name="SmtpUtf8">SMTPUTF8 (RFC 6531 §3.4). Without it, addresses go in ASCII.</param>
internal readonly record struct MailParameters(bool EightBitMime, bool SmtpUtf8);

/// <summary>
/// Holds what a message needs against what a server can do. Relay never rewrites a message, so what does not fit bounces:
/// for all recipients, or for those alone whose own address is the trouble.
/// </summary>
internal static class ServerFit
{
    /// <summary>Decides the recipients that this server cannot serve, and says how to announce the message for the others.</summary>
    public static async ValueTask<MailParameters> CheckAsync(DeliveryAttempt attempt, SmtpConnection connection)
    {
        var (request, server) = (attempt.Request, connection.Capabilities);
        if (server.MaxSize < attempt.Content.Length)
        {
            attempt.DecideAll(Bounce(connection, Reasons.RemoteSizeLimit, new(ReplyCode.ExceededStorage, 3, 4,
                $"The message has {attempt.Content.Length} octets, {connection.Hop} takes at most {server.MaxSize}")));
            return default;
        }

        var utf8 = server.SmtpUtf8 && (request.SmtpUtf8 || NeedsUtf8(request.ReversePath.Mailbox) ||
            request.Recipients.Any(r => NeedsUtf8(r.Mailbox)));
        if (!utf8)
        {
            await BounceUtf8Async(attempt, connection);
        }

        var eightBit = (request.Body == BodyType.EightBitMime && server.EightBitMime) ||
            await attempt.Content.FindEightBitAsync() != EightBit.None;
        if (eightBit && !server.EightBitMime)
        {
            attempt.DecideAll(Bounce(connection, Reasons.RemoteLacks8BitMime, new(ReplyCode.TransactionFailed, 6, 3,
                $"The message holds 8-bit text, and {connection.Hop} has no 8BITMIME")));
        }

        return new(eightBit, utf8);
    }

    /// <summary>
    /// True for an address that has no form in ASCII. A domain alone has one, its A-labels (RFC 5890 §2.3.2.1); a local part
    /// has none (RFC 6531 §3.2).
    /// </summary>
    private static bool NeedsUtf8(Mailbox? mailbox) =>
        mailbox is { IsAscii: false } &&
        !(Ascii.IsValid(mailbox.LocalPart) && DomainName.TryToAscii(mailbox.Domain, out _));

    private static async ValueTask BounceUtf8Async(DeliveryAttempt attempt, SmtpConnection connection)
    {
        var request = attempt.Request;
        var bounce = Bounce(connection, Reasons.RemoteLacksSmtpUtf8, new(ReplyCode.MailboxUnavailable, 6, 7,
            $"The message needs SMTPUTF8, and {connection.Hop} has none"));
        if (NeedsUtf8(request.ReversePath.Mailbox) ||
            (request.SmtpUtf8 && await attempt.Content.FindEightBitAsync() == EightBit.Header))
        {
            attempt.DecideAll(bounce);
        }

        foreach (var recipient in attempt.Undecided())
        {
            if (NeedsUtf8(request.Recipients[recipient].Mailbox))
            {
                attempt.Decide(recipient, bounce);
            }
        }
    }

    private static RecipientOutcome Bounce(SmtpConnection connection, string reason, SmtpReply reply) =>
        new(OutcomeKind.Bounced, reason, connection.Name, reply);
}
