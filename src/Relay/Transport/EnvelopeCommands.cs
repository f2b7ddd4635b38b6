using System.Buffers;
using System.Text;
using Relay.Mail;

namespace Relay.Transport;

/// <summary>What MAIL and RCPT must say so that a server takes a message as it is, and may say because it has the extension.</summary>
/// <param name="Body">BODY= (RFC 6152 §2, RFC 3030 §3). Under BINARYMIME the content goes by BDAT.</param>
/// <param name="SmtpUtf8">SMTPUTF8 (RFC 6531 §3.4). Without it, addresses go in ASCII.</param>
/// <param name="Dsn">RET=, ENVID=, NOTIFY= and ORCPT=, just as the client gave them (RFC 3461 §5.2.1).</param>
/// <param name="RequireTls">REQUIRETLS (RFC 8689 §2).</param>
internal readonly record struct MailParameters(BodyType Body, bool SmtpUtf8, bool Dsn, bool RequireTls);

/// <summary>MAIL and RCPT as they go over the wire (RFC 5321 §4.1.1.2, §4.1.1.3).</summary>
internal static class EnvelopeCommands
{
    /// <summary>Writes MAIL FROM.</summary>
    /// <param name="size">For SIZE= (RFC 1870 §5); null where the server does not know it.</param>
    public static void WriteMail(this IBufferWriter<byte> output, Envelope envelope, MailParameters parameters, long? size)
    {
        output.Write("MAIL FROM:"u8);
        WritePath(output, envelope.ReversePath.Mailbox, parameters.SmtpUtf8);
        if (size is not null)
        {
            Encoding.ASCII.GetBytes($" SIZE={size}", output);
        }

        output.Write(parameters.Body switch
        {
            BodyType.EightBitMime => " BODY=8BITMIME"u8,
            BodyType.BinaryMime => " BODY=BINARYMIME"u8,
            _ => [],
        });
        if (parameters.SmtpUtf8)
        {
            output.Write(" SMTPUTF8"u8);
        }

        if (parameters.RequireTls)
        {
            output.Write(" REQUIRETLS"u8);
        }

        if (parameters.Dsn && envelope.Return is { } @return)
        {
            Encoding.ASCII.GetBytes($" RET={@return.Encode()}", output);
        }

        if (parameters.Dsn && envelope.EnvelopeId is { } id)
        {
            Encoding.ASCII.GetBytes($" ENVID={Xtext.Encode(id)}", output);
        }

        output.Write("\r\n"u8);
    }

    /// <summary>Writes RCPT TO.</summary>
    public static void WriteRcpt(this IBufferWriter<byte> output, ForwardPath path, MailParameters parameters)
    {
        output.Write("RCPT TO:"u8);
        WritePath(output, path.Mailbox, parameters.SmtpUtf8);
        if (parameters.Dsn && path.Notify != DsnNotify.None)
        {
            Encoding.ASCII.GetBytes($" NOTIFY={path.Notify.Encode()}", output);
        }

        if (parameters.Dsn && path.OriginalRecipient is { } original)
        {
            Encoding.ASCII.GetBytes($" ORCPT={original.Encode()}", output);
        }

        output.Write("\r\n"u8);
    }

    /// <summary>Writes BDAT for content that is one chunk (RFC 3030 §2).</summary>
    public static void WriteBdat(this IBufferWriter<byte> output, long size) =>
        Encoding.ASCII.GetBytes($"BDAT {size} LAST\r\n", output);

    /// <summary>A path in its brackets; without SMTPUTF8 the domain goes in A-labels (RFC 6531 §3.2).</summary>
    private static void WritePath(IBufferWriter<byte> output, Mailbox? mailbox, bool utf8)
    {
        if (mailbox is { IsAscii: false } && !utf8 && DomainName.TryToAscii(mailbox.Domain, out var ascii))
        {
            mailbox = mailbox with { Domain = ascii };
        }

        var path = mailbox?.ToString() ?? "";
        if (path.AsSpan().ContainsAnyInRange('\0', '\x1f') || path.Contains('\x7f'))
        {
            // The parser lets none in: somebody built a mailbox by hand, and a line end in it would be a command.
            throw new InvalidOperationException("An address with control characters came into the envelope");
        }

        output.Write("<"u8);
        Encoding.UTF8.GetBytes(path, output);
        output.Write(">"u8);
    }
}
