using Microsoft.Extensions.Logging;
using Relay.Spool;
using Relay.Sqlite;
using Relay.Telemetry;

namespace Relay.Checks.Dmarc.Embedded;

/// <summary>The records of one machine, in the SQLite file <c>dmarc.db</c> of the data folder.</summary>
public sealed partial class EmbeddedDmarcRecords : IDmarcRecords, IAsyncDisposable
{
    private readonly ILogger log;
    private readonly DailyCounts counts;

    private EmbeddedDmarcRecords(string dataFolder, TimeProvider time, ILogger log)
    {
        this.log = log;
        counts = DailyCounts.Open(
            dataFolder,
            "dmarc.db",
            new DailyLosses(RelayTelemetry.DmarcRecordsDropped, LogDropped, (e, count) => LogNotWritten(e, count, e.Message)),
            time);
    }

    /// <summary>Opens the records of a data folder, and makes them where there are none.</summary>
    /// <exception cref="SpoolException">The file cannot be read or written; the message says why.</exception>
    public static EmbeddedDmarcRecords Open(string dataFolder, TimeProvider time, ILogger log) => new(dataFolder, time, log);

    /// <inheritdoc/>
    public void Add(DmarcRecord record) => counts.Add(DmarcCount.FactOf(record));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> PolicyDomainsAsync(DateOnly day, CancellationToken cancel) => counts.DomainsAsync(day, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DmarcCount>> ReadAsync(DateOnly day, string policyDomain, CancellationToken cancel) =>
        counts.ReadAsync(day, policyDomain, (facts, count) => DmarcCount.Read(day, policyDomain, facts, count), cancel);

    /// <summary>Writes what was added, then closes the file.</summary>
    public ValueTask DisposeAsync() => counts.DisposeAsync();

    [LoggerMessage(EventIds.DmarcRecordsDropped, LogLevel.Warning, "{Count} messages are not kept for DMARC reports: they came too fast, or are of too many kinds")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventIds.DmarcRecordsNotWritten, LogLevel.Error, "dmarc.db cannot be written, {Count} messages are not kept for DMARC reports: {Cause}")]
    private partial void LogNotWritten(Exception exception, int count, string cause);
}
