using System.Net;

namespace Relay.SmtpIngress;

/// <summary>Some networks. An address that is not known is in none of them.</summary>
internal sealed class Networks(IReadOnlyList<IPNetwork> networks)
{
    /// <summary>An IPv4 address that came in over an IPv6 socket counts as IPv4: <see cref="IPNetwork.Contains"/> knows it.</summary>
    public bool Contain(IPAddress? client)
    {
        if (client is null)
        {
            return false;
        }

        foreach (var network in networks)
        {
            if (network.Contains(client))
            {
                return true;
            }
        }

        return false;
    }
}
