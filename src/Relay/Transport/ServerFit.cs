using System.Text;
using Relay.Mail;
using Relay.Replies;
using Relay.Status;

namespace Relay.Transport;

/// <summary>
/// Holds what a message needs against what a server can do. Relay never rewrites a message, so what does not fit bounces:
/// for all recipients, or for those alone whose own address is the trouble.
/// </summary>
internal static class ServerFit
{
    /// <summary>
    /// Decides the recipients that this server cannot serve, and says how to announce the message for the others. Null when
    /// the message cannot go over this connection at all, and perhaps over one to another host.
    /// </summary>
    public static async ValueTask<MailParameters?> CheckAsync(DeliveryAttempt attempt, SmtpConnection connection)
    {
        var (request, server) = (attempt.Request, connection.Capabilities);
        var requireTls = request.Envelope.RequireTls && connection.IsUnderTls && server.RequireTls;
        if (attempt.RequiresTls && !requireTls)
        {
            attempt.NoteAll(Bounce(connection, Reasons.RemoteLacksRequireTls, new(ReplyCode.MailboxUnavailable, 7, 30,
                $"The message asks for REQUIRETLS, and {connection.Hop} has none")));
            return null;
        }

        if (server.MaxSize < attempt.Content.Length)
        {
            attempt.DecideAll(Bounce(connection, Reasons.RemoteSizeLimit, new(ReplyCode.ExceededStorage, 3, 4,
                $"The message has {attempt.Content.Length} octets, {connection.Hop} takes at most {server.MaxSize}")));
            return null;
        }

        var utf8 = server.SmtpUtf8 && (request.Envelope.SmtpUtf8 || NeedsUtf8(request.Envelope.ReversePath.Mailbox) ||
            request.Recipients.Any(r => NeedsUtf8(r.Mailbox)));
        if (!utf8)
        {
            await BounceUtf8Async(attempt, connection);
        }

        return new(await BodyAsync(attempt, connection), utf8, server.Dsn, requireTls);
    }

    /// <summary>What BODY= must say. What was only declared and is not there goes anywhere.</summary>
    private static async ValueTask<BodyType> BodyAsync(DeliveryAttempt attempt, SmtpConnection connection)
    {
        var (declared, server) = (attempt.Request.Envelope.Body, connection.Capabilities);
        if (declared == BodyType.BinaryMime)
        {
            if (server is { BinaryMime: true, Chunking: true })
            {
                return BodyType.BinaryMime;
            }

            if (!await attempt.Content.IsTextAsync())
            {
                attempt.DecideAll(Bounce(connection, Reasons.RemoteLacksBinaryMime, new(ReplyCode.TransactionFailed, 6, 3,
                    $"The message is no text, and {connection.Hop} has no BINARYMIME with CHUNKING")));
                return BodyType.BinaryMime;
            }
        }

        var eightBit = (declared == BodyType.EightBitMime && server.EightBitMime) ||
            await attempt.Content.FindEightBitAsync() != EightBit.None;
        if (eightBit && !server.EightBitMime)
        {
            attempt.DecideAll(Bounce(connection, Reasons.RemoteLacks8BitMime, new(ReplyCode.TransactionFailed, 6, 3,
                $"The message holds 8-bit text, and {connection.Hop} has no 8BITMIME")));
        }

        return eightBit ? BodyType.EightBitMime : BodyType.SevenBit;
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
        if (NeedsUtf8(request.Envelope.ReversePath.Mailbox) ||
            (request.Envelope.SmtpUtf8 && await attempt.Content.FindEightBitAsync() == EightBit.Header))
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
