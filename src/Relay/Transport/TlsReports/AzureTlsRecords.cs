using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Relay.Spool.Azure;
using Relay.Sqlite;
using Relay.Telemetry;

namespace Relay.Transport.TlsReports;

/// <summary>The records of all instances, in a table.</summary>
public sealed partial class AzureTlsRecords : ITlsRecords, IAsyncDisposable
{
    private readonly ILogger log;
    private readonly DailyTable counts;

    /// <param name="table">The table of the first shard.</param>
    /// <param name="time">Old days are swept.</param>
    /// <param name="log">Told of what is not kept.</param>
    public AzureTlsRecords(TableClient table, TimeProvider time, ILogger log)
    {
        this.log = log;
        counts = new DailyTable(
            table, "tls", new DailyLosses(RelayTelemetry.TlsRecordsDropped, LogDropped, (e, count) => LogNotWritten(e, count, e.Message)), time);
    }

    /// <inheritdoc/>
    public void Add(TlsRecord record) => counts.Add(TlsCount.FactOf(record));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> DomainsAsync(DateOnly day, CancellationToken cancel) => counts.DomainsAsync(day, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TlsCount>> ReadAsync(DateOnly day, string domain, CancellationToken cancel) =>
        counts.ReadAsync(day, domain, (facts, count) => TlsCount.Read(day, domain, facts, count), cancel);

    /// <summary>Removes old days.</summary>
    public Task SweepAsync(CancellationToken cancel) => counts.SweepAsync(cancel);

    /// <summary>Writes what was added.</summary>
    public ValueTask DisposeAsync() => counts.DisposeAsync();

    [LoggerMessage(EventIds.TlsRecordsDropped, LogLevel.Warning, "{Count} sessions are not kept for TLS reports: they are of too many kinds")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventIds.TlsRecordsNotWritten, LogLevel.Error, "sessions of {Count} kinds cannot be written for TLS reports yet: {Cause}")]
    private partial void LogNotWritten(Exception exception, int count, string cause);
}
