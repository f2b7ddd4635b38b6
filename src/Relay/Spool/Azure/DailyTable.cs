using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;
using Relay.Sqlite;

namespace Relay.Spool.Azure;

/// <summary>
/// Counts what reports tell of, by day and domain, in a partition for each day. Each instance counts in rows of its own, which are
/// written every few seconds and added up when they are read: so none waits for another. Of each day only so many rows are made.
/// </summary>
internal sealed class DailyTable : IAsyncDisposable
{
    /// <summary>Characters of what is counted: a column has 64 KiB.</summary>
    private const int MaxFacts = 32_000;

    private const int MaxSwept = 10_000;
    private const int MaxDays = 30;

    private readonly System.Threading.Lock gate = new();
    private readonly string instance = $"{Guid.NewGuid():n}"[..12];
    private readonly Dictionary<DateOnly, Day> days = [];
    private readonly StoreTable table;
    private readonly string partitions;
    private readonly DailyLosses losses;
    private readonly TimeProvider time;
    private readonly WriteNowAndThen writer;
    private int dropped;

    /// <param name="name">What its partitions begin with.</param>
    public DailyTable(TableClient table, string name, DailyLosses losses, TimeProvider time)
    {
        this.table = new StoreTable(table);
        partitions = $"{name}-";
        this.losses = losses;
        this.time = time;
        writer = new WriteNowAndThen(WriteAsync, time);
    }

    /// <summary>Never waits and never fails.</summary>
    public void Add(DailyFact fact)
    {
        var date = DateOnly.FromDateTime(fact.At.UtcDateTime);
        lock (gate)
        {
            if (!days.TryGetValue(date, out var day))
            {
                days[date] = day = new Day();
            }

            if (fact.Facts.Length > MaxFacts || !day.TryCount(fact))
            {
                dropped++;
                losses.Dropped.Add(1, new KeyValuePair<string, object?>("cause", "rows"));
            }
        }
    }

    /// <summary>The domains of a day, in their order.</summary>
    /// <exception cref="SpoolException">They cannot be read now.</exception>
    public async Task<IReadOnlyList<string>> DomainsAsync(DateOnly day, CancellationToken cancel)
    {
        await writer.FlushAsync(cancel);
        var rows = await table.RangeAsync(Partition(day), "", "~", cancel, columns: ["Domain"]);
        return [.. rows.Select(row => row.GetString("Domain")).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>What was counted of a domain on a day, the most frequent first; made into what it is by <paramref name="read"/>.</summary>
    /// <exception cref="SpoolException">They cannot be read now.</exception>
    public async Task<IReadOnlyList<T>> ReadAsync<T>(DateOnly day, string domain, Func<byte[], long, T> read, CancellationToken cancel)
    {
        await writer.FlushAsync(cancel);
        var key = $"{StoreTable.Key(domain)}|";
        var rows = await table.RangeAsync(Partition(day), key, $"{key}~", cancel);
        return
        [
            .. rows.GroupBy(row => row.GetString("Facts"), row => row.GetInt64("Count") ?? 0)
                .Select(group => (Facts: group.Key, Count: group.Sum()))
                .OrderByDescending(group => group.Count).ThenBy(group => group.Facts, StringComparer.Ordinal)
                .Select(group => read(Encoding.UTF8.GetBytes(group.Facts), group.Count)),
        ];
    }

    /// <summary>Removes the oldest days, so many rows at a time.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        var old = await table.PartitionsAsync(partitions, Partition(Today.AddDays(-MaxDays)), MaxSwept, cancel);
        await table.ChangeAllAsync(old.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row)), cancel);
    }

    /// <summary>Writes what waits.</summary>
    public ValueTask DisposeAsync() => writer.DisposeAsync();

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private string Partition(DateOnly day) => $"{partitions}{day:yyyy-MM-dd}";

    /// <summary>A row holds all that this instance has counted: writing it twice changes nothing, and what failed is written again.</summary>
    private async Task WriteAsync()
    {
        List<(Counted Counted, long Count, TableTransactionAction Put)> rows;
        int lost;
        lock (gate)
        {
            (lost, dropped) = (dropped, 0);
            rows = [.. days.SelectMany(day => day.Value.Waiting.Select(counted => (counted, counted.Count, StoreTable.Put(Row(day.Key, counted)))))];
        }

        if (lost > 0)
        {
            losses.TellDropped(lost);
        }

        try
        {
            await table.ChangeAllAsync(rows.Select(row => row.Put), CancellationToken.None);
            Written(rows.Select(row => (row.Counted, row.Count)));
        }
        catch (SpoolException e)
        {
            losses.TellNotWritten(e, rows.Count);
        }
    }

    /// <summary>Of days before yesterday nothing more comes.</summary>
    private void Written(IEnumerable<(Counted Counted, long Count)> rows)
    {
        lock (gate)
        {
            foreach (var (counted, count) in rows)
            {
                counted.Written = count;
            }

            var yesterday = Today.AddDays(-1);
            foreach (var day in days.Keys.Where(day => day < yesterday && !days[day].Waiting.Any()).ToArray())
            {
                days.Remove(day);
            }
        }
    }

    private TableEntity Row(DateOnly day, Counted counted) => new(
        Partition(day), $"{StoreTable.Key(counted.Domain)}|{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(counted.Facts)))}|{instance}")
    {
        ["Domain"] = counted.Domain,
        ["Facts"] = counted.Facts,
        ["Count"] = counted.Count,
    };

    /// <summary>What this instance has counted of a day.</summary>
    private sealed class Day
    {
        private readonly Dictionary<(string Domain, string Facts), Counted> all = [];
        private readonly Dictionary<string, int> domains = [];

        public IEnumerable<Counted> Waiting => all.Values.Where(counted => counted.Count > counted.Written);

        /// <summary>False where it is of a kind that there is no more room for.</summary>
        public bool TryCount(DailyFact fact)
        {
            if (!all.TryGetValue((fact.Domain, fact.Facts), out var counted))
            {
                var rows = domains.GetValueOrDefault(fact.Domain);
                if (all.Count >= DailyCounts.MaxRows || rows >= DailyCounts.MaxRowsPerDomain)
                {
                    return false;
                }

                domains[fact.Domain] = rows + 1;
                all[(fact.Domain, fact.Facts)] = counted = new Counted(fact.Domain, fact.Facts);
            }

            counted.Count++;
            return true;
        }
    }

    private sealed class Counted(string domain, string facts)
    {
        public string Domain => domain;

        public string Facts => facts;

        public long Count { get; set; }

        public long Written { get; set; }
    }
}
