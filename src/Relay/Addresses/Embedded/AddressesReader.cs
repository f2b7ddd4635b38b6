using Microsoft.Data.Sqlite;
using Relay.Mail;
using Relay.Spool;
using Relay.Sqlite;

namespace Relay.Addresses.Embedded;

/// <summary>
/// Domains and aliases in memory, and the suppression list where it is, on the disk. Once a second at most it is looked whether
/// another process has changed anything; domains and aliases are read again only when they have.
/// </summary>
internal sealed class AddressesReader : IDisposable
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly SqliteConnection connection;
    private readonly Statement look;
    private readonly Statement find;
    private readonly long lookPeriod;
    private long nextLook = long.MinValue;
    private volatile State state = new(-1, AddressSnapshot.Empty, HasSuppressions: false);
    private bool closed;

    public AddressesReader(string file, TimeProvider time)
    {
        this.time = time;
        lookPeriod = (long)(LookPeriod.TotalSeconds * time.TimestampFrequency);
        connection = AddressesFile.Connect(file);
        look = new Statement(connection, "SELECT addresses, EXISTS(SELECT 1 FROM suppression) FROM revision");
        find = new Statement(connection, """
            SELECT address, reason, added_at, expires_at FROM suppression
            WHERE address = ?1 AND (expires_at IS NULL OR expires_at > ?2)
            """);
    }

    /// <summary>Domains and aliases as they are now.</summary>
    public AddressSnapshot Current => Now.Addresses;

    private State Now => IsFresh ? state : Look();

    private bool IsFresh => time.GetTimestamp() < Volatile.Read(ref nextLook);

    /// <summary>We have changed something ourselves: the next question looks.</summary>
    public void Forget() => Volatile.Write(ref nextLook, long.MinValue);

    /// <summary>The entry of an address. Nobody is asked where the list is empty, as most are.</summary>
    public Suppression? FindSuppression(Mailbox recipient)
    {
        if (!Now.HasSuppressions)
        {
            return null;
        }

        lock (gate)
        {
            ThrowIfClosed();
            find.Bind(CanonicalAddress.Of(recipient), time.GetUtcNow());
            try
            {
                return find.Next() ? AddressRows.Suppression(find) : null;
            }
            finally
            {
                find.Reset();
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            Forget();
            look.Dispose();
            find.Dispose();
            connection.Dispose();
        }
    }

    private State Look()
    {
        lock (gate)
        {
            if (IsFresh)
            {
                return state;
            }

            ThrowIfClosed();
            // Before reading: what is forgotten while we read is looked at again.
            Volatile.Write(ref nextLook, time.GetTimestamp() + lookPeriod);
            try
            {
                return state = Read(state);
            }
            catch
            {
                Forget();
                throw;
            }
        }
    }

    /// <summary>The revision is read first: a change in between is then read twice, and never missed.</summary>
    private State Read(State last)
    {
        var (revision, hasSuppressions) = Revision();
        return revision == last.Revision && hasSuppressions == last.HasSuppressions
            ? last
            : new State(revision, revision == last.Revision ? last.Addresses : AddressRows.Snapshot(connection), hasSuppressions);
    }

    private (long Revision, bool HasSuppressions) Revision()
    {
        try
        {
            return look.Next()
                ? (look.Int(0), look.Int(1) != 0)
                : throw new SpoolException(SpoolFault.Corrupt, "addresses.db has no revision");
        }
        finally
        {
            look.Reset();
        }
    }

    private void ThrowIfClosed()
    {
        if (closed)
        {
            throw new SpoolException(SpoolFault.Unavailable, "the address book is closed");
        }
    }

    /// <summary>Never changed once it is made.</summary>
    private sealed record State(long Revision, AddressSnapshot Addresses, bool HasSuppressions);
}
