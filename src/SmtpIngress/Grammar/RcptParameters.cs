using System.Text;
using Relay.Mail;
using Relay.Replies;

namespace Relay.SmtpIngress.Grammar;

/// <summary>The parameters of RCPT that are honoured.</summary>
internal struct RcptParameters
{
    private bool hasNotify;

    /// <summary>RFC 3461 §4.1.</summary>
    public DsnNotify Notify { get; private set; }

    /// <summary>RFC 3461 §4.2.</summary>
    public OriginalRecipient? OriginalRecipient { get; private set; }

    /// <summary>Reads all parameters.</summary>
    /// <returns>Null, or the reply to what is wrong with them.</returns>
    public SmtpReply? Read(ReadOnlySpan<byte> text)
    {
        var reader = new ParameterReader(text);
        while (reader.Next())
        {
            if (Take(reader.Keyword, reader.Value) is { } refusal)
            {
                return refusal;
            }
        }

        return reader.IsMalformed ? SessionReplies.BadParameter : null;
    }

    private SmtpReply? Take(ReadOnlySpan<byte> keyword, ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(keyword, "NOTIFY"u8))
        {
            var isFirst = !hasNotify;
            hasNotify = true;
            var isValid = DsnParameters.TryNotify(value, out var notify);
            Notify = notify;
            return isFirst && isValid ? null : SessionReplies.BadParameter;
        }

        if (Ascii.EqualsIgnoreCase(keyword, "ORCPT"u8))
        {
            var isFirst = OriginalRecipient is null;
            var isValid = OriginalRecipient.TryParse(value, out var original);
            OriginalRecipient = original;
            return isFirst && isValid ? null : SessionReplies.BadParameter;
        }

        return SessionReplies.UnknownParameter;
    }
}
