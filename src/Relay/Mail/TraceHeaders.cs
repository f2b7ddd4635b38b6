using System.Globalization;
using System.Text;

namespace Relay.Mail;

/// <summary>The one header field that Relay adds to a message (RFC 5321 §4.4, RFC 5322 §3.6.7).</summary>
public static class TraceHeaders
{
    /// <summary>
    /// The <c>Received:</c> field with its line end. It names the recipient only where there is just one, so that nobody reads
    /// of the others, and only in ASCII: the field must not be what keeps a message from a server without SMTPUTF8.
    /// </summary>
    public static byte[] Received(MessageId id, Origin origin, Envelope envelope, string hostName, DateTimeOffset at)
    {
        var field = new StringBuilder("Received: ", 256);
        if (origin.Helo is not null || origin.ClientAddress is not null)
        {
            field.Append("from ").Append(Clean(origin.Helo ?? "unknown"));
            if (origin.ClientAddress is { } address)
            {
                field.Append(" ([").Append(address.Contains(':') ? "IPv6:" : "").Append(address).Append("])");
            }

            field.Append("\r\n\t");
        }

        field.Append("by ").Append(hostName).Append(" (Relay) with ").Append(origin.Protocol).Append(" id ").Append(id);
        if (envelope.Recipients is [{ Mailbox.IsAscii: true }])
        {
            field.Append("\r\n\tfor <").Append(envelope.Recipients[0]).Append('>');
        }

        field.Append(";\r\n\t").Append(Date(at)).Append("\r\n");
        return Encoding.ASCII.GetBytes(field.ToString());
    }

    /// <summary>A date-time of RFC 5322 §3.3, in UTC.</summary>
    public static string Date(DateTimeOffset at) =>
        at.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);

    /// <summary>What a client said, without what could break the field or its comments.</summary>
    private static string Clean(string text)
    {
        var clean = text.AsSpan(0, Math.Min(text.Length, 255)).ToArray();
        for (var i = 0; i < clean.Length; i++)
        {
            if (clean[i] is <= ' ' or >= '\x7f' or '(' or ')' or ';' or '\\' or '"')
            {
                clean[i] = '?';
            }
        }

        return clean.Length == 0 ? "unknown" : new string(clean);
    }
}
