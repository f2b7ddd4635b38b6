using System.Buffers;
using System.Net;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress.Proxy;

/// <summary>
/// Version 1, a line of text.
/// <code>
/// header   = "PROXY " ( "UNKNOWN" [ SP *text ] / "TCP4 " ends / "TCP6 " ends ) CRLF
/// ends     = source SP destination SP source-port SP destination-port
/// </code>
/// </summary>
internal static class ProxyV1
{
    public const byte FirstOctet = (byte)'P';

    /// <summary>Octets of the line at most, with its CRLF: what the specification allows, and no sender needs more.</summary>
    public const int MaxLength = 107;

    private static readonly SearchValues<byte> EndsText = SearchValues.Create("0123456789ABCDEFabcdef:. "u8);

    private delegate bool AddressReader(ReadOnlySpan<byte> text, out IPAddress? address);

    public static ProxyParse Read(ReadOnlySpan<byte> input, out int length, out IPEndPoint? client)
    {
        client = null;
        var text = input[..Math.Min(input.Length, MaxLength)];
        var end = text.IndexOfAny((byte)'\r', (byte)'\n');
        length = end + 2;
        var line = end < 0 ? text : text[..end];
        if (!CanBegin(line))
        {
            return ProxyParse.Malformed;
        }

        if (end < 0 || (text[end] == '\r' && end + 1 == text.Length))
        {
            return text.Length < MaxLength ? ProxyParse.NeedMore : ProxyParse.Malformed;
        }

        return text[end..].StartsWith("\r\n"u8) && IsWhole(line, out client) ? ProxyParse.Done : ProxyParse.Malformed;
    }

    /// <summary>Whether a header can begin so. Its addresses are looked at only when the line is whole.</summary>
    private static bool CanBegin(ReadOnlySpan<byte> line) =>
        Agree(line, "PROXY UNKNOWN"u8) ||
        (Agree(line, "PROXY TCP4 "u8) && !Behind(line, "PROXY TCP4 "u8).ContainsAnyExcept(EndsText)) ||
        (Agree(line, "PROXY TCP6 "u8) && !Behind(line, "PROXY TCP6 "u8).ContainsAnyExcept(EndsText));

    private static bool IsWhole(ReadOnlySpan<byte> line, out IPEndPoint? client)
    {
        client = null;
        if (line.StartsWith("PROXY TCP4 "u8))
        {
            return TryEnds(Behind(line, "PROXY TCP4 "u8), AddressText.TryIpv4, out client);
        }

        if (line.StartsWith("PROXY TCP6 "u8))
        {
            return TryEnds(Behind(line, "PROXY TCP6 "u8), AddressText.TryIpv6, out client);
        }

        var rest = Behind(line, "PROXY UNKNOWN"u8);
        return line.StartsWith("PROXY UNKNOWN"u8) && (rest.IsEmpty || rest[0] == ' ');
    }

    private static bool TryEnds(ReadOnlySpan<byte> ends, AddressReader reader, out IPEndPoint? client)
    {
        client = null;
        Span<Range> parts = stackalloc Range[5];
        if (ends.Split(parts, (byte)' ') != 4 ||
            !reader(ends[parts[0]], out var source) || !reader(ends[parts[1]], out _) ||
            !AddressText.TryPort(ends[parts[2]], out var port) || !AddressText.TryPort(ends[parts[3]], out _))
        {
            return false;
        }

        client = new IPEndPoint(source!, port);
        return true;
    }

    /// <summary>True when both are the same as far as both go.</summary>
    private static bool Agree(ReadOnlySpan<byte> line, ReadOnlySpan<byte> word) =>
        line.StartsWith(word[..Math.Min(line.Length, word.Length)]);

    private static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> line, ReadOnlySpan<byte> word) =>
        line[Math.Min(line.Length, word.Length)..];

    /// <summary>Cuts at each separator; the number of pieces, which may be one more than asked for at most.</summary>
    private static int Split(this ReadOnlySpan<byte> text, Span<Range> pieces, byte separator)
    {
        var count = 0;
        foreach (var piece in text.Split(separator))
        {
            if (count == pieces.Length)
            {
                break;
            }

            pieces[count++] = piece;
        }

        return count;
    }
}
