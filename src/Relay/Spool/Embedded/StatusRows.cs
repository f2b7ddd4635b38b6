using System.Text.Json;
using Microsoft.Data.Sqlite;
using Relay.Mail;
using Relay.Sqlite;
using Relay.Status;

namespace Relay.Spool.Embedded;

/// <summary>From rows to <see cref="MessageStatus"/>.</summary>
internal static class StatusRows
{
    public const string Message = """
        SELECT seq, id, accepted_at, sender, size, origin,
            EXISTS(SELECT 1 FROM content c WHERE c.message = seq) FROM message
        """;

    private static readonly Origin Unreadable = new() { Protocol = "unreadable" };

    /// <summary>The message of the row that <paramref name="row"/> is on.</summary>
    public static (MessageStatus Status, MessageId Id) Read(SqliteConnection connection, Statement row, bool withEvents)
    {
        var seq = row.Int(0);
        var id = MessageId.FromBytes(row.Blob(1));
        var status = new MessageStatus
        {
            Id = id.ToString(),
            AcceptedAt = Time(row, 2),
            Sender = row.Text(3),
            Size = row.Int(4),
            Origin = ReadOrigin(row.Blob(5)),
            HasContent = row.Int(6) == 1,
            Recipients = WithMarks(connection, seq, Recipients(connection, seq)),
        };
        return (withEvents ? status with { Events = Events(connection, seq, status) } : status, id);
    }

    public static StatusPage Search(SqliteConnection connection, StatusQuery query, CancellationToken cancel)
    {
        var limit = Math.Clamp(query.Limit, 1, StatusQuery.MaxLimit);
        using var rows = new Statement(connection, $"""
            {Message} WHERE (?1 IS NULL OR accepted_at >= ?1) AND (?2 IS NULL OR accepted_at < ?2)
                AND (?3 IS NULL OR id < ?3) AND length(id) = 16
                AND (?4 IS NULL OR sender = ?4 COLLATE NOCASE)
                AND (?5 IS NULL OR EXISTS(SELECT 1 FROM recipient r WHERE r.message = seq AND r.state = ?5))
                AND (?6 IS NULL OR EXISTS(SELECT 1 FROM recipient r WHERE r.message = seq AND r.address = ?6 COLLATE NOCASE))
            ORDER BY id DESC LIMIT ?7
            """);
        rows.Bind(query.Since, query.Until,
            Cursor(query.Cursor) is { } after ? after.ToBytes() : SqliteValue.Null,
            query.Sender, query.State is { } state ? (int)state : SqliteValue.Null, query.Recipient, limit + 1);
        var found = new List<MessageStatus>();
        var last = default(MessageId);
        while (rows.Next())
        {
            cancel.ThrowIfCancellationRequested();
            if (found.Count == limit)
            {
                return new StatusPage(found, last.ToString());
            }

            (var status, last) = Read(connection, rows, withEvents: false);
            found.Add(status);
        }

        return new StatusPage(found, null);
    }

    /// <summary>A cursor that is not ours would otherwise give the first page again, without end.</summary>
    private static MessageId? Cursor(string? cursor) =>
        cursor is null ? null
        : MessageId.TryParse(cursor, out var after) ? after
        : throw new FormatException("not a cursor of this spool");

    /// <summary>One damaged row must not hide the others: it shows as what it is.</summary>
    public static Origin ReadOrigin(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SpoolJson.Default.Origin) ?? Unreadable;
        }
        catch (JsonException)
        {
            return Unreadable;
        }
    }

    /// <summary>Marks those that an operator holds, and those that something is set aside for.</summary>
    private static List<RecipientStatus> WithMarks(SqliteConnection connection, long message, List<RecipientStatus> recipients)
    {
        using var works = new Statement(connection, "SELECT detail, queue FROM work WHERE message = ? AND (queue < 0 OR queue >= ?)");
        works.Bind(message, Schema.Held);
        while (works.Next())
        {
            var (marked, isStuck) = (ReadDetail(works.Blob(0))?.Recipients ?? Enumerable.Range(0, recipients.Count), works.Int(1) < 0);
            foreach (var n in marked.Where(n => n >= 0 && n < recipients.Count))
            {
                recipients[n] = isStuck ? recipients[n] with { IsStuck = true } : recipients[n] with { IsHeld = true };
            }
        }

        return recipients;
    }

    private static WorkDetail? ReadDetail(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SpoolJson.Default.WorkDetail);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The recipients of a message, in the order of its envelope.</summary>
    public static List<RecipientStatus> Recipients(SqliteConnection connection, long message)
    {
        using var rows = new Statement(connection, """
            SELECT address, state, attempts, updated_at, next_at, reason, route, remote_host, reply
            FROM recipient WHERE message = ? ORDER BY n
            """);
        rows.Bind(message);
        var recipients = new List<RecipientStatus>();
        while (rows.Next())
        {
            recipients.Add(new RecipientStatus
            {
                Address = rows.Text(0),
                State = (RecipientState)rows.Int(1),
                Attempts = (int)rows.Int(2),
                UpdatedAt = Time(rows, 3),
                NextAttemptAt = rows.IsNull(4) ? null : Time(rows, 4),
                Reason = rows.TextOrNull(5),
                Route = rows.TextOrNull(6),
                RemoteHost = rows.TextOrNull(7),
                Reply = rows.TextOrNull(8),
            });
        }

        return recipients;
    }

    /// <summary>The first event, the acceptance, is the message's own row.</summary>
    private static List<StatusEvent> Events(SqliteConnection connection, long message, MessageStatus status)
    {
        var events = new List<StatusEvent>
        {
            new() { At = status.AcceptedAt, Kind = StatusEvents.Accepted, RemoteHost = status.Origin.ClientAddress },
        };
        using var rows = new Statement(connection, """
            SELECT at, kind, recipient, reason, route, remote_host, detail FROM event WHERE message = ? ORDER BY n
            """);
        rows.Bind(message);
        while (rows.Next())
        {
            events.Add(new StatusEvent
            {
                At = Time(rows, 0),
                Kind = rows.Text(1),
                Recipient = rows.IsNull(2) ? null : (int)rows.Int(2),
                Reason = rows.TextOrNull(3),
                Route = rows.TextOrNull(4),
                RemoteHost = rows.TextOrNull(5),
                Detail = rows.TextOrNull(6),
            });
        }

        return events;
    }

    private static DateTimeOffset Time(Statement row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.Int(column));
}
