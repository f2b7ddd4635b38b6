using System.Net;
using Relay.Dns;

namespace Relay.Checks.DnsLists;

/// <summary>What the addresses that a list answers with mean (RFC 5782 §2.1).</summary>
/// <param name="counting">Those by which it lists.</param>
internal sealed class DnsListReplies(IReadOnlyList<IPNetwork> counting)
{
    private static readonly IPNetwork Valid = IPNetwork.Parse("127.0.0.0/8");

    /// <summary>By these a list says that it will not answer: one asks too much, or by way of a resolver that it does not serve.</summary>
    private static readonly IPNetwork[] Refusals = [IPNetwork.Parse("127.255.255.0/24"), IPNetwork.Parse("127.0.0.1/32")];

    public DnsListResult Read(DnsAnswer<IPAddress> answer)
    {
        if (answer.Status != DnsStatus.Found)
        {
            return answer.Status == DnsStatus.Temporary ? DnsListResult.NoAnswer : DnsListResult.Clean;
        }

        return answer.Records.Any(reply => IsIn(Refusals, reply)) ? DnsListResult.Refused
            : !answer.Records.All(Valid.Contains) ? DnsListResult.Broken
            : answer.Records.Any(reply => IsIn(counting, reply)) ? DnsListResult.Listed
            : DnsListResult.Clean;
    }

    private static bool IsIn(IReadOnlyList<IPNetwork> networks, IPAddress address) => networks.Any(network => network.Contains(address));
}
