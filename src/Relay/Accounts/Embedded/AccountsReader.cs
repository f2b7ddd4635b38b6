using Microsoft.Data.Sqlite;
using Relay.Spool;
using Relay.Sqlite;

namespace Relay.Accounts.Embedded;

/// <summary>
/// Accounts and locks in memory, as they were at most a second ago. Every connection asks: the file is looked at once a
/// second, and read only when its revision has moved.
/// </summary>
internal sealed class AccountsReader : IDisposable
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    private readonly System.Threading.Lock gate = new();
    private readonly TimeProvider time;
    private readonly Action<string, Exception> unreadable;
    private readonly SqliteConnection connection;
    private readonly Statement revision;
    private readonly long lookPeriod;
    private long nextLook = long.MinValue;
    private volatile Snapshot snapshot = new(-1, new AccountSet([]), -1, []);
    private bool closed;

    public AccountsReader(string file, TimeProvider time, Action<string, Exception> unreadable)
    {
        this.time = time;
        this.unreadable = unreadable;
        lookPeriod = (long)(LookPeriod.TotalSeconds * time.TimestampFrequency);
        connection = AccountsFile.Connect(file);
        revision = new Statement(connection, "SELECT accounts, locks FROM revision");
    }

    /// <summary>What holds now.</summary>
    public Snapshot Current => IsFresh ? snapshot : Look();

    private bool IsFresh => time.GetTimestamp() < Volatile.Read(ref nextLook);

    /// <summary>We have changed something ourselves: the next question looks.</summary>
    public void Forget() => Volatile.Write(ref nextLook, long.MinValue);

    public List<SignIn> SignIns(string session)
    {
        lock (gate)
        {
            ThrowIfClosed();
            return AccountRows.SignIns(connection, session);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            Forget();
            revision.Dispose();
            connection.Dispose();
        }
    }

    private Snapshot Look()
    {
        lock (gate)
        {
            if (IsFresh)
            {
                return snapshot;
            }

            ThrowIfClosed();
            // Before reading: what is forgotten while we read is looked at again.
            Volatile.Write(ref nextLook, time.GetTimestamp() + lookPeriod);
            try
            {
                return snapshot = Read(snapshot);
            }
            catch
            {
                Forget();
                throw;
            }
        }
    }

    /// <summary>The revision is read first: a change in between is then read twice, and never missed.</summary>
    private Snapshot Read(Snapshot last)
    {
        var (accounts, locks) = Revision();
        return new Snapshot(
            accounts,
            accounts == last.AccountsRevision ? last.Accounts : new AccountSet(AccountRows.Accounts(connection, unreadable)),
            locks,
            locks == last.LocksRevision ? last.Locks : AccountRows.Locks(connection));
    }

    private (long Accounts, long Locks) Revision()
    {
        try
        {
            return revision.Next()
                ? (revision.Int(0), revision.Int(1))
                : throw new SpoolException(SpoolFault.Corrupt, "accounts.db has no revision");
        }
        finally
        {
            revision.Reset();
        }
    }

    private void ThrowIfClosed()
    {
        if (closed)
        {
            throw new SpoolException(SpoolFault.Unavailable, "the accounts are closed");
        }
    }

    /// <summary>Never changed once it is made.</summary>
    internal sealed record Snapshot(long AccountsRevision, AccountSet Accounts, long LocksRevision, IReadOnlyList<Lock> Locks);
}
