using System.Net;
using Relay.Dns;

namespace Relay.Checks;

/// <summary>How reverse DNS came out, in the words of RFC 8601 §2.7.3.</summary>
internal enum IprevResult
{
    /// <summary>A name of the address leads back to it.</summary>
    Pass,

    /// <summary>There are names, and none leads back to it.</summary>
    Fail,

    /// <summary>DNS gave no answer.</summary>
    TempError,

    /// <summary>There is no name.</summary>
    PermError,
}

/// <summary>Forward-confirmed reverse DNS: whether a name that DNS has for an address has that address (RFC 8601 §3).</summary>
/// <param name="Result">How it came out.</param>
/// <param name="Name">The name that leads back; only of those may anything be believed.</param>
/// <param name="Detail">Why it did not pass.</param>
/// <param name="Lookups">Questions to DNS.</param>
internal sealed record Iprev(IprevResult Result, string? Name, string? Detail, int Lookups)
{
    /// <summary>Names that are tried, as SPF does (RFC 7208 §5.5): whoever owns an address can give it thousands.</summary>
    private const int MaxNames = 10;

    /// <summary>Asks DNS. The names are tried all at once; of several that lead back the first in DNS's order counts.</summary>
    public static async Task<Iprev> OfAsync(IPAddress address, IDnsResolver dns, CancellationToken cancel)
    {
        var reverse = await dns.NamesAsync(address, cancel);
        if (reverse.Status != DnsStatus.Found)
        {
            var result = reverse.Status == DnsStatus.Temporary ? IprevResult.TempError : IprevResult.PermError;
            return new Iprev(result, null, reverse.Detail ?? "the address has no name", 1);
        }

        var names = reverse.Records.Take(MaxNames).ToArray();
        var forward = await Task.WhenAll(names.Select(name => dns.AddressesAsync(name, address.AddressFamily, cancel)));
        var lookups = 1 + names.Length;
        var confirmed = Array.FindIndex(forward, answer => answer.Records.Contains(address));
        if (confirmed >= 0)
        {
            return new Iprev(IprevResult.Pass, names[confirmed], null, lookups);
        }

        return forward.FirstOrDefault(answer => answer.Status == DnsStatus.Temporary) is { } unanswered
            ? new Iprev(IprevResult.TempError, null, unanswered.Detail, lookups)
            : new Iprev(IprevResult.Fail, null, $"no name leads back to the address: {string.Join(", ", names)}", lookups);
    }
}
