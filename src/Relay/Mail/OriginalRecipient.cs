using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Relay.Mail;

/// <summary>
/// The address that a sender used first, as ORCPT tells it from relay to relay (RFC 3461 §4.2). It is never mailed to: it
/// only stands in reports.
/// </summary>
/// <param name="AddressType"><c>rfc822</c>, <c>utf-8</c> (RFC 6533 §3) or another registered type, in the sender's case.</param>
/// <param name="Address">Decoded: printable ASCII, or with other characters too under <c>utf-8</c>.</param>
public sealed record OriginalRecipient(string AddressType, string Address)
{
    /// <summary>True under the type of internationalised addresses.</summary>
    public bool IsUtf8 => IsUtf8Type(AddressType);

    /// <summary>Reads the value of ORCPT: the type, a semicolon, the address encoded.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, [NotNullWhen(true)] out OriginalRecipient? recipient)
    {
        recipient = null;
        var semicolon = value.IndexOf((byte)';');
        if (semicolon < 0 || value.Length > Xtext.MaxLength || !Ascii.IsValid(value[..semicolon]))
        {
            return false;
        }

        var type = Encoding.ASCII.GetString(value[..semicolon]);
        var address = value[(semicolon + 1)..];
        if (IsType(type) && (IsUtf8Type(type) ? Utf8Address.TryDecode(address, out var decoded) : Xtext.TryDecode(address, out decoded)))
        {
            recipient = new OriginalRecipient(type, decoded);
        }

        return recipient is not null;
    }

    /// <summary>The value of ORCPT, in ASCII, fit for servers with and without SMTPUTF8.</summary>
    public string Encode() => $"{AddressType};{(IsUtf8 ? Utf8Address.Encode(Address) : Xtext.Encode(Address))}";

    /// <summary>The type and the address as they are.</summary>
    public override string ToString() => $"{AddressType};{Address}";

    // addr-type = atom ; of which only these characters are in use
    internal static bool IsType(ReadOnlySpan<char> type)
    {
        foreach (var c in type)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return type.Length > 0;
    }

    private static bool IsUtf8Type(string type) => type.Equals("utf-8", StringComparison.OrdinalIgnoreCase);
}
