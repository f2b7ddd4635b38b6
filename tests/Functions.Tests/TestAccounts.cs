using Relay.Accounts;
using Lock = Relay.Accounts.Lock;

namespace Relay.Functions.Tests;

/// <summary>Accounts with just the sides that HTTP sees; each test says what they answer.</summary>
internal sealed class TestAccounts : IAccounts
{
    public Func<string, IReadOnlyList<SignIn>> OnSignIns { get; set; } = _ => [];

    public Func<DateTimeOffset, IReadOnlyList<Lock>> OnLocks { get; set; } = _ => [];

    public Func<LockKind, string, bool> OnUnlock { get; set; } = (_, _) => false;

    public ValueTask<IReadOnlyList<SignIn>> SignInsAsync(string session, CancellationToken cancel) => new(OnSignIns(session));

    public ValueTask<IReadOnlyList<Lock>> LocksAsync(DateTimeOffset now, CancellationToken cancel) => new(OnLocks(now));

    public Task<bool> UnlockAsync(LockKind kind, string subject, CancellationToken cancel) => Task.FromResult(OnUnlock(kind, subject));

    public ValueTask<Account?> FindAsync(string name, CancellationToken cancel) => throw NotHttp();

    public ValueTask<Account?> FindBySubjectAsync(string subject, CancellationToken cancel) => throw NotHttp();

    public ValueTask<IReadOnlyList<Account>> ListAsync(CancellationToken cancel) => throw NotHttp();

    public Task SaveAsync(Account account, CancellationToken cancel) => throw NotHttp();

    public Task<bool> RemoveAsync(string name, CancellationToken cancel) => throw NotHttp();

    public void Record(SignIn signIn) => throw NotHttp();

    public Task LockAsync(Lock @lock, CancellationToken cancel) => throw NotHttp();

    private static InvalidOperationException NotHttp() => new("HTTP has no business here");
}
