using System.Diagnostics.CodeAnalysis;

namespace Relay.Forwarding;

/// <summary>Base 32 (RFC 4648 §6) in lower case, without padding: it survives hosts that change the case of a local part.</summary>
internal static class Base32
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static string Encode(ReadOnlySpan<byte> octets)
    {
        var text = new char[((octets.Length * 8) + 4) / 5];
        var (bits, held, at) = (0, 0, 0);
        foreach (var octet in octets)
        {
            bits = (bits << 8) | octet;
            for (held += 8; held >= 5; held -= 5)
            {
                text[at++] = Alphabet[(bits >> (held - 5)) & 31];
            }

            bits &= 0xff;
        }

        if (held > 0)
        {
            text[at] = Alphabet[(bits << (5 - held)) & 31];
        }

        return new string(text);
    }

    /// <summary>Reads what <see cref="Encode"/> writes of <paramref name="length"/> octets, in any case, and nothing else.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, int length, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        if (text.Length != ((length * 8) + 4) / 5)
        {
            return false;
        }

        var decoded = new byte[length];
        var (bits, held, at) = (0, 0, 0);
        foreach (var c in text)
        {
            var value = Alphabet.IndexOf(char.ToLowerInvariant(c));
            if (value < 0)
            {
                return false;
            }

            bits = (bits << 5) | value;
            held += 5;
            if (held >= 8)
            {
                held -= 8;
                decoded[at++] = (byte)(bits >> held);
                bits &= (1 << held) - 1;
            }
        }

        // The bits that are left over are none of the octets: another text would say the same.
        octets = bits == 0 ? decoded : null;
        return octets is not null;
    }
}
