using System.Net;
using System.Net.Sockets;
using Relay.Mail;

namespace Relay.Accounts;

/// <summary>What failures are counted under and locks are set on, as text.</summary>
public static class LockSubject
{
    /// <summary>The name in lower case.</summary>
    public static string Of(string name) => Account.KeyOf(name);

    /// <summary>An IPv4 address, also where it came over IPv6; of an IPv6 address its network, such as <c>2001:db8::/64</c>.</summary>
    public static string Of(IPAddress client)
    {
        var network = ClientNetwork.Of(client);
        return network.AddressFamily == AddressFamily.InterNetworkV6 ? $"{network}/{8 * ClientNetwork.PrefixLength}" : $"{network}";
    }
}
