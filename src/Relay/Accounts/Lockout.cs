using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Options;

namespace Relay.Accounts;

/// <summary>
/// What failures lead to: the third within <see cref="AuthOptions.LockTime"/> is answered late, and so many lock the address
/// or the account. A lock on an account does not hold for an address from which that account signed in lately, so that a
/// stranger who guesses cannot stop an application. A failure of a token is none of an account's: nobody guesses a token.
/// </summary>
internal sealed class Lockout
{
    /// <summary>The longest that an answer is held back.</summary>
    internal static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(8);

    /// <summary>Pairs of account and address that signed in lately.</summary>
    private const int MaxKnown = 10_000;

    /// <summary>Failures that are answered at once.</summary>
    private const int Free = 2;

    private static readonly TimeSpan MaxKnownAge = TimeSpan.FromHours(24);

    private readonly AuthOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly Failures failures;
    private readonly LockSnapshot locks;
    private readonly RecentSet<(string Account, string Address)> known;

    public Lockout(IAccounts accounts, AuthOptions options, TimeProvider time, ILogger log)
    {
        this.options = options;
        this.time = time;
        this.log = log;
        failures = new Failures(options.LockTime, time);
        locks = new LockSnapshot(accounts, time, Lifted);
        known = new RecentSet<(string, string)>(MaxKnown, MaxKnownAge, time);
    }

    /// <summary>Sees what other processes did to the locks.</summary>
    public ValueTask RefreshAsync(CancellationToken cancel) => locks.RefreshAsync(cancel);

    /// <summary>Which lock refuses this client, for the operator; null when none does.</summary>
    /// <param name="client">Null where the address is not known; then none is on it.</param>
    /// <param name="account">Null where no account is guessed at.</param>
    public string? WhyLocked(IPAddress? client, string? account)
    {
        var address = client is null ? null : LockSubject.Of(client);
        var name = account is null || IsKnown(account, address) ? null : LockSubject.Of(account);
        return WhyLocked(LockKind.Address, address) ?? WhyLocked(LockKind.Account, name);
    }

    /// <summary>Counts a failure, sets the locks that it leads to, and says how late to answer.</summary>
    public async ValueTask<TimeSpan> FailedAsync(IPAddress? client, string? account)
    {
        var address = client is null ? null : LockSubject.Of(client);
        var name = account is null ? null : LockSubject.Of(account);
        failures.Add(address, name);
        var ofAddress = await CountAsync(LockKind.Address, address);
        var ofAccount = await CountAsync(LockKind.Account, name);
        return DelayAfter(Math.Max(ofAddress, ofAccount));
    }

    /// <summary>
    /// Forgets the failures that this client made before it signed in. Without an address nobody can tell its failures from
    /// those of a stranger, and they stay.
    /// </summary>
    public void Succeeded(IPAddress? client, string account)
    {
        if (client is null)
        {
            return;
        }

        var address = LockSubject.Of(client);
        var name = LockSubject.Of(account);
        failures.Forget(address, name);
        known.Add((name, address));
    }

    private static TimeSpan DelayAfter(int failures)
    {
        if (failures <= Free)
        {
            return TimeSpan.Zero;
        }

        var delay = TimeSpan.FromSeconds(1 << Math.Min(failures - Free - 1, 10));
        return delay < MaxDelay ? delay : MaxDelay;
    }

    private int Max(LockKind kind) => kind == LockKind.Address ? options.MaxFailuresPerAddress : options.MaxFailuresPerAccount;

    private bool IsKnown(string account, string? address) => address is not null && known.Contains((LockSubject.Of(account), address));

    private string? WhyLocked(LockKind kind, string? subject)
    {
        if (subject is null)
        {
            return null;
        }

        if (locks.Find(kind, subject) is { } @lock)
        {
            return $"the {Word(kind)} {subject} is locked until {@lock.Until:u}";
        }

        // A lock that could not be written: the count alone must do.
        return failures.Count(kind, subject) >= Max(kind) ? $"too many failures of the {Word(kind)} {subject}" : null;
    }

    private async ValueTask<int> CountAsync(LockKind kind, string? subject)
    {
        var count = failures.Count(kind, subject);
        if (subject is not null && count >= Max(kind))
        {
            await LockAsync(new Lock(kind, subject, count, time.GetUtcNow() + options.LockTime));
        }

        return count;
    }

    /// <summary>Whoever failed may go away; the lock is set all the same.</summary>
    private async Task LockAsync(Lock @lock)
    {
        try
        {
            await locks.SetAsync(@lock, CancellationToken.None);
            SignInLog.LockSet(log, Word(@lock.Kind), SignInLog.Shown(@lock.Subject), @lock.Failures, @lock.Until);
        }
        catch (Exception e)
        {
            SignInLog.AccountsFailed(log, e, "a lock could not be set");
        }
    }

    private void Lifted(Lock @lock)
    {
        failures.ForgetAll(@lock.Kind, @lock.Subject);
        SignInLog.LockLifted(log, Word(@lock.Kind), SignInLog.Shown(@lock.Subject));
    }

    private static string Word(LockKind kind) => kind == LockKind.Address ? "address" : "account";
}
