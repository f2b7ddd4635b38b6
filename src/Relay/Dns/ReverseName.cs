using System.Net;
using System.Net.Sockets;

namespace Relay.Dns;

/// <summary>The octets of an address turned round, as DNS names them.</summary>
public static class ReverseName
{
    /// <summary>The name below in-addr.arpa (RFC 1035 §3.5) or ip6.arpa (RFC 3596 §2.5).</summary>
    public static string Of(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? Of(address, "in-addr.arpa") : Of(address, "ip6.arpa");

    /// <summary>The octets of IPv4, or the nibbles of IPv6, below any zone: DNS lists are asked so too (RFC 5782 §2.1, §2.4).</summary>
    public static string Of(IPAddress address, string zone)
    {
        var octets = address.GetAddressBytes().Reverse();
        return string.Join('.', address.AddressFamily == AddressFamily.InterNetwork
            ? octets.Select(octet => $"{octet}").Append(zone)
            : octets.Select(octet => $"{octet & 15:x}.{octet >> 4:x}").Append(zone));
    }
}
