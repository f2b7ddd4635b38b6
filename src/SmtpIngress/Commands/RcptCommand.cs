using System.Text;
using Relay.Replies;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress.Commands;

/// <summary>RCPT, RFC 5321 §4.1.1.3: names one recipient.</summary>
internal static class RcptCommand
{
    // rcpt = "RCPT TO:" Forward-path [ SP Rcpt-parameters ]
    public static SmtpReply Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (argument.Length < 3 || !Ascii.EqualsIgnoreCase(argument[..3], "TO:"u8))
        {
            return SessionReplies.RcptSyntax;
        }

        var rest = argument[3..];
        if (!PathParser.TryForwardPath(ref rest, session.IsTrusted, session.Context.HostName, out var path))
        {
            return SessionReplies.BadRecipient;
        }

        if (!rest.IsEmpty)
        {
            return RefuseParameters(session, rest);
        }

        var transaction = session.Transaction!;
        if (!path.Mailbox.IsAscii && !transaction.SmtpUtf8)
        {
            return SessionReplies.AddressNeedsSmtpUtf8;
        }

        if (session.Context.Policy.Refuse(path.Mailbox, session.IsTrusted) is { } refusal)
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

    /// <summary>None of the extensions that are offered adds a parameter to RCPT.</summary>
    private static SmtpReply RefuseParameters(SmtpSession session, ReadOnlySpan<byte> text)
    {
        if (!session.IsExtended)
        {
            return SessionReplies.ParametersNeedEhlo;
        }

        return new ParameterReader(text).Next() ? SessionReplies.UnknownParameter : SessionReplies.BadParameter;
    }
}
