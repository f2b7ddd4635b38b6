using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.Mail;

/// <summary>The grammar of <c>Mailbox</c>, RFC 5321 §4.1.2, read from octets.</summary>
internal static class MailboxParser
{
    /// <summary>
    /// Octets. RFC 5321 §4.5.3.1.1 asks for 64 at least, and that longer ones be taken where they can be: return-paths that hold
    /// another address are.
    /// </summary>
    private const int MaxLocalPart = 255;

    /// <summary>Octets, RFC 5321 §4.5.3.1.2.</summary>
    private const int MaxDomain = 255;

    /// <summary>Octets, RFC 1035 §2.3.4.</summary>
    private const int MaxLabel = 63;

    private static readonly SearchValues<byte> AtomText =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~"u8);

    private static readonly SearchValues<char> AddressText = SearchValues.Create("0123456789ABCDEFabcdef:.");

    /// <summary>Dots that IDNA takes for label separators (RFC 3490 §3.1): a name with one would not be the name it looks like.</summary>
    private static readonly SearchValues<char> OtherDots = SearchValues.Create("\u3002\uff0e\uff61");

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Mailbox? mailbox)
    {
        mailbox = null;
        var length = text.Length > 0 && text[0] == '"' ? QuotedString(text, out var local) : DotString(text, out local);
        if (length <= 0 || length > MaxLocalPart || length >= text.Length || text[length] != '@')
        {
            return false;
        }

        if (!TryDomain(text[(length + 1)..], out var domain))
        {
            return false;
        }

        mailbox = new Mailbox(local!, domain);
        return true;
    }

    /// <summary>Reads a domain or an address literal that is the whole of <paramref name="text"/>.</summary>
    public static bool TryDomain(ReadOnlySpan<byte> text, [NotNullWhen(true)] out string? domain)
    {
        domain = null;
        if (text.Length is 0 or > MaxDomain || !TryDecode(text, out var decoded))
        {
            return false;
        }

        if (text[0] == '[' ? !IsAddressLiteral(decoded) : !AreLabels(text) || decoded.AsSpan().ContainsAny(OtherDots))
        {
            return false;
        }

        domain = decoded;
        return true;
    }

    /// <summary>The length of the leading Dot-string, 0 when there is none.</summary>
    private static int DotString(ReadOnlySpan<byte> text, out string? local)
    {
        local = null;
        var length = 0;
        while (length < text.Length && (AtomText.Contains(text[length]) || text[length] == '.' || text[length] >= 0x80))
        {
            if (text[length] == '.' && (length == 0 || text[length - 1] == '.'))
            {
                return 0;
            }

            length++;
        }

        return length > 0 && text[length - 1] != '.' && TryDecode(text[..length], out local) ? length : 0;
    }

    /// <summary>The length of the leading Quoted-string with its quotes, 0 when there is none.</summary>
    private static int QuotedString(ReadOnlySpan<byte> text, out string? local)
    {
        local = null;
        Span<byte> content = stackalloc byte[MaxLocalPart];
        var length = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                return TryDecode(content[..length], out local) ? i + 1 : 0;
            }

            if (text[i] == '\\' && ++i == text.Length)
            {
                return 0;
            }

            if (text[i] < 0x20 || text[i] == 0x7f || length == MaxLocalPart)
            {
                return 0;
            }

            content[length++] = text[i];
        }

        return 0;
    }

    /// <summary>
    /// Labels of letters, digits, hyphens and UTF-8. An underscore is let through: the RFC does not allow it, but such hosts
    /// exist and only their DNS can say whether they are reached.
    /// </summary>
    private static bool AreLabels(ReadOnlySpan<byte> text)
    {
        foreach (var range in text.Split((byte)'.'))
        {
            var label = text[range];
            if (label.Length is 0 or > MaxLabel || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'-' or (byte)'_') && c < 0x80)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool IsAddressLiteral(string text)
    {
        if (!text.EndsWith(']'))
        {
            return false;
        }

        var inner = text.AsSpan(1, text.Length - 2);
        if (inner.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
        {
            // No scope, no prefix length, no port, all of which .NET would take.
            return inner[5..].IndexOfAnyExcept(AddressText) < 0 &&
                IPAddress.TryParse(inner[5..], out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6;
        }

        // Just as .NET writes it: what has leading zeros or is not decimal means different hosts to different readers.
        return IPAddress.TryParse(inner, out var v4) && v4.AddressFamily == AddressFamily.InterNetwork &&
            inner.SequenceEqual(v4.ToString());
    }

    private static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        if (!System.Text.Unicode.Utf8.IsValid(text))
        {
            return false;
        }

        decoded = StrictUtf8.GetString(text);
        // RFC 6531 leaves the controls U+0080 to U+009F in; no address has them, and some terminals obey them.
        return !decoded.AsSpan().ContainsAnyInRange('\u0080', '\u009f');
    }
}
