using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Relay.Spool;
using Relay.Spool.Azure;
using Relay.Telemetry;

namespace Relay.Accounts.Azure;

/// <summary>
/// The accounts of all instances, in a table. Each instance has them in memory, and reads them again when the row says so that goes
/// with every change; it is asked once a second at most.
/// </summary>
public sealed partial class AzureAccounts : IAccounts, IAsyncDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private readonly ILogger log;
    private readonly StoreTable table;
    private readonly LockRows locks;
    private readonly SignInRows signIns;
    private readonly Looked<Known> looked;

    /// <param name="table">The table of the first shard.</param>
    /// <param name="time">Locks end in time.</param>
    /// <param name="log">Told of accounts that cannot be read, and of attempts that are not kept.</param>
    public AzureAccounts(TableClient table, TimeProvider time, ILogger log)
    {
        this.log = log;
        this.table = new StoreTable(table);
        locks = new LockRows(this.table, time);
        signIns = new SignInRows(this.table, time, log);
        looked = new Looked<Known>(ReadAsync, time);
    }

    /// <inheritdoc/>
    public async ValueTask<Account?> FindAsync(string name, CancellationToken cancel) => (await looked.GetAsync(cancel)).Accounts.Find(name);

    /// <inheritdoc/>
    public async ValueTask<Account?> FindBySubjectAsync(string subject, CancellationToken cancel) =>
        (await looked.GetAsync(cancel)).Accounts.FindBySubject(subject);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Account>> ListAsync(CancellationToken cancel) => (await looked.GetAsync(cancel)).Accounts.All;

    /// <inheritdoc/>
    public async Task SaveAsync(Account account, CancellationToken cancel) => await ChangeAsync(known =>
        account.TokenSubject is { } subject && known.Accounts.FindBySubject(subject) is { } other && Account.KeyOf(other.Name) != Account.KeyOf(account.Name)
            ? throw new SpoolException(SpoolFault.Unavailable, $"access tokens of this subject stand for the account {other.Name} already")
            : StoreTable.Put(AccountRows.Row(account)), cancel);

    /// <inheritdoc/>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancel) => await ChangeAsync(known =>
        known.Accounts.Find(name) is { } found ? AccountRows.Removed(found.Name) : null, cancel);

    /// <inheritdoc/>
    public void Record(SignIn signIn) => signIns.Record(signIn);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SignIn>> SignInsAsync(string session, CancellationToken cancel) => await signIns.ReadAsync(session, cancel);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Lock>> LocksAsync(DateTimeOffset now, CancellationToken cancel) => await locks.ReadAsync(now, cancel);

    /// <inheritdoc/>
    public Task LockAsync(Lock @lock, CancellationToken cancel) => locks.SetAsync(@lock, cancel);

    /// <inheritdoc/>
    public Task<bool> UnlockAsync(LockKind kind, string subject, CancellationToken cancel) => locks.LiftAsync(kind, subject, cancel);

    /// <summary>Removes locks that have ended, and attempts to sign in that are old.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        await locks.SweepAsync(cancel);
        await signIns.SweepAsync(cancel);
    }

    /// <summary>Writes what was recorded.</summary>
    public async ValueTask DisposeAsync()
    {
        await signIns.DisposeAsync();
        one.Dispose();
    }

    /// <summary>
    /// One change at a time, over all instances: it is made with a new revision in place of the one that was read, so that no two
    /// accounts get the same subject. False when there is nothing to change.
    /// </summary>
    private async Task<bool> ChangeAsync(Func<Known, TableTransactionAction?> decide, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            while (true)
            {
                var known = await looked.GetAsync(cancel);
                if (decide(known) is not { } change)
                {
                    return false;
                }

                var isMade = await table.TryChangeAsync([change, AccountRows.NextRevision(known.Revision)], cancel);
                await looked.RefreshAsync();
                if (isMade)
                {
                    return true;
                }
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The revision is read first: a change in between is then read twice, and never missed.</summary>
    private async Task<Known> ReadAsync(Known? last)
    {
        var revision = await table.FindAsync(AccountRows.Partition, AccountRows.Revision, CancellationToken.None);
        if (last is not null && revision?.ETag == last.Revision?.ETag)
        {
            return last;
        }

        var rows = await table.RangeAsync(AccountRows.Partition, AccountRows.Accounts, AccountRows.EndOfAccounts, CancellationToken.None);
        return new Known(revision, new AccountSet(AccountRows.Read(rows, LogUnreadable)));
    }

    [LoggerMessage(EventIds.AccountUnreadable, LogLevel.Error, "account {Name} cannot be read and may not sign in: remove it and add it anew")]
    private partial void LogUnreadable(string name, Exception cause);

    private sealed record Known(TableEntity? Revision, AccountSet Accounts);
}
