using System.Text;

namespace Relay.Dns;

/// <summary>The strings of a TXT record as DnsClient gives them, with its escapes for what is not printable ASCII.</summary>
internal static class TxtText
{
    private const char Replacement = '\ufffd';

    /// <summary>
    /// The strings put together; an octet above 127 becomes the character of the same number. DnsClient gives them decoded
    /// as UTF-8, and with escapes, among which it leaves a backslash as it is: so they are taken from the first, and from the
    /// second only where octets are no UTF-8.
    /// </summary>
    public static string Read(IEnumerable<string> decoded, IEnumerable<string> escaped)
    {
        var text = string.Concat(decoded);
        return Ascii.IsValid(text) ? text
            : text.Contains(Replacement) ? Unescape(escaped)
            : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
    }

    private static string Unescape(IEnumerable<string> strings)
    {
        var text = new StringBuilder();
        foreach (var part in strings)
        {
            Unescape(part, text);
        }

        return text.ToString();
    }

    private static void Unescape(string part, StringBuilder text)
    {
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] != '\\' || i + 1 == part.Length)
            {
                text.Append(part[i]);
            }
            else if (i + 3 < part.Length && byte.TryParse(part.AsSpan(i + 1, 3), out var octet))
            {
                text.Append((char)octet);
                i += 3;
            }
            else
            {
                text.Append(part[++i]);
            }
        }
    }
}
