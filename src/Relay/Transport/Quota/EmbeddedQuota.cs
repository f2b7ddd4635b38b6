using Microsoft.Data.Sqlite;
using Relay.Accounts;
using Relay.Spool;
using Relay.Sqlite;

namespace Relay.Transport.Quota;

/// <summary>
/// The file <c>quota.db</c> of a data folder, a row for each quota. A row is written only over the version that was read, so that
/// no two instances take the same token.
/// </summary>
public sealed class EmbeddedQuota : IQuota, IAsyncDisposable
{
    private const int Version = 1;

    private const string Tables = """
        CREATE TABLE quota(
            name           TEXT    NOT NULL PRIMARY KEY,
            version        INTEGER NOT NULL,
            state          TEXT    NOT NULL) WITHOUT ROWID;
        """;

    private readonly SemaphoreSlim one = new(1);
    private readonly SqliteConnection connection;
    private readonly Statement read;
    private readonly Statement add;
    private readonly Statement write;
    private readonly TimeProvider time;

    private EmbeddedQuota(SqliteConnection connection, TimeProvider time)
    {
        this.connection = connection;
        this.time = time;
        read = new Statement(connection, "SELECT version, state FROM quota WHERE name = ?");
        add = new Statement(connection, "INSERT INTO quota(name, version, state) VALUES(?, 1, ?) ON CONFLICT DO NOTHING");
        write = new Statement(connection, "UPDATE quota SET version = version + 1, state = ?3 WHERE name = ?1 AND version = ?2");
    }

    /// <summary>Opens the file, and makes it where it is missing.</summary>
    /// <exception cref="SpoolException">It cannot be made or opened; the message says what to do.</exception>
    public static EmbeddedQuota Open(string dataFolder, TimeProvider time)
    {
        var file = Path.Combine(dataFolder, "quota.db");
        SharedFile.Create(file, Version, Tables);
        // A power cut may give back what was taken in the last moments: the service itself counts too.
        return new EmbeddedQuota(SharedFile.Connect(file, isDurable: false), time);
    }

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> TryTakeAsync(string name, int count, IReadOnlyList<Rate> limits, CancellationToken cancel)
    {
        DateTimeOffset? freeAt = null;
        await ChangeAsync(name, state =>
        {
            (var after, freeAt) = state.Take(time.GetUtcNow(), count, limits);
            return after;
        }, cancel);
        return freeAt;
    }

    /// <inheritdoc/>
    public Task EmptyAsync(string name, DateTimeOffset until, CancellationToken cancel) =>
        ChangeAsync(name, state => state.Empty(until), cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await one.WaitAsync();
        read.Dispose();
        add.Dispose();
        write.Dispose();
        await connection.DisposeAsync();
    }

    /// <summary>Away from the caller's thread: another process may be writing.</summary>
    private async Task ChangeAsync(string name, Func<QuotaState, QuotaState> change, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            await Task.Run(() =>
            {
                while (!TryChange(name, change))
                {
                    cancel.ThrowIfCancellationRequested();
                }
            }, CancellationToken.None);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>False when somebody else has written in between.</summary>
    private bool TryChange(string name, Func<QuotaState, QuotaState> change)
    {
        var (version, before) = Read(name);
        var after = change(before);
        return ReferenceEquals(before, after)
            || (version is null ? add.Run(name, after.ToJson()) : write.Run(name, version.Value, after.ToJson())) > 0;
    }

    private (long? Version, QuotaState State) Read(string name)
    {
        read.Bind(name);
        try
        {
            return read.Next() ? (read.Int(0), QuotaState.Parse(read.Text(1))) : (null, QuotaState.Full);
        }
        finally
        {
            read.Reset();
        }
    }
}
