using System.Net;
using System.Net.NetworkInformation;

namespace Relay.Transport;

/// <summary>Where this relay takes mail.</summary>
internal static class OwnAddresses
{
    /// <summary>A listener on all addresses of the machine is one on each of them.</summary>
    public static HashSet<IPEndPoint> Of(IEnumerable<IPEndPoint> listeners)
    {
        var own = new HashSet<IPEndPoint>();
        foreach (var listener in listeners)
        {
            own.Add(listener);
            if (listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any))
            {
                own.UnionWith(OfMachine().Select(address => new IPEndPoint(address, listener.Port)));
            }
        }

        return own;
    }

    private static IEnumerable<IPAddress> OfMachine() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Append(IPAddress.Loopback)
            .Append(IPAddress.IPv6Loopback);
}
