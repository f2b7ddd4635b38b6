using System.Net;
using System.Net.Sockets;

namespace Relay.Transport;

/// <summary>One address of one host that mail may be handed to.</summary>
/// <param name="Name">The host's name, as its certificate should have it; the address itself where there is no name.</param>
/// <param name="Address">Where to connect.</param>
internal sealed record NextHop(string Name, IPEndPoint Address)
{
    /// <summary>It speaks TLS from the first octet and knows no STARTTLS: a smarthost at port 465 does (RFC 8314 §3.3).</summary>
    public bool IsTlsAtOnce { get; init; }

    /// <summary><c>name[address]:port</c>, as the status shows it.</summary>
    public override string ToString() => $"{Name}[{Address.Address}]:{Address.Port}";

    /// <summary>
    /// False for what is no single host: the unspecified address (which would connect to this machine), multicast, broadcast.
    /// </summary>
    public static bool IsHostAddress(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => address.GetAddressBytes()[0] is > 0 and < 224,
        AddressFamily.InterNetworkV6 => !address.IsIPv6Multicast && !address.Equals(IPAddress.IPv6Any),
        _ => false,
    };
}
