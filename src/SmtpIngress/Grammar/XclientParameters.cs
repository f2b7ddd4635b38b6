using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using System.Text.Unicode;
using Relay.Mail;

namespace Relay.SmtpIngress.Grammar;

/// <summary>What XCLIENT can tell of a client and is honoured.</summary>
[Flags]
internal enum XclientAttributes
{
    None = 0,
    Name = 1,
    Address = 2,
    Protocol = 4,
    Helo = 8,
    Login = 16,
}

/// <summary>
/// The argument of XCLIENT, as Postfix defines it (XCLIENT_README). It may come several times, each time with some of the
/// attributes: what is not in <see cref="Given"/> stays as it was, what is and is null is not known.
/// <code>
/// xclient   = "XCLIENT" 1*( SP attribute "=" xtext )
/// attribute = "NAME" / "ADDR" / "PORT" / "PROTO" / "HELO" / "LOGIN" / "DESTADDR" / "DESTPORT"   ; without case
/// </code>
/// </summary>
internal struct XclientParameters
{
    /// <summary>Octets of a decoded value at most; a valid name is never longer.</summary>
    private const int MaxValue = 255;

    private Seen seen;

    /// <summary>All attributes, also those that are read and dropped.</summary>
    [Flags]
    private enum Seen
    {
        Name = 1,
        Addr = 2,
        Port = 4,
        Proto = 8,
        Helo = 16,
        Login = 32,
        DestAddr = 64,
        DestPort = 128,
    }

    /// <summary>Which attributes came.</summary>
    public XclientAttributes Given { get; private set; }

    /// <summary>The client's host name, from DNS.</summary>
    public string? Name { get; private set; }

    /// <summary>The client's address; an IPv4 address that is mapped into IPv6 comes as IPv4.</summary>
    public IPAddress? Address { get; private set; }

    /// <summary><c>SMTP</c> or <c>ESMTP</c>.</summary>
    public string? Protocol { get; private set; }

    /// <summary>What the client said in HELO or EHLO.</summary>
    public string? Helo { get; private set; }

    /// <summary>Who signed in.</summary>
    public string? Login { get; private set; }

    /// <summary>Reads all attributes; false when one is not known, comes twice or has a value that it cannot have.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out XclientParameters parameters)
    {
        parameters = default;
        Span<byte> decoded = stackalloc byte[MaxValue];
        foreach (var range in text.Split((byte)' '))
        {
            var attribute = text[range];
            if (attribute.IsEmpty)
            {
                continue;
            }

            var equals = attribute.IndexOf((byte)'=');
            if (equals < 0 || !TryXtext(attribute[(equals + 1)..], decoded, out var length) ||
                !parameters.Take(attribute[..equals], decoded[..length]))
            {
                return false;
            }
        }

        return parameters.seen != 0;
    }

    private bool Take(ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        if (!TryAttribute(attribute, out var which) || (seen & which) != 0)
        {
            return false;
        }

        seen |= which;
        var isKnown = !Is(value, "[UNAVAILABLE]"u8) && !Is(value, "[TEMPUNAVAIL]"u8);
        return which switch
        {
            Seen.Name => TakeName(isKnown, value),
            Seen.Addr => TakeAddress(isKnown, value),
            Seen.Proto => TakeProtocol(isKnown, value),
            Seen.Helo => TakeHelo(isKnown, value),
            Seen.Login => TakeLogin(isKnown, value),
            Seen.DestAddr => !isKnown || TryAddress(value, out _),
            _ => !isKnown || AddressText.TryPort(value, out _),
        };
    }

    private static bool TryAttribute(ReadOnlySpan<byte> text, out Seen which)
    {
        which = text switch
        {
            _ when Is(text, "NAME"u8) => Seen.Name,
            _ when Is(text, "ADDR"u8) => Seen.Addr,
            _ when Is(text, "PORT"u8) => Seen.Port,
            _ when Is(text, "PROTO"u8) => Seen.Proto,
            _ when Is(text, "HELO"u8) => Seen.Helo,
            _ when Is(text, "LOGIN"u8) => Seen.Login,
            _ when Is(text, "DESTADDR"u8) => Seen.DestAddr,
            _ when Is(text, "DESTPORT"u8) => Seen.DestPort,
            _ => 0,
        };
        return which != 0;
    }

    private bool TakeName(bool isKnown, ReadOnlySpan<byte> value)
    {
        Given |= XclientAttributes.Name;
        Name = isKnown ? Encoding.UTF8.GetString(value) : null;
        return !isKnown || (value is not [(byte)'[', ..] && Mailbox.IsDomain(value));
    }

    private bool TakeAddress(bool isKnown, ReadOnlySpan<byte> value)
    {
        Given |= XclientAttributes.Address;
        if (!isKnown)
        {
            return true;
        }

        var isAddress = TryAddress(value, out var address);
        Address = address;
        return isAddress;
    }

    private bool TakeProtocol(bool isKnown, ReadOnlySpan<byte> value)
    {
        Given |= XclientAttributes.Protocol;
        Protocol = isKnown ? Is(value, "ESMTP"u8) ? "ESMTP" : "SMTP" : null;
        return !isKnown || Is(value, "ESMTP"u8) || Is(value, "SMTP"u8);
    }

    private bool TakeHelo(bool isKnown, ReadOnlySpan<byte> value)
    {
        Given |= XclientAttributes.Helo;
        Helo = isKnown ? Encoding.UTF8.GetString(value) : null;
        return !isKnown || IsText(value);
    }

    private bool TakeLogin(bool isKnown, ReadOnlySpan<byte> value)
    {
        Given |= XclientAttributes.Login;
        Login = isKnown ? Encoding.UTF8.GetString(value) : null;
        return !isKnown || IsText(value);
    }

    // address = IPv4 / ( "IPV6:" IPv6 )
    private static bool TryAddress(ReadOnlySpan<byte> value, [NotNullWhen(true)] out IPAddress? address) =>
        value.Length > 5 && Is(value[..5], "IPV6:"u8)
            ? AddressText.TryIpv6(value[5..], out address)
            : AddressText.TryIpv4(value, out address);

    /// <summary>No CR, LF, NUL or other control: the value goes into the log and into header fields.</summary>
    private static bool IsText(ReadOnlySpan<byte> value) =>
        !value.IsEmpty && !value.ContainsAnyInRange((byte)0, (byte)0x1f) && !value.Contains((byte)0x7f) && Utf8.IsValid(value);

    // xtext   = *( xchar / hexchar )                          ; RFC 3461 §4
    // xchar   = %d33-126 without "+" and "="
    // hexchar = "+" 2( DIGIT / %x41-46 )
    private static bool TryXtext(ReadOnlySpan<byte> text, Span<byte> decoded, out int length)
    {
        length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var octet = text[i];
            if (octet == '+')
            {
                if (text.Length - i < 3 || !TryHex(text[i + 1], out var high) || !TryHex(text[i + 2], out var low))
                {
                    return false;
                }

                octet = (byte)((high << 4) | low);
                i += 2;
            }
            else if (octet is <= (byte)' ' or (byte)'=' or >= 0x7f)
            {
                return false;
            }

            if (length == decoded.Length)
            {
                return false;
            }

            decoded[length++] = octet;
        }

        return true;
    }

    private static bool TryHex(byte digit, out int value)
    {
        value = digit switch
        {
            >= (byte)'0' and <= (byte)'9' => digit - '0',
            >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
            _ => -1,
        };
        return value >= 0;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(text, word);
}
