using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Relay.Mail;

/// <summary>
/// The encoding of the values of ENVID and ORCPT (RFC 3461 §4). A value is printable ASCII once decoded: it ends in a header
/// field, where a line end would be another field.
/// <code>
/// xtext   = *( xchar / hexchar )
/// xchar   = any ASCII CHAR between "!" and "~" except "+" and "="
/// hexchar = "+" 2( DIGIT / "A" / "B" / "C" / "D" / "E" / "F" )
/// </code>
/// </summary>
public static class Xtext
{
    /// <summary>Octets of the encoded form; no parameter may have more (RFC 3461 §4.2).</summary>
    public const int MaxLength = 500;

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c is not ('+' or '='))]);

    /// <summary>Decodes the whole of <paramref name="text"/>.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        if (text.Length > MaxLength)
        {
            return false;
        }

        Span<char> output = stackalloc char[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = (char)text[i];
            if (c == '+')
            {
                if (!TryHex(text[(i + 1)..], out c))
                {
                    return false;
                }

                i += 2;
            }
            else if (!Plain.Contains(c))
            {
                return false;
            }

            if (c is < ' ' or > '~')
            {
                return false;
            }

            output[length++] = c;
        }

        decoded = new string(output[..length]);
        return true;
    }

    /// <summary>The encoded form. What is not ASCII becomes the octets of its UTF-8, so that nothing can end the command.</summary>
    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain))
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 8);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            _ = Plain.Contains((char)octet) ? encoded.Append((char)octet) : encoded.Append('+').Append($"{octet:X2}");
        }

        return encoded.ToString();
    }

    private static bool TryHex(ReadOnlySpan<byte> digits, out char c)
    {
        c = '\0';
        if (digits.Length < 2 || !char.IsAsciiHexDigitUpper((char)digits[0]) || !char.IsAsciiHexDigitUpper((char)digits[1]))
        {
            return false;
        }

        c = (char)((Value(digits[0]) << 4) | Value(digits[1]));
        return true;
    }

    private static int Value(byte digit) => digit <= '9' ? digit - '0' : digit - 'A' + 10;
}
