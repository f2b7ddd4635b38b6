using System.Net;
using Relay.Checks.Lists;

namespace Relay.Checks.DnsLists;

/// <summary>Addresses that mean different hosts in different places: no list that others publish can know them (RFC 6890 §2.2).</summary>
internal static class PrivateNetworks
{
    private static readonly NetworkSet Networks = new(
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("::/127"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ]);

    public static bool Contain(IPAddress address) => Networks.Find(address) is not null;
}
