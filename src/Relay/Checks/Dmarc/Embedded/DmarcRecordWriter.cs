using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Relay.Sqlite;
using Relay.Telemetry;

namespace Relay.Checks.Dmarc.Embedded;

/// <summary>
/// Counts messages behind the back of the sessions: none of them waits for the disk. Of each day only so many rows are made,
/// in all and for each domain, so that a flood of made-up domains does not fill the disk; old days are swept.
/// </summary>
internal sealed partial class DmarcRecordWriter : IAsyncDisposable
{
    private const int MaxWaiting = 4096;
    private const int MaxBatch = 1000;

    /// <summary>Rows of one day. Messages that are alike share a row.</summary>
    internal const int MaxRows = 50_000;

    /// <summary>Rows of one day for one domain.</summary>
    internal const int MaxRowsPerDomain = 5000;

    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(30);

    private readonly WriteBehind<DmarcRecord> queue;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly SqliteConnection connection;
    private readonly Statement count;
    private readonly Statement insert;
    private readonly Dictionary<string, DayRows> days = [];

    public DmarcRecordWriter(string file, TimeProvider time, ILogger log)
    {
        this.time = time;
        this.log = log;
        // The last records before a power cut may be lost, in exchange for no sync of the disk for each.
        connection = SharedFile.Connect(file, isDurable: false);
        count = new Statement(connection, "UPDATE record SET count = count + 1 WHERE day = ? AND policy_domain = ? AND facts = ?");
        insert = new Statement(connection, "INSERT INTO record(day, policy_domain, facts, count) VALUES(?, ?, ?, 1)");
        queue = new WriteBehind<DmarcRecord>(MaxWaiting, MaxBatch, time, LogDropped);
        queue.Start(TryWrite);
    }

    /// <summary>Never waits and never fails.</summary>
    public void Add(DmarcRecord record)
    {
        if (!queue.Add(record))
        {
            Drop("queue");
        }
    }

    /// <summary>Waits until all that was added before is written, or given up.</summary>
    public Task FlushAsync(CancellationToken cancel) => queue.FlushAsync(cancel);

    /// <summary>Writes what waits, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await queue.DisposeAsync();
        count.Dispose();
        insert.Dispose();
        connection.Dispose();
    }

    private bool TryWrite(IReadOnlyList<DmarcRecord> records, bool isSweepDue)
    {
        if (records.Count == 0 && !isSweepDue)
        {
            return true;
        }

        try
        {
            SqliteFile.Execute(connection, "BEGIN IMMEDIATE");
            foreach (var record in records)
            {
                Write(record);
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
            RelayTelemetry.DmarcRecordsDropped.Add(records.Count, new KeyValuePair<string, object?>("cause", "disk"));
            LogNotWritten(e, records.Count, e.Message);
            return false;
        }
    }

    private void Write(DmarcRecord record)
    {
        var day = DmarcFile.Day(DateOnly.FromDateTime(record.At.UtcDateTime));
        var facts = JsonSerializer.Serialize(record, DmarcJson.Default.DmarcRecord);
        if (count.Run(day, record.PolicyDomain, facts) > 0)
        {
            return;
        }

        if (RowsOf(day).TryAdd(record.PolicyDomain))
        {
            insert.Run(day, record.PolicyDomain, facts);
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
        statement.Run(DmarcFile.Day(DateOnly.FromDateTime((time.GetUtcNow() - MaxAge).UtcDateTime)));
    }

    private void Drop(string cause)
    {
        queue.Drop(1);
        RelayTelemetry.DmarcRecordsDropped.Add(1, new KeyValuePair<string, object?>("cause", cause));
    }

    [LoggerMessage(EventIds.DmarcRecordsDropped, LogLevel.Warning, "{Count} messages are not kept for DMARC reports: they came too fast, or are of too many kinds")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventIds.DmarcRecordsNotWritten, LogLevel.Error, "dmarc.db cannot be written, {Count} messages are not kept for DMARC reports: {Cause}")]
    private partial void LogNotWritten(Exception exception, int count, string cause);

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
