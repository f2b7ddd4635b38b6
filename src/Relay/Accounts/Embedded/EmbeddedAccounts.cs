using Microsoft.Extensions.Logging;
using Relay.Spool;
using Relay.Telemetry;

namespace Relay.Accounts.Embedded;

/// <summary>
/// The accounts of one machine: a SQLite file of their own in the data folder, which several processes may have open. A
/// command can so add an account beside a running relay.
/// </summary>
public sealed partial class EmbeddedAccounts : IAccounts, IAsyncDisposable
{
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly AccountsReader reader;
    private readonly AccountsWriter writer;
    private readonly SignInWriter signIns;

    private EmbeddedAccounts(string file, TimeProvider time, ILogger log)
    {
        this.time = time;
        this.log = log;
        reader = new AccountsReader(file, time, LogUnreadable);
        writer = new AccountsWriter(file);
        signIns = new SignInWriter(file, time, log);
    }

    /// <summary>Opens the accounts of a data folder, and makes them where there are none.</summary>
    /// <exception cref="SpoolException">The file cannot be read or written; the message says why.</exception>
    public static EmbeddedAccounts Open(string dataFolder, TimeProvider time, ILogger log) =>
        new(AccountsFile.Create(Path.GetFullPath(dataFolder)), time, log);

    /// <summary>Whether a data folder has accounts: <see cref="Open"/> would have to make nothing.</summary>
    public static bool ExistIn(string dataFolder) => File.Exists(AccountsFile.In(dataFolder));

    /// <inheritdoc/>
    public ValueTask<Account?> FindAsync(string name, CancellationToken cancel) => new(reader.Current.Accounts.Find(name));

    /// <inheritdoc/>
    public ValueTask<Account?> FindBySubjectAsync(string subject, CancellationToken cancel) =>
        new(reader.Current.Accounts.FindBySubject(subject));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Account>> ListAsync(CancellationToken cancel) => new(reader.Current.Accounts.All);

    /// <inheritdoc/>
    public async Task SaveAsync(Account account, CancellationToken cancel)
    {
        await writer.SaveAsync(account, cancel);
        reader.Forget();
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancel)
    {
        var removed = await writer.RemoveAsync(name, cancel);
        reader.Forget();
        return removed;
    }

    /// <inheritdoc/>
    public void Record(SignIn signIn) => signIns.Record(signIn);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SignIn>> SignInsAsync(string session, CancellationToken cancel)
    {
        await signIns.FlushAsync(cancel);
        return reader.SignIns(session);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Lock>> LocksAsync(DateTimeOffset now, CancellationToken cancel) =>
        new([.. reader.Current.Locks.Where(@lock => @lock.Until > now)]);

    /// <inheritdoc/>
    public async Task LockAsync(Lock @lock, CancellationToken cancel)
    {
        await writer.LockAsync(@lock, cancel);
        reader.Forget();
    }

    /// <inheritdoc/>
    public async Task<bool> UnlockAsync(LockKind kind, string subject, CancellationToken cancel)
    {
        var lifted = await writer.UnlockAsync(kind, subject, time.GetUtcNow(), cancel);
        reader.Forget();
        return lifted;
    }

    /// <summary>Writes what was recorded, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await signIns.DisposeAsync();
        reader.Dispose();
        writer.Dispose();
    }

    [LoggerMessage(EventIds.AccountUnreadable, LogLevel.Error, "account {Name} cannot be read and may not sign in: remove it and add it anew")]
    private partial void LogUnreadable(string name, Exception cause);
}
