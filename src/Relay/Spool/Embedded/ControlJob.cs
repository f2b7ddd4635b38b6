using System.Text.Json;
using Relay.Status;

namespace Relay.Spool.Embedded;

/// <summary>Changes a piece of the works that an order is about.</summary>
/// <param name="works">All of the piece.</param>
/// <param name="mine">Those that no attempt has; the others are only counted.</param>
internal sealed class ControlJob(
    ControlOrder order, IReadOnlyList<FoundWork> works, HashSet<FoundWork> mine, Action<ControlJob> committed) : WriteJob
{
    public HashSet<long> Messages { get; } = [];

    public int Recipients { get; private set; }

    public int InFlight { get; private set; }

    /// <summary>Works that can be leased now.</summary>
    public List<(WorkQueue Queue, WorkPlace Place)> Ready { get; } = [];

    public List<string?> FilesThatAreOver { get; } = [];

    public override void Run(Writes writes)
    {
        Messages.Clear();
        Ready.Clear();
        FilesThatAreOver.Clear();
        (Recipients, InFlight) = (0, 0);
        foreach (var found in works)
        {
            if (writes.FindWork(found.Place.Id) is { } work)
            {
                Change(writes, work, mine.Contains(found));
            }
        }
    }

    public override void Committed() => committed(this);

    private void Change(Writes writes, QueuedWork work, bool isMine)
    {
        var chosen = work.Recipients(order.Domain);
        if (isMine && work is { IsHeld: false, IsSetAside: false })
        {
            Ready.Add((work.Queue, work.Place));
        }

        if (chosen.Count == 0 || !order.Concerns(work.IsHeld, work.IsSetAside))
        {
            return;
        }

        if (!isMine || order.IsUnderWay(work.Detail, IsAll(work, chosen)))
        {
            InFlight += chosen.Count;
            return;
        }

        Messages.Add(work.Message);
        Recipients += chosen.Count;
        switch (order.Action)
        {
            case QueueAction.Retry:
                Retry(writes, work);
                break;
            case QueueAction.Cancel:
                Cancel(writes, work, chosen);
                break;
            case QueueAction.Hold:
                Move(writes, work, chosen, (int)work.Queue + Schema.Held, Date(work.Place));
                Tell(writes, work, chosen, StatusEvents.Held);
                break;
            default:
                Move(writes, work with { Detail = work.Detail with { ReleasedAt = order.At } }, chosen, (int)work.Queue, order.At);
                Due(writes, work, chosen);
                Tell(writes, work, chosen, StatusEvents.Released);
                break;
        }
    }

    /// <summary>A work is due as a whole: recipients of other domains are tried with it.</summary>
    private void Retry(Writes writes, QueuedWork work)
    {
        if (!work.IsSetAside && work.Place.DueAt <= order.At.ToUnixTimeMilliseconds())
        {
            return;
        }

        writes.MoveWork(work.Place.Id, (int)work.Queue, order.At);
        Ready.Add((work.Queue, Place(work)));
        Due(writes, work, work.Recipients(null));
        Tell(writes, work, work.Recipients(null), StatusEvents.RetryAsked);
    }

    private void Cancel(Writes writes, QueuedWork work, List<int> chosen)
    {
        foreach (var n in chosen)
        {
            if (writes.CancelRecipient(work.Message, n, order.At))
            {
                writes.InsertEvent(work.Message, order.Cancelled(n));
            }
        }

        if (!IsAll(work, chosen))
        {
            Keep(writes, work, chosen);
            return;
        }

        writes.EndWork(work.Place.Id);
        if (writes.CountWork(work.Message, -1, keepContent: false, order.At))
        {
            FilesThatAreOver.Add(writes.DeleteContent(work.Message));
        }
    }

    /// <summary>To another queue: the whole work, or its part in work of its own.</summary>
    private void Move(Writes writes, QueuedWork work, List<int> chosen, int number, DateTimeOffset due)
    {
        var place = Place(work) with { DueAt = due.ToUnixTimeMilliseconds() };
        if (IsAll(work, chosen))
        {
            writes.MoveWork(work.Place.Id, number, due);
            writes.ReplaceDetail(work.Place.Id, Json(work.Detail));
            writes.SetDomain(work.Place.Id, WorkDomain.Of(work.Queue, work.Envelope, work.Detail), work.Detail.Route);
        }
        else
        {
            Keep(writes, work, chosen);
            var part = work.DetailFor(chosen);
            place = writes.InsertWork(
                work.Message, number, due, Json(part), WorkDomain.Of(work.Queue, work.Envelope, part), part.Route);
            writes.CountWork(work.Message, 1, keepContent: false, order.At);
        }

        if (number < Schema.Held)
        {
            Ready.Add((work.Queue, place));
        }
    }

    /// <summary>The work goes on for those that were not chosen.</summary>
    private static void Keep(Writes writes, QueuedWork work, List<int> chosen)
    {
        var rest = work.DetailFor([.. work.Recipients(null).Except(chosen)]);
        writes.ReplaceDetail(work.Place.Id, Json(rest));
        writes.SetDomain(work.Place.Id, WorkDomain.Of(work.Queue, work.Envelope, rest), rest.Route);
    }

    private void Due(Writes writes, QueuedWork work, List<int> recipients) =>
        recipients.ForEach(n => writes.MakeRecipientDue(work.Message, n, order.At));

    private void Tell(Writes writes, QueuedWork work, List<int> recipients, string kind)
    {
        foreach (var line in order.Lines(kind, recipients, work.Envelope.Recipients.Count))
        {
            writes.InsertEvent(work.Message, line);
        }
    }

    private WorkPlace Place(QueuedWork work) => new(order.At.ToUnixTimeMilliseconds(), work.Place.Id);

    private static bool IsAll(QueuedWork work, List<int> chosen) => chosen.Count == work.Recipients(null).Count;

    private static DateTimeOffset Date(WorkPlace place) => DateTimeOffset.FromUnixTimeMilliseconds(place.DueAt);

    private static byte[] Json(WorkDetail detail) => JsonSerializer.SerializeToUtf8Bytes(detail, SpoolJson.Default.WorkDetail);
}
