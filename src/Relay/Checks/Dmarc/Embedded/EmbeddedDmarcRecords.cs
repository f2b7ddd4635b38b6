using System.Text.Json;
using Microsoft.Extensions.Logging;
using Relay.Spool;
using Relay.Sqlite;

namespace Relay.Checks.Dmarc.Embedded;

/// <summary>The records of one machine, in a SQLite file of their own in the data folder.</summary>
public sealed class EmbeddedDmarcRecords : IDmarcRecords, IAsyncDisposable
{
    private readonly string file;
    private readonly DmarcRecordWriter writer;

    private EmbeddedDmarcRecords(string file, TimeProvider time, ILogger log)
    {
        this.file = file;
        writer = new DmarcRecordWriter(file, time, log);
    }

    /// <summary>Opens the records of a data folder, and makes them where there are none.</summary>
    /// <exception cref="SpoolException">The file cannot be read or written; the message says why.</exception>
    public static EmbeddedDmarcRecords Open(string dataFolder, TimeProvider time, ILogger log) =>
        new(DmarcFile.Create(Path.GetFullPath(dataFolder)), time, log);

    /// <inheritdoc/>
    public void Add(DmarcRecord record) => writer.Add(record);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> PolicyDomainsAsync(DateOnly day, CancellationToken cancel) => ReadAsync(
        "SELECT DISTINCT policy_domain FROM record WHERE day = ? ORDER BY policy_domain",
        [DmarcFile.Day(day)],
        row => row.Text(0),
        cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DmarcCount>> ReadAsync(DateOnly day, string policyDomain, CancellationToken cancel) => ReadAsync(
        "SELECT facts, count FROM record WHERE day = ? AND policy_domain = ? ORDER BY count DESC, facts",
        [DmarcFile.Day(day), policyDomain],
        row => new DmarcCount(
            JsonSerializer.Deserialize(row.Blob(0), DmarcJson.Default.DmarcRecord)! with
            {
                At = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero),
                PolicyDomain = policyDomain,
            },
            row.Int(1)),
        cancel);

    /// <summary>Writes what was added, then closes the file.</summary>
    public ValueTask DisposeAsync() => writer.DisposeAsync();

    /// <summary>Reports are made once a day: no connection is kept for them.</summary>
    private async Task<IReadOnlyList<T>> ReadAsync<T>(string sql, SqliteValue[] parameters, Func<Statement, T> read, CancellationToken cancel)
    {
        await writer.FlushAsync(cancel);
        return await Task.Run(() =>
        {
            using var connection = SharedFile.Connect(file);
            using var statement = new Statement(connection, sql);
            statement.Bind(parameters);
            List<T> rows = [];
            while (statement.Next())
            {
                rows.Add(read(statement));
            }

            return rows;
        }, cancel);
    }
}
