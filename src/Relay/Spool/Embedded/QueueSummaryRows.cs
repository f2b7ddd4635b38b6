using Microsoft.Data.Sqlite;
using Relay.Sqlite;
using Relay.Status;

namespace Relay.Spool.Embedded;

/// <summary>
/// Counts the queue by domain. What waits or is held is counted over an index that holds all that is needed; what has just come
/// or has several domains must be looked at, and that is bounded.
/// </summary>
internal static class QueueSummaryRows
{
    /// <summary>Domains that a summary holds.</summary>
    internal const int MaxDestinations = 1000;

    /// <summary>Domains of mail that had to be looked at.</summary>
    private const int MaxDomains = 10_000;

    public static QueueSummary Read(SqliteConnection connection, CancellationToken cancel)
    {
        var (looked, examined, left) = LookedAt(connection, cancel);
        var largest = new PriorityQueue<Tally, int>();
        var indexed = new Counter();
        foreach (var tally in Indexed(connection, looked, indexed).Concat(looked.Values))
        {
            cancel.ThrowIfCancellationRequested();
            largest.Enqueue(tally, tally.Total);
            if (largest.Count > MaxDestinations)
            {
                largest.Dequeue();
            }
        }

        var destinations = new List<QueueDestination>();
        while (largest.TryDequeue(out var tally, out _))
        {
            destinations.Add(tally.ToDestination(AcceptedAt(connection, tally.OldestMessage)));
        }

        destinations.Sort((a, b) => (b.Waiting + b.Held + b.SetAside, a.Domain).CompareTo((a.Waiting + a.Held + a.SetAside, b.Domain)));
        return new QueueSummary { Total = examined + left + indexed.Count, NotLookedAt = left, Destinations = destinations };
    }

    /// <summary>Domains of works that have none noted, as far as the bounds go, and how many works those are, and are beyond.</summary>
    private static (Dictionary<string, Tally> Looked, int Examined, int Left) LookedAt(SqliteConnection connection, CancellationToken cancel)
    {
        var looked = new Dictionary<string, Tally>();
        using var details = new Statement(connection,
            "SELECT w.due_at, w.message, w.queue, w.detail, m.envelope FROM work w JOIN message m ON m.seq = w.message WHERE w.id = ?");
        using var rows = new Statement(connection, "SELECT queue, id FROM work WHERE domain IS NULL");
        var (examined, left) = (0, 0);
        while (rows.Next())
        {
            cancel.ThrowIfCancellationRequested();
            if (!QueuedWork.IsShown((int)rows.Int(0)))
            {
                continue;
            }

            if (examined == QueueRows.MaxExamined || looked.Count >= MaxDomains)
            {
                left++;
                continue;
            }

            examined++;
            details.Bind(rows.Int(1));
            if (details.Next() &&
                QueuedWork.Read(new WorkPlace(details.Int(0), rows.Int(1)), details.Int(1), (int)details.Int(2), details.Blob(3), details.Blob(4)) is { } work)
            {
                foreach (var domain in work.Recipients(null).Select(n => WorkDomain.Of(work.Envelope.Recipients[n])).Distinct())
                {
                    TallyOf(looked, domain).Add(work.Number, 1, work.Place.DueAt, work.Message, work.Detail.Route);
                }
            }

            details.Reset();
        }

        return (looked, examined, left);
    }

    /// <summary>Domains with noted works. Those that were looked at get them added.</summary>
    private static IEnumerable<Tally> Indexed(SqliteConnection connection, Dictionary<string, Tally> looked, Counter works)
    {
        using var rows = new Statement(connection, """
            SELECT domain, queue, count(*), min(due_at), min(message), group_concat(DISTINCT route)
            FROM work INDEXED BY work_domain WHERE domain > '' GROUP BY domain, queue
            """);
        Tally? current = null;
        while (rows.Next())
        {
            var domain = rows.Text(0);
            if (current?.Domain != domain)
            {
                if (current is not null && !looked.ContainsKey(current.Domain))
                {
                    yield return current;
                }

                current = looked.GetValueOrDefault(domain) ?? new Tally(domain);
            }

            works.Count += (int)rows.Int(2);
            current.Add((int)rows.Int(1), (int)rows.Int(2), rows.Int(3), rows.Int(4), rows.TextOrNull(5));
        }

        if (current is not null && !looked.ContainsKey(current.Domain))
        {
            yield return current;
        }
    }

    private static Tally TallyOf(Dictionary<string, Tally> tallies, string domain)
    {
        if (!tallies.TryGetValue(domain, out var tally))
        {
            tallies[domain] = tally = new Tally(domain);
        }

        return tally;
    }

    private static DateTimeOffset AcceptedAt(SqliteConnection connection, long message)
    {
        using var row = new Statement(connection, "SELECT accepted_at FROM message WHERE seq = ?");
        row.Bind(message);
        return row.Next() ? DateTimeOffset.FromUnixTimeMilliseconds(row.Int(0)) : DateTimeOffset.UnixEpoch;
    }

    private sealed class Counter
    {
        public int Count { get; set; }
    }

    private sealed class Tally(string domain)
    {
        private readonly HashSet<string> routes = [];
        private int waiting;
        private int held;
        private int setAside;
        private long? next;

        public string Domain => domain;

        public int Total => waiting + held + setAside;

        public long OldestMessage { get; private set; } = long.MaxValue;

        /// <param name="routeNames">One, or several with commas between.</param>
        public void Add(int number, int count, long due, long oldest, string? routeNames)
        {
            OldestMessage = Math.Min(OldestMessage, oldest);
            routes.UnionWith(routeNames?.Split(',') ?? []);
            if (number < 0)
            {
                setAside += count;
            }
            else if (number >= Schema.Held)
            {
                held += count;
            }
            else
            {
                waiting += count;
                next = Math.Min(next ?? due, due);
            }
        }

        public QueueDestination ToDestination(DateTimeOffset oldestAt) => new()
        {
            Domain = domain,
            Routes = [.. routes.Order(StringComparer.Ordinal)],
            Waiting = waiting,
            Held = held,
            SetAside = setAside,
            OldestAt = oldestAt,
            NextAt = next is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(due, oldestAt.ToUnixTimeMilliseconds())) : null,
        };
    }
}
