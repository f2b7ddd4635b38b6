using System.Text;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress.Commands;

/// <summary>MAIL, RFC 5321 §4.1.1.2: opens a transaction.</summary>
internal static class MailCommand
{
    // mail = "MAIL FROM:" Reverse-path [ SP Mail-parameters ]
    public static SmtpReply Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (argument.Length < 5 || !Ascii.EqualsIgnoreCase(argument[..5], "FROM:"u8))
        {
            return SessionReplies.MailSyntax;
        }

        var rest = argument[5..];
        if (!PathParser.TryReversePath(ref rest, session.IsTrusted, out var path))
        {
            return SessionReplies.BadSender;
        }

        if (!rest.IsEmpty && !session.IsExtended)
        {
            return SessionReplies.ParametersNeedEhlo;
        }

        var parameters = default(MailParameters);
        if (parameters.Read(rest) is { } refusal)
        {
            return refusal;
        }

        if (parameters.Size > (ulong)session.Context.Smtp.MaxMessageSize)
        {
            return SessionReplies.MessageTooBig;
        }

        if (path.Mailbox is { IsAscii: false } && !parameters.SmtpUtf8)
        {
            return SessionReplies.AddressNeedsSmtpUtf8;
        }

        session.Transaction = new Transaction(path, parameters.Body, parameters.SmtpUtf8);
        return SessionReplies.SenderOk;
    }
}
