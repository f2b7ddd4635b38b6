using System.Net;
using System.Net.Sockets;

namespace Relay.Transport.Webhook;

/// <summary>
/// Which addresses are of the public internet. A URL must not lead inside: to this machine, to neighbours, to the metadata service of a
/// cloud (RFC 6890 and its registries).
/// </summary>
internal static class PublicAddress
{
    private static readonly IPNetwork[] NotPublic = new[]
    {
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "168.63.129.16/32",
    }.Select(IPNetwork.Parse).ToArray();

    /// <summary>Only 2000::/3 is given out to the internet; of it these are not, or hold an IPv4 address.</summary>
    private static readonly IPNetwork[] NotPublicV6 = new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse).ToArray();

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>True for an address of the public internet.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(NotPublic, network => network.Contains(address)),
            AddressFamily.InterNetworkV6 => GlobalUnicast.Contains(address) && !Array.Exists(NotPublicV6, network => network.Contains(address)),
            _ => false,
        };
    }
}
