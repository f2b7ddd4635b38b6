using System.Buffers;
using System.Net;

namespace Relay.SmtpIngress.Proxy;

/// <summary>Where the reading of a PROXY header stands.</summary>
internal enum ProxyParse
{
    /// <summary>So far it can be a header; it is not whole yet.</summary>
    NeedMore,

    /// <summary>The header is whole, and taken off the input.</summary>
    Done,

    /// <summary>It is none, and no further octet can make it one.</summary>
    Malformed,
}

/// <summary>
/// What a load balancer says of a connection before the client's first octet: the PROXY protocol, versions 1 and 2, as
/// HAProxy specifies it.
/// </summary>
/// <param name="Client">
/// Who connected to the load balancer; an IPv4 address that is mapped into IPv6 comes as IPv4. Null when the header does not
/// tell, or when the load balancer speaks for itself: then nobody is trusted by network.
/// </param>
internal readonly record struct ProxyHeader(IPEndPoint? Client)
{
    /// <summary>
    /// Reads a header from the front of <paramref name="input"/>, which is all that has arrived, and takes it off when it is
    /// whole; otherwise nothing is taken.
    /// </summary>
    public static ProxyParse TryRead(ref ReadOnlySequence<byte> input, out ProxyHeader header)
    {
        header = default;
        var front = input.Slice(0, Math.Min(input.Length, ProxyV2.MaxLength));
        Span<byte> copy = stackalloc byte[front.IsSingleSegment ? 0 : (int)front.Length];
        scoped var octets = front.FirstSpan;
        if (!front.IsSingleSegment)
        {
            front.CopyTo(copy);
            octets = copy;
        }

        if (octets.IsEmpty)
        {
            return ProxyParse.NeedMore;
        }

        var parse = octets[0] == ProxyV1.FirstOctet
            ? ProxyV1.Read(octets, out var length, out var client)
            : ProxyV2.Read(octets, out length, out client);
        if (parse == ProxyParse.Done)
        {
            header = new ProxyHeader(client);
            input = input.Slice(length);
        }

        return parse;
    }
}
