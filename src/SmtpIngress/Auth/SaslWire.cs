using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress.Auth;

/// <summary>What a line of an AUTH exchange is.</summary>
internal enum SaslLine
{
    /// <summary>A response.</summary>
    Response,

    /// <summary>The client gives up: <c>*</c>.</summary>
    Cancelled,

    /// <summary>No base64, or too long.</summary>
    Malformed,
}

/// <summary>How SASL goes over SMTP: in base64, a line each way (RFC 4954 §4).</summary>
internal static class SaslWire
{
    private static readonly SearchValues<byte> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    /// <summary>The line that carries a challenge, with CRLF. An empty one still has its space.</summary>
    public static byte[] Challenge(ReadOnlySpan<byte> octets)
    {
        var line = new byte["334 "u8.Length + Base64.GetMaxEncodedToUtf8Length(octets.Length) + "\r\n"u8.Length];
        "334 "u8.CopyTo(line);
        Base64.EncodeToUtf8(octets, line.AsSpan(4), out _, out _);
        "\r\n"u8.CopyTo(line.AsSpan(line.Length - 2));
        return line;
    }

    /// <summary>The initial response, as it stands behind the mechanism: <c>=</c> is an empty one, which nothing else could say.</summary>
    public static SaslLine Initial(ReadOnlySpan<byte> argument, out byte[] response)
    {
        response = [];
        if (argument.SequenceEqual("="u8))
        {
            return SaslLine.Response;
        }

        return argument.IsEmpty ? SaslLine.Malformed : Decode(argument, out response);
    }

    /// <summary>A line that answers a challenge, without its CRLF.</summary>
    public static SaslLine Response(ReadOnlySpan<byte> line, out byte[] response)
    {
        response = [];
        return line.SequenceEqual("*"u8) ? SaslLine.Cancelled : Decode(line, out response);
    }

    /// <summary>Base64 inside a mechanism; null where it is broken.</summary>
    public static byte[]? FromBase64(string text) =>
        Ascii.IsValid(text) && Decode(Encoding.ASCII.GetBytes(text), out var octets) == SaslLine.Response ? octets : null;

    /// <summary>Strict: the library alone would let white space pass.</summary>
    private static SaslLine Decode(ReadOnlySpan<byte> line, out byte[] octets)
    {
        octets = [];
        if (line.Length > LineReader.MaxLength - 2 || line.ContainsAnyExcept(Alphabet))
        {
            return SaslLine.Malformed;
        }

        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(line.Length)];
        if (Base64.DecodeFromUtf8(line, decoded, out var read, out var length) != OperationStatus.Done || read != line.Length)
        {
            return SaslLine.Malformed;
        }

        octets = decoded[..length];
        return SaslLine.Response;
    }
}
