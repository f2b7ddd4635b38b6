using System.Buffers.Text;
using System.Text;
using Relay.Mail;
using Relay.Replies;

namespace Relay.SmtpIngress.Grammar;

/// <summary>The parameters of MAIL that are honoured.</summary>
/// <param name="mayRequireTls">The session is under TLS: only there can REQUIRETLS be asked for (RFC 8689 §2).</param>
internal struct MailParameters(bool mayRequireTls)
{
    private Seen seen;

    [Flags]
    private enum Seen
    {
        Size = 1,
        Body = 2,
        SmtpUtf8 = 4,
        Auth = 8,
        Ret = 16,
        EnvId = 32,
        RequireTls = 64,
    }

    /// <summary>Octets, as the client estimates them (RFC 1870 §3); 0 when it does not.</summary>
    public ulong Size { get; private set; }

    /// <summary>RFC 6152 §2.</summary>
    public BodyType Body { get; private set; }

    /// <summary>RFC 6531 §3.4.</summary>
    public bool SmtpUtf8 { get; private set; }

    /// <summary>RFC 3461 §4.3; null when it was not given.</summary>
    public DsnReturn? Return { get; private set; }

    /// <summary>RFC 3461 §4.4.</summary>
    public string? EnvelopeId { get; private set; }

    /// <summary>RFC 8689 §2.</summary>
    public bool RequireTls { get; private set; }

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
        if (Ascii.EqualsIgnoreCase(keyword, "SIZE"u8))
        {
            return First(Seen.Size) && TakeSize(value) ? null : SessionReplies.BadParameter;
        }

        if (Ascii.EqualsIgnoreCase(keyword, "BODY"u8))
        {
            return First(Seen.Body) && TakeBody(value) ? null : SessionReplies.BadParameter;
        }

        if (Ascii.EqualsIgnoreCase(keyword, "SMTPUTF8"u8))
        {
            SmtpUtf8 = true;
            return First(Seen.SmtpUtf8) && value.IsEmpty ? null : SessionReplies.BadParameter;
        }

        if (Ascii.EqualsIgnoreCase(keyword, "RET"u8))
        {
            return First(Seen.Ret) && TakeReturn(value) ? null : SessionReplies.BadParameter;
        }

        if (Ascii.EqualsIgnoreCase(keyword, "ENVID"u8))
        {
            return First(Seen.EnvId) && TakeEnvelopeId(value) ? null : SessionReplies.BadParameter;
        }

        if (mayRequireTls && Ascii.EqualsIgnoreCase(keyword, "REQUIRETLS"u8))
        {
            RequireTls = true;
            return First(Seen.RequireTls) && value.IsEmpty ? null : SessionReplies.BadParameter;
        }

        // Who wrote the message, as another server vouches for it (RFC 4954 §5). Nobody asks for it here: read and dropped.
        if (Ascii.EqualsIgnoreCase(keyword, "AUTH"u8))
        {
            return First(Seen.Auth) && !value.IsEmpty ? null : SessionReplies.BadParameter;
        }

        return SessionReplies.UnknownParameter;
    }

    // size-value = 1*20DIGIT ; RFC 1870 §3
    private bool TakeSize(ReadOnlySpan<byte> value)
    {
        if (value.Length is 0 or > 20 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        Size = Utf8Parser.TryParse(value, out ulong size, out _) ? size : ulong.MaxValue;
        return true;
    }

    // body-value = "7BIT" / "8BITMIME" / "BINARYMIME" ; RFC 6152 §2, RFC 3030 §3
    private bool TakeBody(ReadOnlySpan<byte> value)
    {
        Body = Ascii.EqualsIgnoreCase(value, "8BITMIME"u8) ? BodyType.EightBitMime
            : Ascii.EqualsIgnoreCase(value, "BINARYMIME"u8) ? BodyType.BinaryMime
            : BodyType.SevenBit;
        return Body != BodyType.SevenBit || Ascii.EqualsIgnoreCase(value, "7BIT"u8);
    }

    private bool TakeReturn(ReadOnlySpan<byte> value)
    {
        var isValid = DsnParameters.TryReturn(value, out var given);
        Return = given;
        return isValid;
    }

    private bool TakeEnvelopeId(ReadOnlySpan<byte> value)
    {
        var isValid = DsnParameters.TryEnvelopeId(value, out var id);
        EnvelopeId = id;
        return isValid;
    }

    private bool First(Seen parameter)
    {
        var first = (seen & parameter) == 0;
        seen |= parameter;
        return first;
    }
}
