using System.Text.Json;
using Microsoft.Data.Sqlite;
using Relay.Mail;
using Relay.Sqlite;

namespace Relay.Spool.Embedded;

/// <summary>Reads what is due of one queue. One caller at a time.</summary>
internal sealed class WorkReader : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly Statement together;
    private readonly Statement later;
    private readonly Statement next;
    private readonly Statement work;

    public WorkReader(string database)
    {
        connection = Schema.OpenReader(database);
        together = new Statement(connection, "SELECT due_at, id FROM work WHERE queue = ? AND due_at = ? AND id >= ? ORDER BY id LIMIT ?");
        later = new Statement(connection, "SELECT due_at, id FROM work WHERE queue = ? AND due_at > ? AND due_at <= ? ORDER BY due_at, id LIMIT ?");
        next = new Statement(connection, "SELECT min(due_at) FROM work WHERE queue = ? AND due_at > ?");
        work = new Statement(connection, """
            SELECT m.id, m.accepted_at, m.size, m.envelope, w.detail, m.origin
            FROM work w LEFT JOIN message m ON m.seq = w.message WHERE w.id = ?
            """);
    }

    /// <summary>
    /// Works that are due, from a place on, in their order. Two statements: each begins where it is to begin, while one for
    /// both would read past all that are due together.
    /// </summary>
    public List<WorkPlace> Due(WorkQueue queue, WorkPlace from, DateTimeOffset now, int max)
    {
        var places = new List<WorkPlace>();
        if (from.DueAt > now.ToUnixTimeMilliseconds())
        {
            return places;
        }

        together.Bind((int)queue, from.DueAt, from.Id, max);
        Read(together, places);
        if (places.Count < max)
        {
            later.Bind((int)queue, from.DueAt, now, max - places.Count);
            Read(later, places);
        }

        return places;
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
        together.Dispose();
        later.Dispose();
        next.Dispose();
        work.Dispose();
        connection.Dispose();
    }

    private static void Read(Statement rows, List<WorkPlace> places)
    {
        try
        {
            while (rows.Next())
            {
                places.Add(new WorkPlace(rows.Int(0), rows.Int(1)));
            }
        }
        finally
        {
            rows.Reset();
        }
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
