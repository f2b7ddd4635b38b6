using System.Buffers.Binary;
using Relay.Mail;
using Relay.Spool.Embedded;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>Counts the queue by domain, in one pass over all works. Those with several domains must be looked at, and that is bounded.</summary>
internal sealed class QueueTally(AzureShards shards)
{
    /// <summary>Domains that a summary holds.</summary>
    private const int MaxDestinations = 1000;

    /// <summary>Domains that are counted.</summary>
    private const int MaxDomains = 100_000;

    /// <summary>Works with several domains whose messages are read.</summary>
    private const int MaxLookedAt = 1000;

    private const int AtOnce = 16;
    private readonly Dictionary<string, Tally> tallies = [];

    /// <summary>Counts.</summary>
    public Task<QueueSummary> RunAsync(CancellationToken cancel) => AzureFault.MapAsync("count the queue", async () =>
    {
        var (total, left, mixed) = (0, 0, new List<FoundWork>());
        await foreach (var work in WorkScan.AllAsync(shards, null, cancel))
        {
            total++;
            if (work.Domain is { } domain)
            {
                left += TryCount(work, domain, work.Route) ? 0 : 1;
            }
            else if (mixed.Count < MaxLookedAt)
            {
                mixed.Add(work);
            }
            else
            {
                left++;
            }
        }

        foreach (var chunk in mixed.Chunk(AtOnce))
        {
            var messages = await Task.WhenAll(chunk.Select(work => QueuePages.ReadAsync(work, cancel)));
            foreach (var (work, message) in chunk.Zip(messages))
            {
                left += TryCount(work, message) ? 0 : 1;
            }
        }

        return new QueueSummary
        {
            Total = total,
            NotLookedAt = left,
            Destinations =
            [
                .. tallies.Select(tally => tally.Value.ToDestination(tally.Key))
                    .OrderByDescending(destination => destination.Waiting + destination.Held + destination.SetAside)
                    .ThenBy(destination => destination.Domain, StringComparer.Ordinal).Take(MaxDestinations),
            ],
        };
    });

    /// <summary>Under each domain of its recipients; false where they cannot be told.</summary>
    private bool TryCount(FoundWork found, MessageRows? message)
    {
        if (message?.Works.FirstOrDefault(work => work.Name == found.Name) is not { } work)
        {
            return false;
        }

        var domains = AzureStatusReader.IndexesOf(work, message.Recipients.Count).Select(n => WorkDomain.Of(message.Recipients[n].Path)).Distinct().ToList();
        return domains.Count > 0 && domains.TrueForAll(domain => TryCount(found, domain, work.Detail.Route));
    }

    /// <summary>False where there are too many domains.</summary>
    private bool TryCount(FoundWork work, string domain, string? route)
    {
        if (!tallies.TryGetValue(domain, out var tally))
        {
            if (tallies.Count == MaxDomains)
            {
                return false;
            }

            tallies[domain] = tally = new Tally();
        }

        tally.Add(work, route);
        return true;
    }

    private sealed class Tally
    {
        private readonly HashSet<string> routes = [];
        private readonly int[] counts = new int[3];
        private DateTimeOffset oldest = DateTimeOffset.MaxValue;
        private DateTimeOffset? next;

        public void Add(FoundWork work, string? route)
        {
            counts[(int)work.State]++;
            var acceptedAt = TimeOf(work.Id);
            oldest = acceptedAt < oldest ? acceptedAt : oldest;
            if (route is not null)
            {
                routes.Add(route);
            }

            if (work.State == WorkRowState.Waiting && (next is null || work.DueAt < next))
            {
                next = work.DueAt;
            }
        }

        public QueueDestination ToDestination(string domain) => new()
        {
            Domain = domain,
            Routes = [.. routes.Order(StringComparer.Ordinal)],
            Waiting = counts[(int)WorkRowState.Waiting],
            Held = counts[(int)WorkRowState.Held],
            SetAside = counts[(int)WorkRowState.SetAside],
            OldestAt = oldest,
            NextAt = next < oldest ? oldest : next,
        };

        /// <summary>An id is made when its message is accepted.</summary>
        private static DateTimeOffset TimeOf(MessageId id)
        {
            Span<byte> octets = stackalloc byte[8];
            id.ToBytes().AsSpan(0, 6).CopyTo(octets[2..]);
            return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(octets));
        }
    }
}
