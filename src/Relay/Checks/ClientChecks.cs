using Microsoft.Extensions.Logging;
using Relay.Checks.DnsLists;
using Relay.Checks.Lists;
using Relay.Dns;
using Relay.Options;

namespace Relay.Checks;

/// <summary>The checks of who sends: our own lists, HELO, reverse DNS, lists in DNS.</summary>
public static class ClientChecks
{
    /// <summary>All of them; a list that is not configured makes no check.</summary>
    public static IReadOnlyList<ICheck> All(RelayOptions options, IDnsResolver dns, TimeProvider time, ILoggerFactory logs)
    {
        List<ICheck> checks = [.. ListCheck.Of(options.Lists), new HeloCheck(options, dns), new ReverseDnsCheck(dns)];
        if (options.DnsLists.Count > 0)
        {
            checks.Add(new DnsListsCheck(options, dns, time, logs.CreateLogger<DnsListsCheck>()));
        }

        return checks;
    }
}
