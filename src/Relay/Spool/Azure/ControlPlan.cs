using System.Text.Json;
using Azure.Data.Tables;
using Relay.Spool.Embedded;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>What an order makes of one work: the rows of one transaction. Pure.</summary>
internal sealed class ControlPlan
{
    /// <summary>
    /// For so long after its time an attempt may be made for a work with nothing of it in a row. Then the sweep puts it again, and whoever
    /// begins it claims it.
    /// </summary>
    internal static readonly TimeSpan MaxUnseen = TimeSpan.FromMinutes(10);

    /// <summary>Recipients that one transaction changes.</summary>
    private const int MaxRecipients = 90;

    /// <summary>Clocks differ: what is due in a moment may have been begun.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    private readonly ControlOrder order;
    private readonly MessageRows message;
    private readonly List<TableTransactionAction> rows = [];
    private readonly List<StatusEvent> lines = [];

    private ControlPlan(ControlOrder order, MessageRows message)
    {
        this.order = order;
        this.message = message;
    }

    /// <summary>What to write; empty when there is nothing.</summary>
    public IReadOnlyList<TableTransactionAction> Rows => rows;

    /// <summary>A work that goes into its queue then.</summary>
    public WorkRow? Ready { get; private set; }

    /// <summary>Recipients that it changes.</summary>
    public int Changed { get; private set; }

    /// <summary>Recipients that it leaves alone because an attempt may be being made for them.</summary>
    public int InFlight { get; private set; }

    /// <summary>The same is to be asked again: this was a part of it.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Null when the order is not about the work, or it is gone.</summary>
    public static ControlPlan? Of(ControlOrder order, MessageRows message, string work, string eventName)
    {
        if (message.Works.FirstOrDefault(row => row.Name == work) is not { } row || !Counts(message, row))
        {
            return null;
        }

        var all = AzureStatusReader.IndexesOf(row, message.Recipients.Count).ToList();
        var chosen = all.Where(n => order.Domain is null || WorkDomain.Of(message.Recipients[n].Path) == order.Domain).ToList();
        if (chosen.Count == 0 || !order.Concerns(row.State == WorkRowState.Held, row.State == WorkRowState.SetAside))
        {
            return null;
        }

        var plan = new ControlPlan(order, message);
        if (MayBeBegun(row, order.At) || order.IsUnderWay(row.Detail, chosen.Count == all.Count))
        {
            plan.InFlight = chosen.Count;
            return plan;
        }

        plan.Change(row, all, chosen);
        plan.Tell(eventName, row.Depth);
        return plan;
    }

    /// <summary>Sends what a check has kept on its way, so many recipients at once; null when there is nothing.</summary>
    public static ControlPlan? Quarantined(ControlOrder order, MessageRows message, string eventName)
    {
        var all = message.Recipients.Where(recipient => recipient.Status.State == RecipientState.Quarantined).ToList();
        if (all.Count == 0)
        {
            return null;
        }

        var (some, depth) = (all.Take(MaxRecipients).ToList(), message.Events.Select(e => e.Depth).DefaultIfEmpty().Max() + 1);
        var plan = new ControlPlan(order, message) { Changed = some.Count, HasMore = some.Count < all.Count };
        foreach (var recipient in some)
        {
            plan.Put(recipient, recipient.Status with { State = RecipientState.Queued, Reason = null, Reply = null, UpdatedAt = order.At });
            plan.lines.Add(order.Line(StatusEvents.Released, recipient.Index));
        }

        var detail = new WorkDetail { Recipients = [.. some.Select(recipient => recipient.Index)], ReleasedAt = order.At };
        plan.Ready = WorkRow.New(
            message.Message.Id, RowKeys.Hash(eventName), WorkQueue.Accepted, order.At, detail, message.Envelope, depth, order.At);
        plan.rows.Add(AzureTables.Add(plan.Ready.ToEntity()));
        // The content, which was kept, goes with the last work again, unless it was captured or there are more.
        var keep = plan.HasMore || message.Recipients.Any(recipient => recipient.Status.Reason == Reasons.Captured);
        plan.rows.Add(AzureTables.Replace((message.Message with { Keep = keep }).ToEntity(), message.Message.ETag));
        plan.Tell(eventName, depth);
        return plan;
    }

    /// <summary>A work that was written before its parent ended counts once that has ended by the same run.</summary>
    private static bool Counts(MessageRows message, WorkRow work) =>
        work.Parent is not { } parent || message.Events.Any(e => e.Name == parent && e.Run == work.Run);

    /// <summary>
    /// Whether an attempt may be being made for it: it is due and claimed; or it was put into its queue once only, so that who begins it claims
    /// nothing, and that not long ago.
    /// </summary>
    private static bool MayBeBegun(WorkRow work, DateTimeOffset now) =>
        work.State == WorkRowState.Waiting && work.DueAt <= now + Slack &&
        (work.ClaimedUntil > now || (work.PutAgain == 0 && (now - work.DueAt < MaxUnseen || now - work.PutAt < MaxUnseen)));

    private void Change(WorkRow work, List<int> all, List<int> chosen)
    {
        switch (order.Action)
        {
            case QueueAction.Retry:
                Retry(work, all);
                Changed = chosen.Count;
                break;
            case QueueAction.Cancel:
                Cancel(work, all, chosen);
                break;
            case QueueAction.Hold:
                Move(work, all, chosen, work with { State = WorkRowState.Held });
                lines.AddRange(order.Lines(StatusEvents.Held, chosen, message.Recipients.Count));
                break;
            default:
                Move(work, all, chosen, With(Waiting(work), work.Detail with { ReleasedAt = order.At }));
                Due(chosen);
                lines.AddRange(order.Lines(StatusEvents.Released, chosen, message.Recipients.Count));
                break;
        }
    }

    /// <summary>A work is due as a whole: recipients of other domains are tried with it.</summary>
    private void Retry(WorkRow work, List<int> all)
    {
        Ready = Waiting(work);
        Replace(work, Ready);
        Due(all);
        lines.AddRange(order.Lines(StatusEvents.RetryAsked, all, message.Recipients.Count));
    }

    /// <summary>As many as one transaction takes; the work goes on for the others until they come.</summary>
    private void Cancel(WorkRow work, List<int> all, List<int> chosen)
    {
        var some = chosen.Take(MaxRecipients).ToList();
        foreach (var recipient in some.Select(n => message.Recipients[n]).Where(recipient => !recipient.Status.State.IsFinal()))
        {
            Put(recipient, recipient.Status with { State = RecipientState.Cancelled, Reason = Reasons.Cancelled, NextAttemptAt = null, UpdatedAt = order.At });
            lines.Add(order.Cancelled(recipient.Index));
        }

        (Changed, HasMore) = (some.Count, some.Count < chosen.Count);
        if (some.Count == all.Count)
        {
            rows.Add(AzureTables.Delete(RowKeys.PartitionOf(work.Id), RowKeys.Work(work.Id, work.Name), work.ETag));
        }
        else
        {
            Replace(work, For(work, [.. all.Except(some)]));
        }
    }

    /// <summary>The whole work, or its part in work of its own.</summary>
    private void Move(WorkRow work, List<int> all, List<int> chosen, WorkRow moved)
    {
        Changed = chosen.Count;
        if (chosen.Count == all.Count)
        {
            Replace(work, moved);
        }
        else
        {
            Replace(work, For(work, [.. all.Except(chosen)]));
            moved = For(moved, chosen) with { Name = RowKeys.Hash($"{work.Name}/{order.At.UtcTicks}/{chosen[0]}") };
            rows.Add(AzureTables.Add(moved.ToEntity()));
        }

        Ready = moved.State == WorkRowState.Waiting ? moved : null;
    }

    /// <summary>As due now. A message for its old time may be in the queue: who begins it claims it.</summary>
    private WorkRow Waiting(WorkRow work) => work with
    {
        State = WorkRowState.Waiting,
        DueAt = order.At,
        ClaimedUntil = null,
        PutAt = order.At,
        PutAgain = work.PutAgain + 1,
    };

    private WorkRow For(WorkRow work, IReadOnlyList<int> recipients) => With(work, work.Detail with { Recipients = recipients });

    private WorkRow With(WorkRow work, WorkDetail detail)
    {
        var domain = WorkDomain.Of(work.Queue, message.Envelope, detail);
        return work with
        {
            DetailJson = JsonSerializer.SerializeToUtf8Bytes(detail, SpoolJson.Default.WorkDetail),
            Domain = domain,
            Route = domain is null ? null : detail.Route,
        };
    }

    private void Replace(WorkRow work, WorkRow next) => rows.Add(AzureTables.Replace(next.ToEntity(), work.ETag));

    /// <summary>Deferred recipients are tried now.</summary>
    private void Due(List<int> recipients)
    {
        foreach (var recipient in recipients.Select(n => message.Recipients[n]).Where(recipient => recipient.Status.State == RecipientState.Deferred))
        {
            Put(recipient, recipient.Status with { NextAttemptAt = order.At });
        }
    }

    private void Put(RecipientRow recipient, RecipientStatus status) =>
        rows.Add(AzureTables.Replace((recipient with { Status = status }).ToEntity(), recipient.ETag));

    private void Tell(string name, int depth) => rows.Add(AzureTables.Add(
        new EventRow { Id = message.Message.Id, Name = name, At = order.At, Depth = depth, Lines = lines }.ToEntity()));
}
