using Azure;
using Azure.Data.Tables;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>The rows that a transition writes, and the works that follow from it. Pure.</summary>
internal sealed class CommitPlan
{
    /// <summary>Recipients of one notice that was joined, or a work more; a notice is not to grow without end.</summary>
    private const int MaxJoined = 1000;

    /// <summary>Notices that are joined at once: their rows go in one transaction.</summary>
    private const int MaxJoinedWorks = 60;

    private readonly Transition transition;
    private readonly AzureHold hold;
    private readonly MessageRows? rows;
    private readonly List<TableTransactionAction> recipients = [];
    private readonly List<TableTransactionAction> joined = [];
    private readonly List<StatusEvent> lines = [];
    private readonly List<WorkRow> next = [];

    private CommitPlan(Transition transition, AzureHold hold, MessageRows? rows)
    {
        this.transition = transition;
        this.hold = hold;
        this.rows = rows;
        Content = transition.Head is { } head
            ? (rows?.Message.Content ?? hold.Content ?? throw new SpoolException(SpoolFault.Corrupt, "there is no content to put a head on")).With(head)
            : rows?.Message.Content ?? hold.Content;
        if (WriteStates() || !transition.OnlyIfChanged)
        {
            WriteRest();
        }
    }

    /// <summary>Where the content is from then on.</summary>
    public ContentHome? Content { get; }

    /// <summary>Works that follow.</summary>
    public IReadOnlyList<WorkRow> Next => next;

    /// <summary>What a transition comes to.</summary>
    /// <param name="transition">What a step decided.</param>
    /// <param name="hold">The work that it ends.</param>
    /// <param name="rows">The rows of the message; null for a first work, before which nothing can have happened to its recipients.</param>
    public static CommitPlan Of(Transition transition, AzureHold hold, MessageRows? rows) => new(transition, hold, rows);

    /// <summary>
    /// The transactions, of which the last one ends the work. Recipients that do not fit there go before, and so do works that follow: these
    /// count once the work has ended by this run.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<TableTransactionAction>> Transactions()
    {
        List<TableTransactionAction> last = [.. End(), .. joined];
        if (last.Count + recipients.Count + next.Count <= AzureTables.MaxRows)
        {
            return [[.. last, .. recipients, .. next.Select(work => AzureTables.Add(work.ToEntity()))]];
        }

        var before = recipients.Concat(next.Select(work => AzureTables.Put((work with { Parent = hold.Work, Run = hold.Run }).ToEntity())));
        return [.. before.Chunk(AzureTables.MaxRows - 1).Select(chunk => (IReadOnlyList<TableTransactionAction>)[Guard(), .. chunk]), last];
    }

    /// <summary>What ends the work: its row goes, which is the guard against a second run; what happened is told.</summary>
    private IEnumerable<TableTransactionAction> End()
    {
        var id = hold.Message;
        yield return AzureTables.Delete(RowKeys.PartitionOf(id), RowKeys.Work(id, hold.Work), ETag.All);
        yield return AzureTables.Add(new EventRow { Id = id, Name = hold.Work, At = transition.At, Depth = hold.Depth, Run = hold.Run, Lines = lines }.ToEntity());
        if (transition.KeepContent || transition.Head is not null)
        {
            yield return AzureTables.Change(MessageRow.Change(id, transition.KeepContent, transition.Head is null ? null : Content));
        }
    }

    /// <summary>The work must still be there.</summary>
    private TableTransactionAction Guard() => AzureTables.Change(
        new TableEntity(RowKeys.PartitionOf(hold.Message), RowKeys.Work(hold.Message, hold.Work)) { ["Ends"] = hold.Run });

    /// <summary>True when all of them are taken.</summary>
    private bool WriteStates()
    {
        var all = true;
        var isReport = hold.Queue == WorkQueue.Report;
        foreach (var (index, status) in transition.Recipients)
        {
            var row = rows?.Recipients[index] ??
                RecipientRow.New(hold.Message, index, transition.Follows.Work.Envelope.Recipients[index], transition.At);
            if (!row.MayBecome(status.State, isReport))
            {
                all = false;
                continue;
            }

            var changed = row with { Status = status with { Address = row.Status.Address, UpdatedAt = transition.At } };
            recipients.Add(AzureTables.Replace(changed.ToEntity(), rows is null ? ETag.All : row.ETag));
            lines.Add(StatusEvent.Of(index, status, transition.At));
        }

        return all;
    }

    private void WriteRest()
    {
        lines.AddRange(transition.Events);
        var needsContent = rows?.Works.FirstOrDefault(work => work.Name == hold.Work)?.NeedsContent ?? hold.Content is not null;
        foreach (var work in transition.Next)
        {
            foreach (var detail in Split(work.Queue, transition.JoinsNotices ? Join(work.Detail) : work.Detail))
            {
                next.Add(WorkRow.New(hold.Message, RowKeys.NextWork(hold.Work, next.Count), work.Queue, work.DueAt, detail,
                    transition.Follows.Work.Envelope, hold.Depth + 1, transition.At) with
                { NeedsContent = needsContent });
            }
        }
    }

    /// <summary>A work whose commit changes all its recipients is to fit into one transaction; checks are run once for all.</summary>
    private IEnumerable<WorkDetail> Split(WorkQueue queue, WorkDetail detail)
    {
        var count = detail.Recipients?.Count ?? transition.Follows.Work.Envelope.Recipients.Count;
        if (queue is not (WorkQueue.Accepted or WorkQueue.Delivery) || count <= AzureAccept.MaxRecipients || detail.Checks is not null)
        {
            return [detail];
        }

        return (detail.Recipients ?? Enumerable.Range(0, count)).Chunk(AzureAccept.MaxRecipients).Select(chunk => detail with { Recipients = chunk });
    }

    private WorkDetail Join(WorkDetail notice)
    {
        List<WorkDetail> notices = [notice];
        foreach (var work in rows!.Works.Where(work => work.Queue == WorkQueue.Notify && work.State == WorkRowState.Waiting && work.Name != hold.Work))
        {
            if (DetailOf(work) is { MayJoin: true, Recipients: not null } other && joined.Count < MaxJoinedWorks &&
                notices.Sum(n => n.Recipients!.Count) < MaxJoined)
            {
                notices.Add(other);
                joined.Add(AzureTables.Delete(RowKeys.PartitionOf(work.Id), RowKeys.Work(work.Id, work.Name), work.ETag));
            }
        }

        return notices.Count == 1 ? notice : WorkDetail.Join(notices) with { MayJoin = notice.MayJoin };
    }

    /// <summary>One that cannot be read is left to its own lease, which sets it aside.</summary>
    private static WorkDetail? DetailOf(WorkRow work)
    {
        try
        {
            return work.Detail;
        }
        catch (SpoolException)
        {
            return null;
        }
    }
}
