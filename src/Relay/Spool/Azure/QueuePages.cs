using System.Globalization;
using Relay.Mail;
using Relay.Spool.Embedded;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>
/// Shows the queue in order. Rows do not stand in it: each page goes through all works, keeps the first that come behind its cursor, and
/// reads the messages of those that it shows.
/// </summary>
internal sealed class QueuePages(AzureShards shards, QueueQuery query)
{
    /// <summary>Works of which one page reads the messages.</summary>
    internal const int MaxExamined = 10_000;

    private const int AtOnce = 16;
    private readonly string? domain = query.Domain is { } name ? WorkDomain.Of(name) : null;
    private readonly char kind = query.Order == QueueOrder.Age ? 'a' : 'd';

    /// <summary>A page.</summary>
    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    public Task<QueuePage> RunAsync(CancellationToken cancel)
    {
        var after = Parse(query.Cursor);
        return AzureFault.MapAsync("read the queue", () => ReadAsync(after, cancel));
    }

    private async Task<QueuePage> ReadAsync(Place after, CancellationToken cancel)
    {
        var limit = Math.Clamp(query.Limit, 1, QueueQuery.MaxLimit);
        var entries = new List<QueueEntry>();
        var last = after;
        var (works, hasMore) = await FirstAsync(after, cancel);
        foreach (var chunk in works.Chunk(AtOnce))
        {
            var read = await Task.WhenAll(chunk.Select(work => EntryAsync(work, cancel)));
            foreach (var (work, entry) in chunk.Zip(read))
            {
                if (entries.Count == limit)
                {
                    return new QueuePage(entries, Format(last));
                }

                last = PlaceOf(work);
                if (entry is not null && (query.State ?? entry.State) == entry.State)
                {
                    entries.Add(entry);
                }
            }
        }

        return new QueuePage(entries, hasMore ? Format(last) : null);
    }

    /// <summary>The first works behind a place, in order, and whether there are more.</summary>
    private async Task<(IEnumerable<FoundWork> Works, bool HasMore)> FirstAsync(Place after, CancellationToken cancel)
    {
        var hasMore = false;
        // The last one stands on top, to make room for one that comes before it.
        var first = new PriorityQueue<FoundWork, Place>(Comparer<Place>.Create((a, b) => b.CompareTo(a)));
        await foreach (var work in WorkScan.AllAsync(shards, WorkScan.StateOf(query.State), cancel))
        {
            var place = PlaceOf(work);
            if (place.CompareTo(after) <= 0 || (domain is not null && work.Domain is not null && work.Domain != domain))
            {
                continue;
            }

            first.Enqueue(work, place);
            if (first.Count > MaxExamined)
            {
                first.Dequeue();
                hasMore = true;
            }
        }

        return (first.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element), hasMore);
    }

    /// <summary>Null when it is not of the domain, has ended, or cannot be read.</summary>
    private async Task<QueueEntry?> EntryAsync(FoundWork found, CancellationToken cancel)
    {
        if (await ReadAsync(found, cancel) is not { } message || message.Works.FirstOrDefault(work => work.Name == found.Name) is not { } work)
        {
            return null;
        }

        var recipients = AzureStatusReader.IndexesOf(work, message.Recipients.Count).Select(n => message.Recipients[n]).ToList();
        if (recipients.Count == 0 || (domain is not null && !recipients.Exists(recipient => WorkDomain.Of(recipient.Path) == domain)))
        {
            return null;
        }

        return new QueueEntry
        {
            Id = found.Id.ToString(),
            State = StateOf(work, recipients),
            AcceptedAt = message.Message.AcceptedAt,
            DueAt = work.DueAt > message.Message.AcceptedAt ? work.DueAt : message.Message.AcceptedAt,
            Sender = message.Message.Envelope.ReversePath.ToString(),
            Size = message.Message.Content.Size,
            Route = work.Detail.Route,
            Recipients = [.. recipients.Select(recipient => recipient.Status)],
        };
    }

    /// <summary>Null for what is not there or makes no sense: it must not hide the others.</summary>
    internal static async Task<MessageRows?> ReadAsync(FoundWork work, CancellationToken cancel)
    {
        try
        {
            return await MessageRows.ReadAsync(work.Shard, work.Id, withEvents: false, cancel);
        }
        catch (SpoolException e) when (e.Fault == SpoolFault.Corrupt)
        {
            return null;
        }
    }

    private static QueueState StateOf(WorkRow work, List<RecipientRow> recipients) =>
        work.State == WorkRowState.Held ? QueueState.Held
        : work.State == WorkRowState.SetAside ? QueueState.SetAside
        : recipients.Exists(recipient => recipient.Status.State == RecipientState.Deferred) ? QueueState.Deferred
        : QueueState.Queued;

    private Place PlaceOf(FoundWork work) =>
        new(kind == 'a' ? 0 : work.DueAt.ToUnixTimeMilliseconds(), work.Id.ToString(), work.Name);

    private string Format(Place place) => string.Create(CultureInfo.InvariantCulture, $"{kind}{place.Due}.{place.Id}.{place.Work}");

    /// <summary>A cursor that is not ours would otherwise give the first page again, without end.</summary>
    private Place Parse(string? cursor)
    {
        if (cursor is null)
        {
            return new Place(long.MinValue, "", "");
        }

        var parts = cursor.StartsWith(kind) ? cursor[1..].Split('.') : [];
        return parts.Length == 3 && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var due) &&
            MessageId.TryParse(parts[1], out var id)
            ? new Place(due, id.ToString(), parts[2])
            : throw new FormatException("not a cursor of this queue");
    }

    /// <summary>A place in the order: by time, then by age.</summary>
    private readonly record struct Place(long Due, string Id, string Work) : IComparable<Place>
    {
        public int CompareTo(Place other) =>
            Due != other.Due ? Due.CompareTo(other.Due)
            : Id != other.Id ? string.CompareOrdinal(Id, other.Id)
            : string.CompareOrdinal(Work, other.Work);
    }
}
