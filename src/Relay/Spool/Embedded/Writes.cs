using Microsoft.Data.Sqlite;
using Relay.Mail;
using Relay.Sqlite;
using Relay.Status;

namespace Relay.Spool.Embedded;

/// <summary>
/// The statements of the writer, prepared once. Row numbers are given here and not by SQLite: a work id is never used
/// twice by one process, so that a stale lease cannot hit the work of another.
/// </summary>
internal sealed partial class Writes : IDisposable
{
    // The texts are literals: each is one object, and comparing references is enough.
    private readonly Dictionary<string, Statement> prepared = new(ReferenceEqualityComparer.Instance);
    private readonly SqliteConnection connection;
    private long lastMessage;
    private long lastWork;

    public Writes(SqliteConnection connection)
    {
        this.connection = connection;
        lastMessage = Highest("SELECT max(seq) FROM message");
        lastWork = Highest("SELECT max(id) FROM work");
    }

    public void Begin() => Prepared("BEGIN IMMEDIATE").Run();

    public void Commit() => Prepared("COMMIT").Run();

    public void Rollback()
    {
        try
        {
            Prepared("ROLLBACK").Run();
        }
        catch (SpoolException)
        {
            // Some faults, a full disk among them, have ended the transaction already.
        }
    }

    /// <summary>The number of the new message; null when the id is there already.</summary>
    public long? InsertMessage(AcceptedMessage message, long size, byte[] envelope, byte[] origin)
    {
        var seq = ++lastMessage;
        var inserted = Prepared("""
            INSERT INTO message(seq, id, accepted_at, pending, size, sender, envelope, origin)
            VALUES(?, ?, ?, 1, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING
            """).Run(seq, message.Id.ToBytes(), message.AcceptedAt, size, message.Envelope.ReversePath.ToString(), envelope, origin);
        return inserted == 1 ? seq : null;
    }

    public void InsertContent(long message, ReadOnlyMemory<byte> octets) =>
        Prepared("INSERT INTO content(message, octets) VALUES(?, ?)").Run(message, octets);

    public void InsertContentFile(long message, string file, ContentHead? head)
    {
        if (head is null)
        {
            Prepared("INSERT INTO content(message, file) VALUES(?, ?)").Run(message, file);
            return;
        }

        Prepared("INSERT INTO content(message, octets, file, skip) VALUES(?, ?, ?, ?)").Run(message, head.Octets, file, head.Length);
    }

    /// <summary>Replaces the first octets of the stored content; the size of the message follows. A file stays as it is.</summary>
    public void ReplaceHead(long message, ContentHead head)
    {
        if (Prepared("UPDATE message SET size = size + ? WHERE seq = ? AND size >= ?").Run(head.Growth, message, head.Length) == 0 ||
            StoredHead(message) is not { } stored)
        {
            throw new SpoolException(SpoolFault.Corrupt, $"there are no {head.Length} octets of content to replace");
        }

        var next = stored.Then(head);
        Prepared("UPDATE content SET octets = ?, skip = ? WHERE message = ?").Run(next.Octets, next.Length, message);
    }

    public void InsertRecipient(long message, int n, ForwardPath path, DateTimeOffset at) =>
        Prepared("INSERT INTO recipient(message, n, address, state, attempts, updated_at) VALUES(?, ?, ?, 0, 0, ?)")
            .Run(message, n, path.ToString(), at);

    public void InsertEvent(long message, StatusEvent e) =>
        Prepared("""
            INSERT INTO event(message, n, at, kind, recipient, reason, route, remote_host, detail)
            SELECT ?1, coalesce(max(n), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM event WHERE message = ?1
            """).Run(message, e.At, e.Kind, e.Recipient is { } n ? n : SqliteValue.Null,
                e.Reason, e.Route, e.RemoteHost, e.Detail);

    /// <summary>The number of a message; null when the spool does not know it, or no longer.</summary>
    public long? FindMessage(MessageId id)
    {
        var statement = Prepared("SELECT seq FROM message WHERE id = ?");
        statement.Bind(id.ToBytes());
        try
        {
            return statement.Next() ? statement.Int(0) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>A final state is never left again, but for one: what was delivered may be reported to have bounced.</summary>
    public bool UpdateRecipient(long message, int n, RecipientStatus status, DateTimeOffset at, bool mayReopen) =>
        Prepared("""
            UPDATE recipient SET state = ?, attempts = ?, updated_at = ?, next_at = ?, reason = ?, route = ?, remote_host = ?, reply = ?
            WHERE message = ? AND n = ? AND (state < 2 OR (state = 2 AND ?))
            """).Run((int)status.State, status.Attempts, at, status.NextAttemptAt, status.Reason, status.Route,
                status.RemoteHost, status.Reply, message, n, mayReopen && status.State == RecipientState.Bounced ? 1 : 0) == 1;

    /// <summary>False when it has a final state already. What the last attempt brought stays to be read.</summary>
    public bool CancelRecipient(long message, int n, DateTimeOffset at) =>
        Prepared("UPDATE recipient SET state = ?, reason = ?, next_at = NULL, updated_at = ? WHERE message = ? AND n = ? AND state < 2")
            .Run((int)RecipientState.Cancelled, Reasons.Cancelled, at, message, n) == 1;

    /// <summary>A deferred recipient is tried now.</summary>
    public void MakeRecipientDue(long message, int n, DateTimeOffset at) =>
        Prepared("UPDATE recipient SET next_at = ? WHERE message = ? AND n = ? AND state = 1").Run(at, message, n);

    /// <summary>Recipients in quarantine are queued again: the one final state that an operator can end.</summary>
    public List<int> RequeueQuarantined(long message, DateTimeOffset at)
    {
        var statement = Prepared("""
            UPDATE recipient SET state = 0, reason = NULL, reply = NULL, updated_at = ? WHERE message = ? AND state = ? RETURNING n
            """);
        statement.Bind(at, message, (int)RecipientState.Quarantined);
        try
        {
            var recipients = new List<int>();
            while (statement.Next())
            {
                recipients.Add((int)statement.Int(0));
            }

            recipients.Sort();
            return recipients;
        }
        finally
        {
            statement.Reset();
        }
    }

    public bool HasContent(long message)
    {
        var statement = Prepared("SELECT 1 FROM content WHERE message = ?");
        statement.Bind(message);
        try
        {
            return statement.Next();
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>The content goes with the last work, unless a recipient's mail was captured.</summary>
    public void KeepOnlyCaptured(long message) =>
        Prepared("""
            UPDATE message SET keep = EXISTS(SELECT 1 FROM recipient WHERE message = seq AND reason = ?) WHERE seq = ?
            """).Run(Reasons.Captured, message);

    /// <summary>Removes the content's row; gives the name of the file that is over with it, if there is one.</summary>
    public string? DeleteContent(long message)
    {
        var statement = Prepared("DELETE FROM content WHERE message = ? RETURNING file");
        statement.Bind(message);
        try
        {
            return statement.Next() ? statement.TextOrNull(0) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>False when it has work again: then nothing is removed.</summary>
    public bool DeleteEndedMessage(long message)
    {
        if (Prepared("DELETE FROM message WHERE seq = ? AND ended_at IS NOT NULL").Run(message) == 0)
        {
            return false;
        }

        Prepared("DELETE FROM event WHERE message = ?").Run(message);
        Prepared("DELETE FROM recipient WHERE message = ?").Run(message);
        return true;
    }

    public void Probe(DateTimeOffset at) =>
        Prepared("INSERT INTO probe(id, at) VALUES(1, ?) ON CONFLICT(id) DO UPDATE SET at = excluded.at").Run(at);

    /// <summary>The size that the file may have, as a full disk for tests.</summary>
    public void LimitPages(int pages)
    {
        using var statement = new Statement(connection, $"PRAGMA max_page_count={pages}");
        statement.Next();
    }

    public void Dispose()
    {
        foreach (var statement in prepared.Values)
        {
            statement.Dispose();
        }
    }

    /// <summary>What stands before the octets of the file; without a file that is the whole content. Null when there is none.</summary>
    private ContentHead? StoredHead(long message)
    {
        var statement = Prepared("SELECT octets, skip FROM content WHERE message = ?");
        statement.Bind(message);
        try
        {
            return statement.Next() ? new ContentHead((int)statement.Int(1), statement.Blob(0).ToArray()) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    private Statement Prepared(string sql)
    {
        if (!prepared.TryGetValue(sql, out var statement))
        {
            prepared[sql] = statement = new Statement(connection, sql);
        }

        return statement;
    }

    private long Highest(string sql)
    {
        using var statement = new Statement(connection, sql);
        return statement.Next() && !statement.IsNull(0) ? statement.Int(0) : 0;
    }
}
