using System.Net;
using System.Net.Sockets;
using Relay.Dns;

namespace Relay.Checks.Spf;

/// <summary>The mechanisms that look at the client (RFC 7208 §5), but for include. A no may be a fault, which the lookups keep.</summary>
internal sealed class SpfMatcher(SpfIdentity identity, SpfLookups lookups, ValidatedNames validated)
{
    /// <summary>Mail hosts of one mx; a domain with more is at fault (RFC 7208 §4.6.4).</summary>
    private const int MaxMailHosts = 10;

    /// <summary>Whether the client is meant.</summary>
    /// <param name="directive">Any but include.</param>
    /// <param name="name">The domain to ask. DNS is not asked for what can be no name: it matches nobody (RFC 7208 §4.8).</param>
    public ValueTask<bool> MatchesAsync(SpfDirective directive, string name) => directive.Mechanism switch
    {
        SpfMechanism.All => new(true),
        SpfMechanism.Ip4 or SpfMechanism.Ip6 => new(IsIn(directive, directive.Network!)),
        _ when !SpfName.IsValid(name) => new(false),
        SpfMechanism.A => AddressAsync(directive, name),
        SpfMechanism.Mx => MailHostAsync(directive, name),
        SpfMechanism.Ptr => NameAsync(name),
        _ => ExistsAsync(name),
    };

    private async ValueTask<bool> AddressAsync(SpfDirective directive, string name)
    {
        var answer = await lookups.AddressesAsync(name, identity.Family);
        return lookups.Accept(answer) && IsInAny(directive, answer.Records);
    }

    private async ValueTask<bool> MailHostAsync(SpfDirective directive, string name)
    {
        var answer = await lookups.MxAsync(name);
        if (!lookups.Accept(answer))
        {
            return false;
        }

        if (answer.Records.Count > MaxMailHosts)
        {
            return lookups.Fail(SpfResult.PermError, $"more than {MaxMailHosts} mail hosts of {name}");
        }

        foreach (var host in answer.Records)
        {
            if (!SpfName.IsValid(host.Exchange))
            {
                continue;
            }

            var addresses = await lookups.AddressesAsync(host.Exchange, identity.Family);
            // A host without an address of the client's family is a host all the same.
            if (addresses.Status != DnsStatus.NoRecords && !lookups.Accept(addresses))
            {
                return false;
            }

            if (IsInAny(directive, addresses.Records))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<bool> NameAsync(string domain) =>
        (await validated.GetAsync()).Any(name => SpfName.IsWithin(name, domain));

    /// <summary>It is the A record that counts, also for IPv6 (RFC 7208 §5.7).</summary>
    private async ValueTask<bool> ExistsAsync(string name)
    {
        var answer = await lookups.AddressesAsync(name, AddressFamily.InterNetwork);
        return lookups.Accept(answer) && answer.Records.Count > 0;
    }

    private bool IsInAny(SpfDirective directive, IReadOnlyList<IPAddress> addresses)
    {
        foreach (var address in addresses)
        {
            if (IsIn(directive, address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the first bits of the client's address are those of the other.</summary>
    private bool IsIn(SpfDirective directive, IPAddress network)
    {
        if (network.AddressFamily != identity.Family)
        {
            return false;
        }

        Span<byte> ours = stackalloc byte[16];
        Span<byte> theirs = stackalloc byte[16];
        identity.Client.TryWriteBytes(ours, out var length);
        network.TryWriteBytes(theirs, out _);
        var bits = length == 4 ? directive.Prefix4 : directive.Prefix6;
        var whole = bits / 8;
        return ours[..whole].SequenceEqual(theirs[..whole]) &&
            (bits % 8 == 0 || (ours[whole] ^ theirs[whole]) >> (8 - (bits % 8)) == 0);
    }
}
