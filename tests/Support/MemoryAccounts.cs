using System.Collections.Concurrent;
using System.Security.Cryptography;
using Relay.Accounts;
using Relay.Spool;

namespace Relay.Support;

/// <summary>Accounts in memory, for tests of what signs in. They can be told to fail.</summary>
public sealed class MemoryAccounts(TimeProvider? time = null) : IAccounts
{
    private readonly ConcurrentDictionary<string, Account> accounts = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<(LockKind, string), Relay.Accounts.Lock> locks = new();
    private readonly ConcurrentQueue<SignIn> signIns = new();
    private readonly TimeProvider time = time ?? TimeProvider.System;

    /// <summary>Everything but <see cref="Record"/> fails with this while it is not null.</summary>
    public Exception? Failure { get; set; }

    /// <summary><see cref="LockAsync"/> alone fails with this while it is not null.</summary>
    public Exception? LockFailure { get; set; }

    /// <summary>How often the locks were read.</summary>
    public int LockReads { get; private set; }

    /// <summary>All attempts, oldest first.</summary>
    public IReadOnlyList<SignIn> SignIns => [.. signIns];

    /// <summary>The locks that were set and not lifted, ended or not.</summary>
    public IReadOnlyList<Relay.Accounts.Lock> Locks => [.. locks.Values];

    /// <summary>What <see cref="Failure"/> is when the store is gone.</summary>
    public static SpoolException Gone => new(SpoolFault.Unavailable, "told to fail");

    /// <summary>Adds or replaces an account; without a password it has none.</summary>
    public Account Add(string name, string? password = null, Func<Account, Account>? change = null, int iterations = ScramSha256.Iterations)
    {
        var salt = RandomNumberGenerator.GetBytes(ScramSha256.SaltLength);
        var account = new Account
        {
            Name = name,
            Password = password is null ? null : ScramSha256.Derive(password, salt, iterations),
            CreatedAt = time.GetUtcNow(),
        };
        return accounts[name] = change is null ? account : change(account);
    }

    /// <inheritdoc/>
    public ValueTask<Account?> FindAsync(string name, CancellationToken cancel) =>
        Answer(() => accounts.GetValueOrDefault(name), cancel);

    /// <inheritdoc/>
    public ValueTask<Account?> FindBySubjectAsync(string subject, CancellationToken cancel) => Answer(
        () => accounts.Values.FirstOrDefault(a => string.Equals(a.TokenSubject, subject, StringComparison.OrdinalIgnoreCase)), cancel);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Account>> ListAsync(CancellationToken cancel) =>
        Answer<IReadOnlyList<Account>>(() => [.. accounts.Values.OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase)], cancel);

    /// <inheritdoc/>
    public Task SaveAsync(Account account, CancellationToken cancel) =>
        Answer(() => accounts[account.Name] = account, cancel).AsTask();

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string name, CancellationToken cancel) =>
        Answer(() => accounts.TryRemove(name, out _), cancel).AsTask();

    /// <inheritdoc/>
    public void Record(SignIn signIn) => signIns.Enqueue(signIn);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SignIn>> SignInsAsync(string session, CancellationToken cancel) =>
        Answer<IReadOnlyList<SignIn>>(() => [.. signIns.Where(s => s.Session == session)], cancel);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Relay.Accounts.Lock>> LocksAsync(DateTimeOffset now, CancellationToken cancel) =>
        Answer<IReadOnlyList<Relay.Accounts.Lock>>(
            () =>
            {
                LockReads++;
                return [.. locks.Values.Where(l => l.Until > now)];
            },
            cancel);

    /// <inheritdoc/>
    public Task LockAsync(Relay.Accounts.Lock @lock, CancellationToken cancel) => Answer(
        () => LockFailure is { } failure
            ? throw failure
            : locks.AddOrUpdate((@lock.Kind, @lock.Subject), @lock, (_, old) => old.Until > @lock.Until ? old : @lock),
        cancel).AsTask();

    /// <inheritdoc/>
    public Task<bool> UnlockAsync(LockKind kind, string subject, CancellationToken cancel) =>
        Answer(() => locks.TryRemove((kind, subject), out _), cancel).AsTask();

    private async ValueTask<T> Answer<T>(Func<T> answer, CancellationToken cancel)
    {
        await Task.Yield();
        cancel.ThrowIfCancellationRequested();
        return Failure is { } failure ? throw failure : answer();
    }
}
