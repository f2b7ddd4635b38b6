using Microsoft.Extensions.Logging;
using Relay.Spool;
using Relay.Sqlite;
using Relay.Telemetry;

namespace Relay.Transport.TlsReports;

/// <summary>The records of one machine, in the SQLite file <c>tls-reports.db</c> of the data folder.</summary>
public sealed partial class EmbeddedTlsRecords : ITlsRecords, IAsyncDisposable
{
    private const string FileName = "tls-reports.db";

    private readonly ILogger log;
    private readonly DailyCounts counts;

    private EmbeddedTlsRecords(string dataFolder, TimeProvider time, ILogger log)
    {
        this.log = log;
        counts = DailyCounts.Open(
            dataFolder,
            FileName,
            new DailyLosses(RelayTelemetry.TlsRecordsDropped, LogDropped, (e, count) => LogNotWritten(e, count, e.Message)),
            time);
    }

    /// <summary>Opens the records of a data folder, and makes them where there are none.</summary>
    /// <exception cref="SpoolException">The file cannot be read or written; the message says why.</exception>
    public static EmbeddedTlsRecords Open(string dataFolder, TimeProvider time, ILogger log) => new(dataFolder, time, log);

    /// <summary>Whether a data folder has any.</summary>
    public static bool ExistIn(string dataFolder) => File.Exists(Path.Combine(dataFolder, FileName));

    /// <inheritdoc/>
    public void Add(TlsRecord record) => counts.Add(TlsCount.FactOf(record));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> DomainsAsync(DateOnly day, CancellationToken cancel) => counts.DomainsAsync(day, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TlsCount>> ReadAsync(DateOnly day, string domain, CancellationToken cancel) =>
        counts.ReadAsync(day, domain, (facts, count) => TlsCount.Read(day, domain, facts, count), cancel);

    /// <summary>Writes what was added, then closes the file.</summary>
    public ValueTask DisposeAsync() => counts.DisposeAsync();

    [LoggerMessage(EventIds.TlsRecordsDropped, LogLevel.Warning, "{Count} sessions are not kept for TLS reports: they came too fast, or are of too many kinds")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventIds.TlsRecordsNotWritten, LogLevel.Error, "tls-reports.db cannot be written, {Count} sessions are not kept for TLS reports: {Cause}")]
    private partial void LogNotWritten(Exception exception, int count, string cause);
}
