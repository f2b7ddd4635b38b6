using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Relay.Options;
using Relay.Spool;
using Relay.Sqlite;

namespace Relay.Addresses.Embedded;

/// <summary>
/// Changes the book; each change is on the disk when it returns. Those that wait together are committed together: a message
/// to a hundred addresses that do not exist must not cost a hundred syncs of the disk.
/// </summary>
internal sealed class AddressesWriter : IAsyncDisposable
{
    private const int MaxBatch = 1000;

    /// <summary>More than one for each entry that is added, so that they go away faster than they come; few, so that none waits long.</summary>
    private const int MaxSweep = 10;

    private readonly Channel<Change> waiting = Channel.CreateUnbounded<Change>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SqliteConnection connection;
    private readonly Statement saveDomain;
    private readonly Statement removeDomain;
    private readonly Statement saveAlias;
    private readonly Statement removeAlias;
    private readonly Statement suppress;
    private readonly Statement unsuppress;
    private readonly Statement sweep;
    private readonly Task writing;

    public AddressesWriter(string file)
    {
        connection = AddressesFile.Connect(file);
        saveDomain = new Statement(connection, """
            INSERT INTO domain(name, recipients) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET recipients = ?2
            """);
        removeDomain = new Statement(connection, "DELETE FROM domain WHERE name = ?");
        saveAlias = new Statement(connection, """
            INSERT INTO alias(address, targets) VALUES(?1, ?2) ON CONFLICT(address) DO UPDATE SET targets = ?2
            """);
        removeAlias = new Statement(connection, "DELETE FROM alias WHERE address = ?");
        suppress = new Statement(connection, """
            INSERT INTO suppression(address, reason, added_at, expires_at) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT(address) DO UPDATE SET reason = ?2, added_at = ?3, expires_at = ?4
            """);
        unsuppress = new Statement(connection, "DELETE FROM suppression WHERE address = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
        sweep = new Statement(connection, """
            DELETE FROM suppression WHERE address IN (SELECT address FROM suppression WHERE expires_at <= ?1 LIMIT ?2)
            """);
        writing = Task.Run(WriteAsync);
    }

    public Task SaveAsync(DomainOptions domain, CancellationToken cancel) => RunAsync(
        () => saveDomain.Run(CanonicalAddress.OfDomain(domain.Name), AddressRows.Text(domain.Recipients)), cancel);

    public async Task<bool> RemoveDomainAsync(string name, CancellationToken cancel) =>
        await RunAsync(() => removeDomain.Run(CanonicalAddress.OfDomain(name)), cancel) > 0;

    public Task SaveAsync(Alias alias, CancellationToken cancel) => RunAsync(
        () => saveAlias.Run(CanonicalAddress.Of(alias.Address), AddressRows.Text(alias.Targets)), cancel);

    public async Task<bool> RemoveAliasAsync(string address, CancellationToken cancel) =>
        await RunAsync(() => removeAlias.Run(CanonicalAddress.Of(address)), cancel) > 0;

    public Task SuppressAsync(Suppression entry, DateTimeOffset now, CancellationToken cancel) => RunAsync(
        () =>
        {
            sweep.Run(now, MaxSweep);
            return suppress.Run(CanonicalAddress.Of(entry.Address), entry.Reason, entry.AddedAt, entry.ExpiresAt);
        },
        cancel);

    /// <summary>False when it was not there, or had expired.</summary>
    public async Task<bool> UnsuppressAsync(string address, DateTimeOffset now, CancellationToken cancel) =>
        await RunAsync(() => unsuppress.Run(CanonicalAddress.Of(address), now), cancel) > 0;

    /// <summary>Writes what waits, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!waiting.Writer.TryComplete())
        {
            await writing;
            return;
        }

        await writing;
        Statement[] statements = [saveDomain, removeDomain, saveAlias, removeAlias, suppress, unsuppress, sweep];
        Array.ForEach(statements, statement => statement.Dispose());
        connection.Dispose();
    }

    private Task<int> RunAsync(Func<int> run, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var change = new Change(run);
        return waiting.Writer.TryWrite(change)
            ? change.Done.Task.WaitAsync(cancel)
            : throw new SpoolException(SpoolFault.Unavailable, "the address book is closed");
    }

    private async Task WriteAsync()
    {
        var batch = new List<Change>();
        while (await waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && waiting.Reader.TryRead(out var change))
            {
                batch.Add(change);
            }

            if (!TryCommit(batch, out _))
            {
                // One bad change must not fail the others: each gets a transaction of its own.
                foreach (var change in batch)
                {
                    if (!TryCommit([change], out var cause))
                    {
                        change.Done.SetException(cause!);
                    }
                }
            }

            batch.Clear();
        }
    }

    private bool TryCommit(IReadOnlyList<Change> changes, out SpoolException? cause)
    {
        cause = null;
        try
        {
            SqliteFile.Execute(connection, "BEGIN IMMEDIATE");
            var rows = changes.Select(change => change.Run()).ToArray();
            SqliteFile.Execute(connection, "COMMIT");
            foreach (var (change, count) in changes.Zip(rows))
            {
                change.Done.SetResult(count);
            }

            return true;
        }
        catch (Exception e)
        {
            SqliteFile.Rollback(connection);
            cause = e as SpoolException ?? new SpoolException(SpoolFault.Unavailable, e.Message, e);
            return false;
        }
    }

    /// <summary>A change, which may be run more than once before it is committed, and who waits for it.</summary>
    private sealed record Change(Func<int> Run)
    {
        public TaskCompletionSource<int> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
