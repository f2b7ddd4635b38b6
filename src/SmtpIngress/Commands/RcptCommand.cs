using System.Text;
using Relay.Mail;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;
using Relay.Spool;

namespace Relay.SmtpIngress.Commands;

/// <summary>RCPT, RFC 5321 §4.1.1.3: names one recipient.</summary>
internal static class RcptCommand
{
    // rcpt = "RCPT TO:" Forward-path [ SP Rcpt-parameters ]
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (argument.Length < 3 || !Ascii.EqualsIgnoreCase(argument[..3], "TO:"u8))
        {
            return SessionReplies.RcptSyntax;
        }

        var rest = argument[3..];
        if (!PathParser.TryForwardPath(ref rest, session.Context.PostmasterDomain, out var path, out var isLenient))
        {
            return SessionReplies.BadRecipient;
        }

        session.Client.IsLenient |= isLenient;
        if (!rest.IsEmpty && !session.Client.IsExtended)
        {
            return SessionReplies.ParametersNeedEhlo;
        }

        var parameters = default(RcptParameters);
        return parameters.Read(rest) ?? Take(session, path with
        {
            Notify = parameters.Notify,
            OriginalRecipient = parameters.OriginalRecipient,
        });
    }

    private static SmtpReply Take(SmtpSession session, ForwardPath path)
    {
        var transaction = session.Transaction!;
        if (!path.Mailbox.IsAscii && !transaction.SmtpUtf8)
        {
            return SessionReplies.AddressNeedsSmtpUtf8;
        }

        if (Refuse(session, path.Mailbox) is { } refusal)
        {
            return refusal;
        }

        if (transaction.Recipients.Count >= session.Context.Smtp.MaxRecipients)
        {
            return SessionReplies.TooManyRecipients;
        }

        transaction.Recipients.Add(path);
        return SessionReplies.RecipientOk;
    }

    private static SmtpReply? Refuse(SmtpSession session, Mailbox recipient)
    {
        try
        {
            return session.Context.Policy.Refuse(session.Transaction!.QueryOf(recipient, session.Client), session.Client.MayRelay)
                ?? session.Context.Suppressed.Refuse(session, recipient);
        }
        catch (SpoolException e)
        {
            IngressLog.AddressBookFailed(session.Context.Log, e, session.Id, e.Message);
            return SessionReplies.CannotTellNow;
        }
    }
}
