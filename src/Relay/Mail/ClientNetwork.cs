using System.Net;
using System.Net.Sockets;

namespace Relay.Mail;

/// <summary>What counts as one client where clients are counted by address.</summary>
internal static class ClientNetwork
{
    /// <summary>Octets of the network that one customer gets of IPv6.</summary>
    public const int PrefixLength = 8;

    /// <summary>
    /// An IPv4 address is itself, also when it is mapped into IPv6. Of an IPv6 address the first 64 bits count: the rest is
    /// the host's to choose (RFC 4291 §2.5.1), and a client that took a new address for each session would never be
    /// counted twice.
    /// </summary>
    public static IPAddress Of(IPAddress client)
    {
        var address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out _);
        octets[PrefixLength..].Clear();
        return new IPAddress(octets);
    }
}
