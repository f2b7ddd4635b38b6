using DnsClient;

namespace Relay.Dns;

/// <summary>
/// Keeps answers for as long as they hold, those that say no too (RFC 2308 §5): most mail hosts have no AAAA, and every message
/// would ask for it again. Strangers choose what is asked and how long it holds, so there is a bound to all of it: answers are
/// kept in two halves, and when the newer one is full, the older one is forgotten. What is used is taken over before that.
/// Names come in lower case.
/// </summary>
internal sealed class AnswerCache(TimeProvider time)
{
    /// <summary>Octets of all answers together, roughly.</summary>
    internal const int MaxSize = 32 * 1024 * 1024;

    /// <summary>Octets of an entry beside its answer, roughly.</summary>
    private const int Overhead = 300;

    /// <summary>However long its TTL: a mistake in DNS should not stay with us for days when it is mended.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    /// <summary>However long the zone allows: a domain that was just set up should not wait for hours.</summary>
    private static readonly TimeSpan MaxNegativeAge = TimeSpan.FromMinutes(5);

    /// <summary>
    /// For a no without an SOA. RFC 2308 §5 has caches forget it at once, lest two of them tell it each other for ever; nobody asks
    /// this one, and a burst of mail need not ask the same a thousand times.
    /// </summary>
    internal static readonly TimeSpan AgeWithoutZone = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private Dictionary<(string Name, QueryType Type), Entry> newer = [];
    private Dictionary<(string Name, QueryType Type), Entry> older = [];
    private long newerSize;
    private long olderSize;

    /// <summary>Octets that are kept, roughly.</summary>
    public long Size
    {
        get
        {
            lock (gate)
            {
                return newerSize + olderSize;
            }
        }
    }

    /// <summary>What was added for this question; null for nothing, or nothing that still holds.</summary>
    public object? Find(string name, QueryType type)
    {
        var key = (name, type);
        lock (gate)
        {
            if (!newer.TryGetValue(key, out var entry) && older.TryGetValue(key, out entry) && IsValid(entry))
            {
                Put(key, entry);
            }

            return entry is not null && IsValid(entry) ? entry.Answer : null;
        }
    }

    /// <summary>Keeps an answer.</summary>
    /// <param name="size">Its octets, roughly.</param>
    /// <param name="ttl">How long it holds; nothing for not at all.</param>
    public void Add(string name, QueryType type, object answer, int size, bool isNegative, TimeSpan ttl)
    {
        var most = isNegative ? MaxNegativeAge : MaxAge;
        if (ttl > TimeSpan.Zero && size <= MaxSize / 4)
        {
            lock (gate)
            {
                Put((name, type), new Entry(answer, (2 * name.Length) + size + Overhead, time.GetUtcNow() + (ttl < most ? ttl : most)));
            }
        }
    }

    private void Put((string Name, QueryType Type) key, Entry entry)
    {
        if (newerSize + entry.Size > MaxSize / 2)
        {
            (older, olderSize) = (newer, newerSize);
            (newer, newerSize) = ([], 0);
        }

        newerSize += entry.Size - (newer.TryGetValue(key, out var before) ? before.Size : 0);
        newer[key] = entry;
    }

    private bool IsValid(Entry entry) => time.GetUtcNow() < entry.Until;

    private sealed record Entry(object Answer, int Size, DateTimeOffset Until);
}
