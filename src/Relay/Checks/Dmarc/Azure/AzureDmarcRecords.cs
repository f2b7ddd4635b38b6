using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Relay.Spool.Azure;
using Relay.Sqlite;
using Relay.Telemetry;

namespace Relay.Checks.Dmarc.Azure;

/// <summary>The records of all instances, in a table.</summary>
public sealed partial class AzureDmarcRecords : IDmarcRecords, IAsyncDisposable
{
    private readonly ILogger log;
    private readonly DailyTable counts;

    /// <param name="table">The table of the first shard.</param>
    /// <param name="time">Old days are swept.</param>
    /// <param name="log">Told of what is not kept.</param>
    public AzureDmarcRecords(TableClient table, TimeProvider time, ILogger log)
    {
        this.log = log;
        counts = new DailyTable(
            table, "dmarc", new DailyLosses(RelayTelemetry.DmarcRecordsDropped, LogDropped, (e, count) => LogNotWritten(e, count, e.Message)), time);
    }

    /// <inheritdoc/>
    public void Add(DmarcRecord record) => counts.Add(DmarcCount.FactOf(record));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> PolicyDomainsAsync(DateOnly day, CancellationToken cancel) => counts.DomainsAsync(day, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DmarcCount>> ReadAsync(DateOnly day, string policyDomain, CancellationToken cancel) =>
        counts.ReadAsync(day, policyDomain, (facts, count) => DmarcCount.Read(day, policyDomain, facts, count), cancel);

    /// <summary>Removes old days.</summary>
    public Task SweepAsync(CancellationToken cancel) => counts.SweepAsync(cancel);

    /// <summary>Writes what was added.</summary>
    public ValueTask DisposeAsync() => counts.DisposeAsync();

    [LoggerMessage(EventIds.DmarcRecordsDropped, LogLevel.Warning, "{Count} messages are not kept for DMARC reports: they are of too many kinds")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventIds.DmarcRecordsNotWritten, LogLevel.Error, "messages of {Count} kinds cannot be written for DMARC reports yet: {Cause}")]
    private partial void LogNotWritten(Exception exception, int count, string cause);
}
