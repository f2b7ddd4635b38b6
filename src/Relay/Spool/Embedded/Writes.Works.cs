namespace Relay.Spool.Embedded;

/// <content>The statements on works.</content>
internal sealed partial class Writes
{
    /// <param name="queue">A <see cref="WorkQueue"/>, or what it becomes while the work is held.</param>
    /// <param name="domain">That of all its recipients, for work that waits.</param>
    /// <param name="route">Together with the domain.</param>
    public WorkPlace InsertWork(long message, int queue, DateTimeOffset due, byte[] detail, string? domain = null, string? route = null)
    {
        Prepared("INSERT INTO work(id, queue, due_at, message, detail, domain, route) VALUES(?, ?, ?, ?, ?, ?, ?)")
            .Run(++lastWork, queue, due, message, detail, domain, domain is null ? null : route);
        return new WorkPlace(due.ToUnixTimeMilliseconds(), lastWork);
    }

    /// <summary>The message that the work belonged to; null when somebody has ended it before.</summary>
    public long? EndWork(long work)
    {
        var statement = Prepared("DELETE FROM work WHERE id = ? RETURNING message");
        statement.Bind(work);
        try
        {
            return statement.Next() ? statement.Int(0) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>The notices of a message that are left to do.</summary>
    public IReadOnlyList<(long Work, byte[] Detail)> Notices(long message)
    {
        var statement = Prepared("SELECT id, detail FROM work WHERE message = ? AND queue = 2 ORDER BY id");
        statement.Bind(message);
        try
        {
            List<(long, byte[])> notices = [];
            while (statement.Next())
            {
                notices.Add((statement.Int(0), statement.Blob(1).ToArray()));
            }

            return notices;
        }
        finally
        {
            statement.Reset();
        }
    }

    public void DelayWork(long work, DateTimeOffset due) =>
        Prepared("UPDATE work SET due_at = ? WHERE id = ?").Run(due, work);

    /// <summary>The work with its message's envelope; null when it has ended, or cannot be read.</summary>
    public QueuedWork? FindWork(long work)
    {
        var statement = Prepared("""
            SELECT w.due_at, w.message, w.queue, w.detail, m.envelope FROM work w JOIN message m ON m.seq = w.message WHERE w.id = ?
            """);
        statement.Bind(work);
        try
        {
            return statement.Next()
                ? QueuedWork.Read(
                    new WorkPlace(statement.Int(0), work), statement.Int(1), (int)statement.Int(2), statement.Blob(3), statement.Blob(4))
                : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    public void MoveWork(long work, int queue, DateTimeOffset due) =>
        Prepared("UPDATE work SET queue = ?, due_at = ? WHERE id = ?").Run(queue, due, work);

    public void SetDomain(long work, string? domain, string? route) =>
        Prepared("UPDATE work SET domain = ?, route = ? WHERE id = ?").Run(domain, domain is null ? null : route, work);

    public void ReplaceDetail(long work, byte[] detail) =>
        Prepared("UPDATE work SET detail = ? WHERE id = ?").Run(detail, work);

    /// <summary>The message that the work belongs to; null when there is no such work in a queue.</summary>
    public long? SetWorkAside(long work)
    {
        var statement = Prepared("UPDATE work SET queue = -1 - queue WHERE id = ? AND queue >= 0 RETURNING message");
        statement.Bind(work);
        try
        {
            return statement.Next() ? statement.Int(0) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Counts the works of a message; at the last one the message has ended.</summary>
    /// <returns>True when it ended and its content is no longer needed.</returns>
    public bool CountWork(long message, int change, bool keepContent, DateTimeOffset at)
    {
        if (change == 0 && !keepContent)
        {
            return false;
        }

        var statement = Prepared("""
            UPDATE message SET pending = pending + ?1, keep = max(keep, ?2),
                ended_at = CASE WHEN pending + ?1 = 0 THEN ?3 END
            WHERE seq = ?4 RETURNING pending = 0 AND keep = 0
            """);
        statement.Bind(change, keepContent ? 1 : 0, at, message);
        try
        {
            return statement.Next() && statement.Int(0) == 1;
        }
        finally
        {
            statement.Reset();
        }
    }
}
