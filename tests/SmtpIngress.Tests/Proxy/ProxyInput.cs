using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Text;
using Relay.SmtpIngress.Proxy;

namespace Relay.SmtpIngress.Tests.Proxy;

/// <summary>PROXY headers as a load balancer writes them, and the reading of them however they are split.</summary>
internal static class ProxyInput
{
    public static readonly byte[] Signature = "\r\n\r\n\0\r\nQUIT\n"u8.ToArray();

    public static byte[] V1(string line) => Encoding.Latin1.GetBytes(line);

    public static byte[] V2(byte command, byte family, params byte[] body)
    {
        byte[] header = [.. Signature, command, family, 0, 0, .. body];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)body.Length);
        return header;
    }

    public static byte[] Ends(string source, string destination, ushort sourcePort, ushort destinationPort) =>
    [
        .. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(),
        (byte)(sourcePort >> 8), (byte)sourcePort, (byte)(destinationPort >> 8), (byte)destinationPort,
    ];

    public static byte[] Tlv(byte type, params byte[] value) => [type, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    /// <summary>The whole input at once.</summary>
    public static (ProxyParse Parse, IPEndPoint? Client, int Taken) Read(byte[] octets) => Read(new ReadOnlySequence<byte>(octets));

    /// <summary>All of the input, in pieces that are not together in memory.</summary>
    public static (ProxyParse Parse, IPEndPoint? Client, int Taken) Read(byte[] octets, params int[] cuts)
    {
        var first = new Piece(octets.AsMemory(0, cuts[0]), 0);
        var last = first;
        for (var i = 0; i < cuts.Length; i++)
        {
            var end = i + 1 < cuts.Length ? cuts[i + 1] : octets.Length;
            last = last.Append(octets.AsMemory(cuts[i], end - cuts[i]));
        }

        return Read(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length));
    }

    private static (ProxyParse Parse, IPEndPoint? Client, int Taken) Read(ReadOnlySequence<byte> input)
    {
        var rest = input;
        var parse = ProxyHeader.TryRead(ref rest, out var header);
        return (parse, header.Client, (int)(input.Length - rest.Length));
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> octets, long before)
        {
            Memory = octets;
            RunningIndex = before;
        }

        public Piece Append(ReadOnlyMemory<byte> octets)
        {
            var next = new Piece(octets, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
