using Relay.Accounts;
using Lock = System.Threading.Lock;

namespace Relay.SmtpIngress.Limits;

/// <summary>
/// Token buckets, one for each key: a bucket holds as many tokens as its rate counts and refills evenly over its period.
/// Keys are compared without case. Every method may be called from any thread.
/// </summary>
internal sealed class RateLimiter(TimeProvider time)
{
    /// <summary>Buckets at most, whoever asks: an attacker with many addresses costs this much memory and no more.</summary>
    public const int MaxKeys = 100_000;

    /// <summary>
    /// Buckets that are looked at to find a full one, which is as good as none. They are those that were not used for
    /// longest, so that they are full if any is, unless rates differ much.
    /// </summary>
    private const int Probes = 8;

    private readonly Lock gate = new();
    private readonly long began = time.GetTimestamp();
    private readonly Dictionary<string, LinkedListNode<Bucket>> buckets = new(StringComparer.OrdinalIgnoreCase);
    private readonly LinkedList<Bucket> byLastUse = [];

    /// <summary>Buckets that are kept.</summary>
    public int Keys
    {
        get
        {
            lock (gate)
            {
                return buckets.Count;
            }
        }
    }

    /// <summary>Takes a token out of the bucket of a key; false when it is empty. The rate may differ from the last one.</summary>
    public bool TryTake(string key, Rate rate)
    {
        lock (gate)
        {
            var now = time.GetElapsedTime(began);
            if (!buckets.TryGetValue(key, out var bucket))
            {
                MakeRoom(now);
                bucket = byLastUse.AddLast(new Bucket(key));
                buckets.Add(key, bucket);
            }
            else if (bucket != byLastUse.Last)
            {
                byLastUse.Remove(bucket);
                byLastUse.AddLast(bucket);
            }

            return bucket.Value.TryTake(now, rate);
        }
    }

    /// <summary>Drops a bucket that is full again, if there seems to be one; when there is no room, another one.</summary>
    private void MakeRoom(TimeSpan now)
    {
        var candidate = byLastUse.First;
        for (var i = 0; i < Probes && candidate is not null && !candidate.Value.IsFull(now); i++)
        {
            candidate = candidate.Next;
        }

        if (candidate is not null && candidate.Value.IsFull(now))
        {
            Drop(candidate);
        }
        else if (buckets.Count >= MaxKeys)
        {
            Drop(byLastUse.First!);
        }
    }

    private void Drop(LinkedListNode<Bucket> bucket)
    {
        buckets.Remove(bucket.Value.Key);
        byLastUse.Remove(bucket);
    }

    /// <summary>
    /// A bucket is one number: when it will be full again. A token moves that by the time in which one flows in, and a bucket
    /// that would need more than its period to fill has none to give.
    /// </summary>
    private sealed class Bucket(string key)
    {
        private TimeSpan full;

        public string Key => key;

        public bool IsFull(TimeSpan now) => full <= now;

        public bool TryTake(TimeSpan now, Rate rate)
        {
            var perToken = TimeSpan.FromTicks(Math.Max(1, rate.Period.Ticks / rate.Count));

            // What was taken under another rate can leave this bucket empty, but no emptier.
            var since = Clamp(full, now, now + rate.Period);
            if (since + perToken - now > rate.Period)
            {
                full = since;
                return false;
            }

            full = since + perToken;
            return true;
        }

        private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) =>
            value < least ? least : value > most ? most : value;
    }
}
