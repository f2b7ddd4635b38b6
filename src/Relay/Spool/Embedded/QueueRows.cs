using System.Globalization;
using Microsoft.Data.Sqlite;
using Relay.Mail;
using Relay.Sqlite;
using Relay.Status;

namespace Relay.Spool.Embedded;

/// <summary>
/// From rows of work to pages of the queue. Each queue, and for a domain that part of it, is read in the order of an index;
/// what is wanted is merged from them, so that a page costs what it shows.
/// </summary>
internal static class QueueRows
{
    /// <summary>Works that one page looks at.</summary>
    internal const int MaxExamined = 10_000;

    /// <summary>Mail, however it stands; of what only tells of mail, what is set aside.</summary>
    private static readonly int[] Shown =
        [.. Enum.GetValues<WorkQueue>().SelectMany(queue => new[] { (int)queue, (int)queue + Schema.Held, -1 - (int)queue }).Where(QueuedWork.IsShown)];

    /// <summary>All works of a message; or those of a domain and those that may have recipients of it; or all.</summary>
    public static List<FoundWork> WorksOf(SqliteConnection connection, MessageId? message, string? domain)
    {
        using var rows = new Statement(connection, "SELECT queue, due_at, id FROM work " + (
            message is not null ? "WHERE message = (SELECT seq FROM message WHERE id = ?)"
            : domain is not null ? "WHERE domain = ? OR domain IS NULL"
            : ""));
        if (message is { } id)
        {
            rows.Bind(id.ToBytes());
        }
        else if (domain is not null)
        {
            rows.Bind(domain);
        }

        var works = new List<FoundWork>();
        while (rows.Next())
        {
            works.Add(new FoundWork((int)rows.Int(0), new WorkPlace(rows.Int(1), rows.Int(2))));
        }

        return works;
    }

    public static QueuePage Page(SqliteConnection connection, QueueQuery query, CancellationToken cancel)
    {
        var limit = Math.Clamp(query.Limit, 1, QueueQuery.MaxLimit);
        var domain = query.Domain is { } name ? WorkDomain.Of(name) : null;
        var walk = new Walk(query.Order, domain);
        var after = walk.Parse(query.Cursor);
        using var details = new Statement(connection, """
            SELECT w.due_at, w.message, w.queue, w.detail, m.envelope, m.id, m.accepted_at, m.sender, m.size
            FROM work w JOIN message m ON m.seq = w.message WHERE w.id = ?
            """);
        var entries = new List<QueueEntry>();
        var numbers = NumbersOf(query.State);
        var (last, examined) = (after, 0);
        foreach (var row in Merge(walk.Sources(connection, numbers, after), walk))
        {
            cancel.ThrowIfCancellationRequested();
            if (walk.KeyOf(row).CompareTo(after) <= 0)
            {
                continue;
            }

            if (entries.Count == limit || examined++ == MaxExamined)
            {
                return new QueuePage(entries, walk.Format(last));
            }

            last = walk.KeyOf(row);
            if (numbers.Contains(row.Number) && Entry(connection, details, row, domain) is { } entry && (query.State ?? entry.State) == entry.State)
            {
                entries.Add(entry);
            }
        }

        return new QueuePage(entries, null);
    }

    private static int[] NumbersOf(QueueState? state) => state switch
    {
        QueueState.Held => [.. Shown.Where(number => number >= Schema.Held)],
        QueueState.SetAside => [.. Shown.Where(number => number < 0)],
        null => Shown,
        _ => [.. Shown.Where(number => number is >= 0 and < Schema.Held)],
    };

    private static IEnumerable<Row> Merge(IEnumerable<IEnumerable<Row>> sources, Walk walk)
    {
        var open = sources.Select(source => source.GetEnumerator()).ToList();
        try
        {
            var next = new PriorityQueue<IEnumerator<Row>, (long, long, long)>();
            foreach (var source in open.Where(source => source.MoveNext()))
            {
                next.Enqueue(source, walk.KeyOf(source.Current));
            }

            while (next.TryDequeue(out var source, out _))
            {
                yield return source.Current;
                if (source.MoveNext())
                {
                    next.Enqueue(source, walk.KeyOf(source.Current));
                }
            }
        }
        finally
        {
            open.ForEach(source => source.Dispose());
        }
    }

    /// <summary>Null when it is not of the domain, has ended, or cannot be read.</summary>
    private static QueueEntry? Entry(SqliteConnection connection, Statement details, Row row, string? domain)
    {
        details.Bind(row.Id);
        try
        {
            if (!details.Next() ||
                QueuedWork.Read(new WorkPlace(details.Int(0), row.Id), details.Int(1), (int)details.Int(2), details.Blob(3), details.Blob(4)) is not { } work ||
                (domain is not null && work.Recipients(domain).Count == 0))
            {
                return null;
            }

            var all = StatusRows.Recipients(connection, work.Message);
            var recipients = work.Recipients(null).Where(n => n < all.Count).Select(n => all[n]).ToList();
            return new QueueEntry
            {
                Id = MessageId.FromBytes(details.Blob(5)).ToString(),
                State = StateOf(work, recipients),
                AcceptedAt = DateTimeOffset.FromUnixTimeMilliseconds(details.Int(6)),
                DueAt = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(work.Place.DueAt, details.Int(6))),
                Sender = details.Text(7),
                Size = details.Int(8),
                Route = work.Detail.Route,
                Recipients = recipients,
            };
        }
        finally
        {
            details.Reset();
        }
    }

    private static QueueState StateOf(QueuedWork work, List<RecipientStatus> recipients) =>
        work.IsHeld ? QueueState.Held
        : work.IsSetAside ? QueueState.SetAside
        : recipients.Exists(recipient => recipient.State == RecipientState.Deferred) ? QueueState.Deferred
        : QueueState.Queued;

    /// <summary>What the indexes know of a work.</summary>
    private readonly record struct Row(int Number, long DueAt, long Message, long Id);

    /// <summary>An order of the queue, with the places in it that cursors name.</summary>
    private sealed class Walk(QueueOrder order, string? domain)
    {
        private const string Columns = "SELECT queue, due_at, message, id FROM work";

        private readonly char kind = order == QueueOrder.Age ? 'a' : domain is null ? 'd' : 'n';

        public (long, long, long) KeyOf(Row row) => kind switch
        {
            'a' => (row.Message, row.Id, 0),
            'd' => (row.DueAt, row.Id, 0),
            _ => (row.DueAt, row.Message, row.Id),
        };

        public string Format((long A, long B, long C) key) =>
            string.Create(CultureInfo.InvariantCulture, $"{kind}{key.A}.{key.B}.{key.C}");

        /// <summary>A cursor that is not ours would otherwise give the first page again, without end.</summary>
        public (long, long, long) Parse(string? cursor)
        {
            if (cursor is null)
            {
                return (long.MinValue, 0, 0);
            }

            var parts = cursor.StartsWith(kind) ? cursor[1..].Split('.') : [];
            return parts.Length == 3 && TryNumber(parts[0], out var a) && TryNumber(parts[1], out var b) && TryNumber(parts[2], out var c)
                ? (a, b, c)
                : throw new FormatException("not a cursor of this queue");
        }

        public IEnumerable<IEnumerable<Row>> Sources(SqliteConnection connection, int[] numbers, (long A, long B, long C) after) => kind switch
        {
            'a' => [ByAge(connection, after.A)],
            'd' => numbers.Select(number => Read(
                connection,
                $"{Columns} WHERE queue = ?1 AND due_at = ?2 AND id > ?3 ORDER BY id",
                $"{Columns} WHERE queue = ?1 AND due_at > ?2 ORDER BY due_at, id",
                number, after.A, after.B, null)),
            _ => from number in numbers
                 from section in new[] { domain, null }
                 select Read(
                    connection,
                    $"{Columns} WHERE domain IS ?4 AND queue = ?1 AND due_at = ?2 AND message >= ?3 ORDER BY message, id",
                    $"{Columns} WHERE domain IS ?4 AND queue = ?1 AND due_at > ?2 ORDER BY due_at, message, id",
                    number, after.A, after.B, section),
        };

        private static IEnumerable<Row> Read(
            SqliteConnection connection, string together, string later, int number, long due, long second, string? section)
        {
            foreach (var sql in new[] { together, later })
            {
                using var rows = new Statement(connection, sql);
                Bind(rows, sql, number, due, second, section);
                while (rows.Next())
                {
                    yield return new Row((int)rows.Int(0), rows.Int(1), rows.Int(2), rows.Int(3));
                }
            }
        }

        /// <summary>A statement takes no parameters beyond those that it has.</summary>
        private static void Bind(Statement rows, string sql, int number, long due, long second, string? section)
        {
            if (sql.Contains("?4"))
            {
                rows.Bind(number, due, second, section);
            }
            else if (sql.Contains("?3"))
            {
                rows.Bind(number, due, second);
            }
            else
            {
                rows.Bind(number, due);
            }
        }

        private static IEnumerable<Row> ByAge(SqliteConnection connection, long message)
        {
            using var rows = new Statement(connection, $"{Columns} WHERE message >= ? ORDER BY message, id");
            rows.Bind(message);
            while (rows.Next())
            {
                yield return new Row((int)rows.Int(0), rows.Int(1), rows.Int(2), rows.Int(3));
            }
        }

        private static bool TryNumber(string text, out long number) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }
}
