using System.Net;
using System.Net.Sockets;

namespace Relay.Accounts;

/// <summary>What failures are counted under and locks are set on, as text.</summary>
public static class LockSubject
{
    /// <summary>Bits of an IPv6 address that its holder does not choose: whoever has one address of a /64 has them all.</summary>
    private const int PrefixOctets = 8;

    /// <summary>The name in lower case.</summary>
    public static string Of(string name) => name.ToLowerInvariant();

    /// <summary>An IPv4 address, also where it came over IPv6; of an IPv6 address its network, such as <c>2001:db8::/64</c>.</summary>
    public static string Of(IPAddress client)
    {
        if (client.IsIPv4MappedToIPv6)
        {
            return client.MapToIPv4().ToString();
        }

        if (client.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return client.ToString();
        }

        var octets = client.GetAddressBytes();
        octets.AsSpan(PrefixOctets).Clear();
        return $"{new IPAddress(octets)}/{8 * PrefixOctets}";
    }
}
