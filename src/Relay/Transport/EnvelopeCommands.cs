using System.Buffers;
using System.Text;
using Relay.Mail;

namespace Relay.Transport;

/// <summary>MAIL and RCPT as they go over the wire (RFC 5321 §4.1.1.2, §4.1.1.3).</summary>
internal static class EnvelopeCommands
{
    /// <summary>Writes MAIL FROM.</summary>
    /// <param name="size">For SIZE= (RFC 1870 §5); null where the server does not know it.</param>
    public static void WriteMail(this IBufferWriter<byte> output, ReversePath path, MailParameters parameters, long? size)
    {
        output.Write("MAIL FROM:"u8);
        WritePath(output, path.Mailbox, parameters.SmtpUtf8);
        if (size is not null)
        {
            Encoding.ASCII.GetBytes($" SIZE={size}", output);
        }

        if (parameters.EightBitMime)
        {
            output.Write(" BODY=8BITMIME"u8);
        }

        if (parameters.SmtpUtf8)
        {
            output.Write(" SMTPUTF8"u8);
        }

        output.Write("\r\n"u8);
    }

    /// <summary>Writes RCPT TO.</summary>
    public static void WriteRcpt(this IBufferWriter<byte> output, ForwardPath path, MailParameters parameters)
    {
        output.Write("RCPT TO:"u8);
        WritePath(output, path.Mailbox, parameters.SmtpUtf8);
        output.Write("\r\n"u8);
    }

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
