using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Relay.Mail;

/// <summary>
/// Internationalised addresses in ORCPT (RFC 6533 §3): <c>\x{…}</c> stands for a code point, in hexadecimal. Relay reads
/// both forms and writes the one in ASCII, which every server takes.
/// <code>
/// utf-8-addr-xtext   = 1*( QCHAR / EmbeddedUnicodeChar )
/// utf-8-addr-unitext = 1*( QUCHAR / EmbeddedUnicodeChar )   ; QCHAR, and UTF-8 as it is
/// QCHAR              = "!" to "~" except "\", "+", "="
/// </code>
/// </summary>
internal static class Utf8Address
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c is not ('+' or '=' or '\\'))]);

    private static readonly SearchValues<char> UpperHex = SearchValues.Create("0123456789ABCDEF");

    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        if (text.Length is 0 or > Xtext.MaxLength || !Utf8.IsValid(text))
        {
            return false;
        }

        var output = new StringBuilder(text.Length);
        var rest = Encoding.UTF8.GetString(text).AsSpan();
        while (!rest.IsEmpty)
        {
            if (rest[0] == '\\')
            {
                if (!TryTakeCodePoint(ref rest, out var rune))
                {
                    return false;
                }

                output.Append(rune);
                continue;
            }

            if (rest[0] < 0x80 ? !Plain.Contains(rest[0]) : char.IsControl(rest[0]))
            {
                return false;
            }

            output.Append(rest[0]);
            rest = rest[1..];
        }

        decoded = output.ToString();
        return true;
    }

    public static string Encode(string address)
    {
        var encoded = new StringBuilder(address.Length + 16);
        foreach (var rune in address.EnumerateRunes())
        {
            _ = rune.IsAscii && Plain.Contains((char)rune.Value)
                ? encoded.Append((char)rune.Value)
                : encoded.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X2}}}");
        }

        return encoded.ToString();
    }

    // EmbeddedUnicodeChar = "\x{" HEXPOINT "}" ; upper-case digits, no control
    private static bool TryTakeCodePoint(ref ReadOnlySpan<char> text, out Rune rune)
    {
        rune = default;
        var end = text.IndexOf('}');
        if (!text.StartsWith("\\x{") || end is < 5 or > 9)
        {
            return false;
        }

        var digits = text[3..end];
        text = text[(end + 1)..];
        return !digits.ContainsAnyExcept(UpperHex) &&
            Rune.TryCreate(int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), out rune) &&
            !Rune.IsControl(rune);
    }
}
