using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using Relay.SmtpIngress.Grammar;

namespace Relay.SmtpIngress.Proxy;

/// <summary>
/// Version 2, in binary. All numbers are in network order.
/// <code>
/// header = signature(12) version-and-command(1) family-and-protocol(1) length(2) addresses *tlv
/// tlv    = type(1) length(2) value
/// </code>
/// </summary>
internal static class ProxyV2
{
    /// <summary>
    /// Octets of a whole header at most. With addresses of AF_UNIX it has 232 before its TLVs, and those that senders add
    /// (names, TLS, identifiers of networks) stay far below the rest.
    /// </summary>
    public const int MaxLength = 2048;

    private const int FixedLength = 16;
    private const byte Local = 0x20;
    private const byte Proxy = 0x21;
    private const byte Unspecified = 0x00;
    private const byte TcpOverIpv4 = 0x11;
    private const byte TcpOverIpv6 = 0x21;
    private const byte UnixStream = 0x31;
    private const byte Crc32cType = 0x03;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    public static ProxyParse Read(ReadOnlySpan<byte> input, out int length, out IPEndPoint? client)
    {
        client = null;
        length = input.Length < FixedLength ? FixedLength : FixedLength + BinaryPrimitives.ReadUInt16BigEndian(input[14..]);
        if (!CanBegin(input) || length > MaxLength)
        {
            return ProxyParse.Malformed;
        }

        if (input.Length < length)
        {
            return ProxyParse.NeedMore;
        }

        return IsWhole(input[..length], out client) ? ProxyParse.Done : ProxyParse.Malformed;
    }

    private static bool CanBegin(ReadOnlySpan<byte> input)
    {
        if (!input.StartsWith(Signature[..Math.Min(input.Length, Signature.Length)]))
        {
            return false;
        }

        if (input.Length > 12 && input[12] is not (Local or Proxy))
        {
            return false;
        }

        // What the family says of a connection that the proxy opened for itself is to be ignored.
        if (input.Length <= 13 || input[12] == Local)
        {
            return true;
        }

        return AddressesLength(input[13]) is { } least &&
            (input.Length < FixedLength || BinaryPrimitives.ReadUInt16BigEndian(input[14..]) >= least);
    }

    /// <summary>Octets of both ends; null for what cannot carry SMTP, or is not assigned.</summary>
    private static int? AddressesLength(byte family) => family switch
    {
        Unspecified => 0,
        TcpOverIpv4 => 12,
        TcpOverIpv6 => 36,
        UnixStream => 216,
        _ => null,
    };

    private static bool IsWhole(ReadOnlySpan<byte> header, out IPEndPoint? client)
    {
        client = null;
        if (header[12] == Local || header[13] == Unspecified)
        {
            // To be skipped unread: with no family, where its TLVs begin is not known either.
            return true;
        }

        var addresses = header[FixedLength..];
        client = header[13] switch
        {
            TcpOverIpv4 => EndPoint(addresses[..4], addresses[8..]),
            TcpOverIpv6 => EndPoint(addresses[..16], addresses[32..]),
            _ => null,
        };
        return AreTlvs(header, FixedLength + AddressesLength(header[13])!.Value);
    }

    private static IPEndPoint EndPoint(ReadOnlySpan<byte> address, ReadOnlySpan<byte> port) =>
        new(AddressText.WithoutMapping(new IPAddress(address)), BinaryPrimitives.ReadUInt16BigEndian(port));

    /// <summary>TLVs are skipped, but they have to fill the header just so, and a checksum among them has to be right.</summary>
    private static bool AreTlvs(ReadOnlySpan<byte> header, int position)
    {
        while (position < header.Length)
        {
            if (header.Length - position < 3)
            {
                return false;
            }

            var value = position + 3;
            var next = value + BinaryPrimitives.ReadUInt16BigEndian(header[(position + 1)..]);
            if (next > header.Length || (header[position] == Crc32cType && !IsChecksum(header, value, next)))
            {
                return false;
            }

            position = next;
        }

        return true;
    }

    /// <summary>CRC-32C over the whole header, in which the checksum itself counts as zeros.</summary>
    private static bool IsChecksum(ReadOnlySpan<byte> header, int value, int next)
    {
        if (next - value != 4)
        {
            return false;
        }

        var crc = Crc(uint.MaxValue, header[..value]);
        crc = Crc(crc, [0, 0, 0, 0]);
        crc = Crc(crc, header[next..]);
        return ~crc == BinaryPrimitives.ReadUInt32BigEndian(header[value..]);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
        {
            crc = BitOperations.Crc32C(crc, octet);
        }

        return crc;
    }
}
