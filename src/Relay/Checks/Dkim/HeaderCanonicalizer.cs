using System.Buffers;
using Relay.Mail;

namespace Relay.Checks.Dkim;

/// <summary>Brings fields of a header into the form that is hashed (RFC 6376 §3.4.1, §3.4.2).</summary>
internal static class HeaderCanonicalizer
{
    /// <summary>Writes one field with its line end.</summary>
    public static void Write(IBufferWriter<byte> output, HeaderField field, Canonicalization form)
    {
        var octets = field.Octets.Span;
        if (form == Canonicalization.Relaxed)
        {
            WriteRelaxed(output, octets);
            output.Write("\r\n"u8);
            return;
        }

        output.Write(octets);
        if (!octets.EndsWith("\n"u8))
        {
            // The header ended without a line end; the transport gives it one.
            output.Write("\r\n"u8);
        }
    }

    /// <summary>Writes the field that holds the signature: the value of <c>b=</c> left out, and without its line end (RFC 6376 §3.7).</summary>
    public static void WriteSignature(IBufferWriter<byte> output, HeaderField field, Canonicalization form)
    {
        var octets = WithoutLineEnd(field.Octets.Span);
        var (begin, end) = FindSignature(octets);
        var unsigned = new byte[begin + octets.Length - end];
        octets[..begin].CopyTo(unsigned);
        octets[end..].CopyTo(unsigned.AsSpan(begin));
        if (form == Canonicalization.Relaxed)
        {
            WriteRelaxed(output, unsigned);
        }
        else
        {
            output.Write(unsigned);
        }
    }

    /// <summary>The name in lower case, the value on one line, each run of white space one space, none at both ends.</summary>
    private static void WriteRelaxed(IBufferWriter<byte> output, ReadOnlySpan<byte> field)
    {
        var colon = field.IndexOf((byte)':');
        var name = field[..colon].TrimEnd(" \t"u8);
        var buffer = output.GetSpan(field.Length + 1);
        var length = 0;
        foreach (var c in name)
        {
            buffer[length++] = c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
        }

        buffer[length++] = (byte)':';
        var value = length;
        var space = false;
        for (var i = colon + 1; i < field.Length; i++)
        {
            var c = field[i];
            if (c is (byte)' ' or (byte)'\t')
            {
                space = true;
            }
            else if (c != '\n' && !(c == '\r' && i + 1 < field.Length && field[i + 1] == '\n'))
            {
                if (space && length > value)
                {
                    buffer[length++] = (byte)' ';
                }

                space = false;
                buffer[length++] = c;
            }
        }

        output.Advance(length);
    }

    /// <summary>Where the value of <c>b=</c> stands with all white space round it; empty at the end where there is no such tag.</summary>
    private static (int Begin, int End) FindSignature(ReadOnlySpan<byte> field)
    {
        var begin = field.IndexOf((byte)':') + 1;
        while (begin < field.Length)
        {
            var length = field[begin..].IndexOf((byte)';');
            var end = length < 0 ? field.Length : begin + length;
            var tag = field[begin..end];
            var equals = tag.IndexOf((byte)'=');
            if (equals > 0 && tag[..equals].Trim(" \t\r\n"u8).SequenceEqual("b"u8))
            {
                return (begin + equals + 1, end);
            }

            begin = end + 1;
        }

        return (field.Length, field.Length);
    }

    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> octets)
    {
        octets = octets.EndsWith("\n"u8) ? octets[..^1] : octets;
        return octets.EndsWith("\r"u8) ? octets[..^1] : octets;
    }
}
