using System.Text.Json.Serialization;

namespace Relay.Accounts;

/// <summary>
/// The accounts and what became of attempts to sign in. Changes that another process makes are seen within a second.
/// Throws <see cref="Spool.SpoolException"/> when it cannot be read or written now.
/// </summary>
public interface IAccounts
{
    /// <summary>The account of this name, without case; null when there is none.</summary>
    ValueTask<Account?> FindAsync(string name, CancellationToken cancel);

    /// <summary>The account that access tokens of this subject stand for; null when there is none.</summary>
    ValueTask<Account?> FindBySubjectAsync(string subject, CancellationToken cancel);

    /// <summary>All of them, by name.</summary>
    ValueTask<IReadOnlyList<Account>> ListAsync(CancellationToken cancel);

    /// <summary>Adds an account or replaces the one of the same name.</summary>
    Task SaveAsync(Account account, CancellationToken cancel);

    /// <summary>Removes the account of this name, without case; false when there was none.</summary>
    Task<bool> RemoveAsync(string name, CancellationToken cancel);

    /// <summary>Notes an attempt to sign in. Never waits and never fails: under a flood the newest are dropped and counted.</summary>
    void Record(SignIn signIn);

    /// <summary>The attempts of one session, oldest first.</summary>
    ValueTask<IReadOnlyList<SignIn>> SignInsAsync(string session, CancellationToken cancel);

    /// <summary>All locks in force at <paramref name="now"/>.</summary>
    ValueTask<IReadOnlyList<Lock>> LocksAsync(DateTimeOffset now, CancellationToken cancel);

    /// <summary>Sets a lock, or makes an older one of the same subject longer.</summary>
    Task LockAsync(Lock @lock, CancellationToken cancel);

    /// <summary>Lifts a lock before its time; false when there was none.</summary>
    Task<bool> UnlockAsync(LockKind kind, string subject, CancellationToken cancel);
}

/// <summary>What a lock is on. The words stay as they are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LockKind>))]
public enum LockKind
{
    /// <summary>A client's address.</summary>
    [JsonStringEnumMemberName("address")] Address,

    /// <summary>The name of an account, whether there is one or not.</summary>
    [JsonStringEnumMemberName("account")] Account,
}

/// <summary>Nobody signs in from this address, or as this account, for a while.</summary>
/// <param name="Kind">Address or account.</param>
/// <param name="Subject">What <see cref="LockSubject"/> makes of an address or a name.</param>
/// <param name="Failures">How many led to it.</param>
/// <param name="Until">When it ends by itself.</param>
public sealed record Lock(LockKind Kind, string Subject, int Failures, DateTimeOffset Until);
