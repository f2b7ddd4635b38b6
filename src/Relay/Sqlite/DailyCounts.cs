using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;

namespace Relay.Sqlite;

/// <summary>One thing to be counted: what is alike in all of this is counted together.</summary>
/// <param name="At">When; the day in UTC counts.</param>
/// <param name="Domain">The domain that a report will go to.</param>
/// <param name="Facts">All else, as text.</param>
internal sealed record DailyFact(DateTimeOffset At, string Domain, string Facts);

/// <summary>What becomes of facts that are not counted.</summary>
/// <param name="Dropped">Counts them, with their cause.</param>
/// <param name="TellDropped">Told how many, once a minute at most.</param>
/// <param name="TellNotWritten">Told how many the file did not take, and why.</param>
internal sealed record DailyLosses(Counter<long> Dropped, Action<long> TellDropped, Action<Exception, int> TellNotWritten);

/// <summary>
/// Counts what reports tell of, by day and domain, in a file of its own, and behind the back of the sessions: none of them waits
/// for the disk. Of each day only so many rows are made, in all and for each domain, so that a flood of made-up domains does not
/// fill the disk; old days are swept.
/// </summary>
internal sealed class DailyCounts : IAsyncDisposable
{
    private const int MaxWaiting = 4096;
    private const int MaxBatch = 1000;

    /// <summary>Rows of one day. What is alike shares a row.</summary>
    internal const int MaxRows = 50_000;

    /// <summary>Rows of one day for one domain.</summary>
    internal const int MaxRowsPerDomain = 5000;

    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(30);

    private const int Version = 1;

    /// <summary>What a report tells is one text, so that the key is the whole of it.</summary>
    private const string Tables = """
        CREATE TABLE record(
            day            TEXT    NOT NULL,  -- in UTC, such as 2026-01-31
            policy_domain  TEXT    NOT NULL,
            facts          TEXT    NOT NULL,  -- JSON
            count          INTEGER NOT NULL,
            PRIMARY KEY(day, policy_domain, facts)) WITHOUT ROWID;
        """;

    private readonly string file;
    private readonly DailyLosses losses;
    private readonly WriteBehind<DailyFact> queue;
    private readonly TimeProvider time;
    private readonly SqliteConnection connection;
    private readonly Statement count;
    private readonly Statement insert;
    private readonly Dictionary<string, DayRows> days = [];

    private DailyCounts(string file, DailyLosses losses, TimeProvider time)
    {
        this.file = file;
        this.losses = losses;
        this.time = time;
        // The last records before a power cut may be lost, in exchange for no sync of the disk for each.
        connection = SharedFile.Connect(file, isDurable: false);
        count = new Statement(connection, "UPDATE record SET count = count + 1 WHERE day = ? AND policy_domain = ? AND facts = ?");
        insert = new Statement(connection, "INSERT INTO record(day, policy_domain, facts, count) VALUES(?, ?, ?, 1)");
        queue = new WriteBehind<DailyFact>(MaxWaiting, MaxBatch, time, losses.TellDropped);
        queue.Start(TryWrite);
    }

    /// <summary>Opens a file of a data folder; makes folder, file and tables where they are missing.</summary>
    /// <exception cref="Spool.SpoolException">The file cannot be read or written; the message says why.</exception>
    public static DailyCounts Open(string dataFolder, string name, DailyLosses losses, TimeProvider time)
    {
        var file = Path.Combine(Path.GetFullPath(dataFolder), name);
        SharedFile.Create(file, Version, Tables);
        return new DailyCounts(file, losses, time);
    }

    /// <summary>Never waits and never fails.</summary>
    public void Add(DailyFact fact)
    {
        if (!queue.Add(fact))
        {
            Drop("queue");
        }
    }

    /// <summary>The domains of a day, in their order.</summary>
    /// <exception cref="Spool.SpoolException">The file cannot be read now.</exception>
    public Task<IReadOnlyList<string>> DomainsAsync(DateOnly day, CancellationToken cancel) => ReadAsync(
        "SELECT DISTINCT policy_domain FROM record WHERE day = ? ORDER BY policy_domain",
        [Text(day)],
        row => row.Text(0),
        cancel);

    /// <summary>What was counted of a domain on a day, the most frequent first; made into what it is by <paramref name="read"/>.</summary>
    /// <exception cref="Spool.SpoolException">The file cannot be read now.</exception>
    public Task<IReadOnlyList<T>> ReadAsync<T>(DateOnly day, string domain, Func<byte[], long, T> read, CancellationToken cancel) => ReadAsync(
        "SELECT facts, count FROM record WHERE day = ? AND policy_domain = ? ORDER BY count DESC, facts",
        [Text(day), domain],
        row => read(row.Blob(0).ToArray(), row.Int(1)),
        cancel);

    /// <summary>Writes what waits, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await queue.DisposeAsync();
        count.Dispose();
        insert.Dispose();
        connection.Dispose();
    }

    /// <summary>A day as the rows have it: the order of the texts is that of the days.</summary>
    private static string Text(DateOnly day) => $"{day:yyyy-MM-dd}";

    private static string Day(DateTimeOffset at) => Text(DateOnly.FromDateTime(at.UtcDateTime));

    /// <summary>Reports are made once a day: no connection is kept for them.</summary>
    private async Task<IReadOnlyList<T>> ReadAsync<T>(string sql, SqliteValue[] parameters, Func<Statement, T> read, CancellationToken cancel)
    {
        await queue.FlushAsync(cancel);
        return await Task.Run(() =>
        {
            using var reading = SharedFile.Connect(file);
            using var statement = new Statement(reading, sql);
            statement.Bind(parameters);
            List<T> rows = [];
            while (statement.Next())
            {
                rows.Add(read(statement));
            }

            return rows;
        }, cancel);
    }

    private bool TryWrite(IReadOnlyList<DailyFact> facts, bool isSweepDue)
    {
        if (facts.Count == 0 && !isSweepDue)
        {
            return true;
        }

        try
        {
            SqliteFile.Execute(connection, "BEGIN IMMEDIATE");
            foreach (var fact in facts)
            {
                Write(fact);
            }

            if (isSweepDue)
            {
                Sweep();
            }

            SqliteFile.Execute(connection, "COMMIT");
            return true;
        }
        catch (Exception e)
        {
            SqliteFile.Rollback(connection);
            // What was counted may not be there.
            days.Clear();
            losses.Dropped.Add(facts.Count, new KeyValuePair<string, object?>("cause", "disk"));
            losses.TellNotWritten(e, facts.Count);
            return false;
        }
    }

    private void Write(DailyFact fact)
    {
        var day = Day(fact.At);
        if (count.Run(day, fact.Domain, fact.Facts) > 0)
        {
            return;
        }

        if (RowsOf(day).TryAdd(fact.Domain))
        {
            insert.Run(day, fact.Domain, fact.Facts);
        }
        else
        {
            Drop("rows");
        }
    }

    /// <summary>Of today, and around midnight of the day before, it is known how many rows there are.</summary>
    private DayRows RowsOf(string day)
    {
        if (days.TryGetValue(day, out var known))
        {
            return known;
        }

        if (days.Count > 1)
        {
            days.Remove(days.Keys.Min(StringComparer.Ordinal)!);
        }

        var rows = new DayRows();
        using var statement = new Statement(connection, "SELECT policy_domain, count(*) FROM record WHERE day = ? GROUP BY policy_domain");
        statement.Bind(day);
        while (statement.Next())
        {
            rows.Load(statement.Text(0), (int)statement.Int(1));
        }

        return days[day] = rows;
    }

    private void Sweep()
    {
        using var statement = new Statement(connection, "DELETE FROM record WHERE day < ?");
        statement.Run(Day(time.GetUtcNow() - MaxAge));
    }

    private void Drop(string cause)
    {
        queue.Drop(1);
        losses.Dropped.Add(1, new KeyValuePair<string, object?>("cause", cause));
    }

    /// <summary>How many rows a day has.</summary>
    private sealed class DayRows
    {
        private readonly Dictionary<string, int> domains = [];
        private int all;

        public void Load(string domain, int rows)
        {
            domains[domain] = rows;
            all += rows;
        }

        /// <summary>Makes room for one more; false when there is none.</summary>
        public bool TryAdd(string domain)
        {
            var rows = domains.GetValueOrDefault(domain);
            if (all >= MaxRows || rows >= MaxRowsPerDomain)
            {
                return false;
            }

            domains[domain] = rows + 1;
            all++;
            return true;
        }
    }
}
