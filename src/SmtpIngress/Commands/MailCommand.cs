using System.Text;
using Relay.Accounts;
using Relay.Checks;
using Relay.Mail;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress.Commands;

/// <summary>MAIL, RFC 5321 §4.1.1.2: opens a transaction.</summary>
internal static class MailCommand
{
    // mail = "MAIL FROM:" Reverse-path [ SP Mail-parameters ]
    public static SmtpReply? Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (argument.Length < 5 || !Ascii.EqualsIgnoreCase(argument[..5], "FROM:"u8))
        {
            return SessionReplies.MailSyntax;
        }

        var rest = argument[5..];
        if (!PathParser.TryReversePath(ref rest, out var path, out var isLenient))
        {
            return SessionReplies.BadSender;
        }

        session.Client.IsLenient |= isLenient;
        if (!rest.IsEmpty && !session.Client.IsExtended)
        {
            return SessionReplies.ParametersNeedEhlo;
        }

        var parameters = new MailParameters(mayRequireTls: session.Client.Tls is not null);
        return parameters.Read(rest) ?? Refuse(session, path, parameters) ?? Begin(session, path, parameters);
    }

    private static SmtpReply? Refuse(SmtpSession session, ReversePath path, MailParameters parameters)
    {
        if (session.HasAllMessages)
        {
            return SessionReplies.TooManyMessages;
        }

        if (session.Listener.IsForMembers && !session.Client.MayRelay)
        {
            return SessionReplies.AuthenticationRequired;
        }

        if (parameters.Size > (ulong)session.Context.Smtp.MaxMessageSize)
        {
            return SessionReplies.MessageTooBig;
        }

        if (path.Mailbox is { IsAscii: false } && !parameters.SmtpUtf8)
        {
            return SessionReplies.AddressNeedsSmtpUtf8;
        }

        return session.Client.Account is { } account && !account.MaySendAs(path) ? SessionReplies.SenderNotAllowed : null;
    }

    private static SmtpReply Begin(SmtpSession session, ReversePath path, MailParameters parameters)
    {
        if (!session.Context.Rates.TryTake(session.Client))
        {
            return SessionReplies.RateExceeded;
        }

        session.Checks.Forget(CheckStage.Mail);
        session.Transaction = new Transaction(path, parameters);
        return SessionReplies.SenderOk;
    }
}
