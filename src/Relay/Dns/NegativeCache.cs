using System.Collections.Concurrent;
using DnsClient;
using DnsClient.Protocol;

namespace Relay.Dns;

/// <summary>
/// Keeps "no such name" and "no such records" for as long as their zone's SOA allows (RFC 2308 §5). Most mail hosts have no
/// AAAA: without this, every message would ask for it again. Names come in lower case.
/// </summary>
internal sealed class NegativeCache(TimeProvider time)
{
    /// <summary>Entries at most; names come from strangers.</summary>
    private const int MaxEntries = 10_000;

    /// <summary>However long the zone allows: a domain that was just set up should not wait for hours.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(string Name, QueryType Type), (DnsStatus Status, DateTimeOffset Until)> entries =
        new();

    public DnsStatus? Find(string name, QueryType type)
    {
        if (!entries.TryGetValue((name, type), out var entry))
        {
            return null;
        }

        if (time.GetUtcNow() < entry.Until)
        {
            return entry.Status;
        }

        entries.TryRemove((name, type), out _);
        return null;
    }

    /// <summary>Without an SOA there is no TTL, and nothing is kept.</summary>
    public void Add(string name, QueryType type, DnsStatus status, SoaRecord? zone)
    {
        if (zone is null)
        {
            return;
        }

        var age = TimeSpan.FromSeconds(Math.Min(zone.Minimum, (uint)zone.InitialTimeToLive));
        if (age <= TimeSpan.Zero)
        {
            return;
        }

        if (entries.Count >= MaxEntries)
        {
            entries.Clear();
        }

        entries[(name, type)] = (status, time.GetUtcNow() + (age < MaxAge ? age : MaxAge));
    }
}
