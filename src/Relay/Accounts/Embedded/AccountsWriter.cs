using Microsoft.Data.Sqlite;
using Relay.Spool;
using Relay.Sqlite;

namespace Relay.Accounts.Embedded;

/// <summary>Changes accounts and locks, one change at a time; each is on the disk when it returns.</summary>
internal sealed class AccountsWriter : IDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private readonly SqliteConnection connection;
    private readonly Statement save;
    private readonly Statement remove;
    private readonly Statement setLock;
    private readonly Statement lift;
    private bool closed;

    public AccountsWriter(string file)
    {
        connection = AccountsFile.Connect(file);
        save = AccountRows.Save(connection);
        remove = new Statement(connection, "DELETE FROM account WHERE key = ?");
        setLock = new Statement(connection, """
            INSERT INTO lock(kind, subject, failures, until) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT(kind, subject) DO UPDATE SET failures = ?3, until = max(until, ?4)
            """);
        lift = new Statement(connection, "DELETE FROM lock WHERE kind = ? AND subject = ? RETURNING until");
    }

    public Task SaveAsync(Account account, CancellationToken cancel) => RunAsync(() =>
    {
        AccountRows.Bind(save, account);
        return true;
    }, cancel);

    public Task<bool> RemoveAsync(string name, CancellationToken cancel) =>
        RunAsync(() => remove.Run(Account.KeyOf(name)) > 0, cancel);

    public Task LockAsync(Lock @lock, CancellationToken cancel) => RunAsync(
        () => setLock.Run((int)@lock.Kind, LockSubject.Of(@lock.Subject), @lock.Failures, @lock.Until) > 0, cancel);

    /// <summary>False when there was none, or one that had ended.</summary>
    public Task<bool> UnlockAsync(LockKind kind, string subject, DateTimeOffset now, CancellationToken cancel) => RunAsync(() =>
    {
        lift.Bind((int)kind, LockSubject.Of(subject));
        try
        {
            return lift.Next() && lift.Int(0) > now.ToUnixTimeMilliseconds();
        }
        finally
        {
            lift.Reset();
        }
    }, cancel);

    public void Dispose()
    {
        one.Wait();
        closed = true;
        save.Dispose();
        remove.Dispose();
        setLock.Dispose();
        lift.Dispose();
        connection.Dispose();
        one.Release();
    }

    /// <summary>Away from the caller's thread: the disk, or another process that writes, may hold it up.</summary>
    private async Task<bool> RunAsync(Func<bool> change, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            return closed
                ? throw new SpoolException(SpoolFault.Unavailable, "the accounts are closed")
                : await Task.Run(change, CancellationToken.None);
        }
        finally
        {
            one.Release();
        }
    }
}
