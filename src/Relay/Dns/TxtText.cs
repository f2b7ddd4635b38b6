using System.Text;

namespace Relay.Dns;

/// <summary>The strings of a TXT record as DnsClient gives them, with its escapes for what is not printable ASCII.</summary>
internal static class TxtText
{
    /// <summary>The strings put together; an octet above 127 becomes the character of the same number.</summary>
    public static string Unescape(IEnumerable<string> strings)
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
