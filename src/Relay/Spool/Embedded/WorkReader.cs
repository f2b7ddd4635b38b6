using System.Text.Json;
using Microsoft.Data.Sqlite;
using Relay.Mail;
using Relay.Sqlite;

namespace Relay.Spool.Embedded;

/// <summary>Reads what is due of one queue. One caller at a time.</summary>
internal sealed class WorkReader : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly Statement due;
    private readonly Statement next;
    private readonly Statement work;

    public WorkReader(string database)
    {
        connection = Schema.OpenReader(database);
        due = new Statement(connection, "SELECT id FROM work WHERE queue = ? AND due_at <= ? ORDER BY due_at LIMIT ?");
        next = new Statement(connection, "SELECT min(due_at) FROM work WHERE queue = ? AND due_at > ?");
        work = new Statement(connection, """
            SELECT m.id, m.accepted_at, m.size, m.envelope, w.detail, m.origin
            FROM work w LEFT JOIN message m ON m.seq = w.message WHERE w.id = ?
            """);
    }

    /// <summary>The ids of works that are due, oldest first.</summary>
    public List<long> Due(WorkQueue queue, DateTimeOffset now, int max)
    {
        var ids = new List<long>();
        due.Bind((int)queue, now, max);
        try
        {
            while (due.Next())
            {
                ids.Add(due.Int(0));
            }
        }
        finally
        {
            due.Reset();
        }

        return ids;
    }

    /// <summary>When the next work after <paramref name="now"/> is due.</summary>
    public DateTimeOffset? NextDue(WorkQueue queue, DateTimeOffset now)
    {
        next.Bind((int)queue, now);
        try
        {
            return next.Next() && !next.IsNull(0) ? DateTimeOffset.FromUnixTimeMilliseconds(next.Int(0)) : null;
        }
        finally
        {
            next.Reset();
        }
    }

    /// <summary>The work itself; null when it has ended meanwhile.</summary>
    /// <exception cref="SpoolException">Its rows make no sense (<see cref="SpoolFault.Corrupt"/>).</exception>
    public WorkItem? Read(WorkQueue queue, long id)
    {
        work.Bind(id);
        try
        {
            return work.Next() ? Decode(queue) : null;
        }
        catch (Exception e) when (e is not SpoolException)
        {
            throw new SpoolException(SpoolFault.Corrupt, $"work {id} cannot be read: {e.Message}", e);
        }
        finally
        {
            work.Reset();
        }
    }

    public void Dispose()
    {
        due.Dispose();
        next.Dispose();
        work.Dispose();
        connection.Dispose();
    }

    private WorkItem Decode(WorkQueue queue)
    {
        if (work.IsNull(0))
        {
            throw new JsonException("its message is gone");
        }

        var envelope = JsonSerializer.Deserialize(work.Blob(3), SpoolJson.Default.Envelope) ?? throw new JsonException("it has no envelope");
        var detail = JsonSerializer.Deserialize(work.Blob(4), SpoolJson.Default.WorkDetail) ?? throw new JsonException("it has no detail");
        if (envelope.Recipients.Count == 0 || envelope.Recipients.Contains(null!) ||
            detail.Recipients is { } some && some.Any(n => n < 0 || n >= envelope.Recipients.Count))
        {
            throw new JsonException("it names recipients that do not exist");
        }

        return new WorkItem
        {
            Queue = queue,
            Message = MessageId.FromBytes(work.Blob(0)),
            AcceptedAt = DateTimeOffset.FromUnixTimeMilliseconds(work.Int(1)),
            Size = work.Int(2),
            Envelope = envelope,
            Origin = StatusRows.ReadOrigin(work.Blob(5)),
            Detail = detail,
        };
    }
}
