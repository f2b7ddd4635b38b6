using System.Net;
using System.Net.Sockets;

namespace Relay.Transport;

/// <summary>
/// Whether an address is one of the Internet at large. What strangers choose must not lead us to machines that only we can reach:
/// our own, those of our networks, the metadata service of a cloud.
/// </summary>
internal static class PublicAddress
{
    /// <summary>The blocks that are not global (RFC 6890 and the IANA registries that it set up), and those that hold IPv4 within IPv6.</summary>
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            // Azure's own services answer every machine at 168.63.129.16.
            "168.63.129.16/32",
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    public static bool Is(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (plain.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(plain)) &&
            !Special.Any(network => network.Contains(plain));
    }
}
