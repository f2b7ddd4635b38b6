using System.Text.Json;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool.Embedded;

/// <summary>Makes a message, its recipients and its first work.</summary>
internal sealed class AcceptJob(AcceptedMessage message, SpillingContent content, Action<AcceptJob> committed) : WriteJob
{
    /// <summary>False when the message had been accepted before.</summary>
    public bool Fresh { get; private set; }

    /// <summary>Where its first work is.</summary>
    public WorkPlace First { get; private set; }

    private readonly byte[] envelope = JsonSerializer.SerializeToUtf8Bytes(message.Envelope, SpoolJson.Default.Envelope);
    private readonly byte[] origin = JsonSerializer.SerializeToUtf8Bytes(message.Origin, SpoolJson.Default.Origin);
    private readonly byte[] detail = JsonSerializer.SerializeToUtf8Bytes(
        new WorkDetail { TraceParent = message.TraceParent, Checks = message.Checks, Quarantine = message.Quarantine }, SpoolJson.Default.WorkDetail);

    public override void Run(Writes writes)
    {
        Fresh = false;
        if (writes.InsertMessage(message, content.Length, envelope, origin) is not { } seq)
        {
            return;
        }

        Fresh = true;

        if (content.IsInline)
        {
            writes.InsertContent(seq, content.Inline);
        }
        else
        {
            writes.InsertContentFile(seq, content.Name, content.Head);
        }

        for (var n = 0; n < message.Envelope.Recipients.Count; n++)
        {
            writes.InsertRecipient(seq, n, message.Envelope.Recipients[n], message.AcceptedAt);
        }

        foreach (var e in message.Events)
        {
            writes.InsertEvent(seq, e);
        }

        // Due since ever: a clock that is set back must not hold up new mail.
        First = writes.InsertWork(seq, (int)WorkQueue.Accepted, DateTimeOffset.UnixEpoch, detail);
    }

    public override void Committed() => committed(this);
}

/// <summary>Writes a transition.</summary>
internal sealed class CommitJob(Transition transition, Action<CommitJob> committed) : WriteJob
{
    /// <summary>Recipients of one notice that was joined, or a work more; a notice is not to grow without end.</summary>
    private const int MaxJoined = 1000;

    /// <summary>False when the work had ended before.</summary>
    public bool Fresh { get; private set; }

    /// <summary>The content file of a message that has ended with this.</summary>
    public string? FileThatIsOver { get; private set; }

    /// <summary>Where the works that follow are.</summary>
    public List<(WorkQueue Queue, WorkPlace Place)> Next { get; } = [];

    public Transition Transition => transition;

    public override void Run(Writes writes)
    {
        (Fresh, FileThatIsOver) = (false, null);
        Next.Clear();
        if (writes.EndWork(EmbeddedLease.IdOf(transition.Follows)) is not { } seq)
        {
            return;
        }

        Fresh = true;
        if (transition.Head is { } head)
        {
            writes.ReplaceHead(seq, head);
        }

        var change = WriteStates(writes, seq) || !transition.OnlyIfChanged ? WriteRest(writes, seq) : 0;
        if (writes.CountWork(seq, change - 1, transition.KeepContent, transition.At))
        {
            FileThatIsOver = writes.DeleteContent(seq);
        }
    }

    public override void Committed() => committed(this);

    /// <summary>True when all of them were taken.</summary>
    private bool WriteStates(Writes writes, long seq)
    {
        var all = true;
        var mayReopen = transition.Follows.Work.Queue == WorkQueue.Report;
        foreach (var (index, status) in transition.Recipients)
        {
            if (writes.UpdateRecipient(seq, index, status, transition.At, mayReopen))
            {
                writes.InsertEvent(seq, StatusEvent.Of(index, status, transition.At));
            }
            else
            {
                all = false;
            }
        }

        return all;
    }

    /// <summary>By how much the works of the message have become more.</summary>
    private int WriteRest(Writes writes, long seq)
    {
        foreach (var e in transition.Events)
        {
            writes.InsertEvent(seq, e);
        }

        var joined = 0;
        foreach (var next in transition.Next)
        {
            var detail = transition.JoinsNotices ? Join(writes, seq, next.Detail, out joined) : next.Detail;
            // What is done at once needs no domain: it would be written only to be removed.
            var domain = next.DueAt > transition.At ? WorkDomain.Of(next.Queue, transition.Follows.Work.Envelope, detail) : null;
            Next.Add((next.Queue, writes.InsertWork(seq, (int)next.Queue, next.DueAt,
                JsonSerializer.SerializeToUtf8Bytes(detail, SpoolJson.Default.WorkDetail), domain, detail.Route)));
        }

        return transition.Next.Count - joined;
    }

    private static WorkDetail Join(Writes writes, long seq, WorkDetail notice, out int joined)
    {
        List<WorkDetail> notices = [notice];
        foreach (var (work, json) in writes.Notices(seq))
        {
            if (Read(json) is { MayJoin: true, Recipients: not null } other && notices.Sum(n => n.Recipients!.Count) < MaxJoined)
            {
                notices.Add(other);
                writes.EndWork(work);
            }
        }

        joined = notices.Count - 1;
        return joined == 0 ? notice : WorkDetail.Join(notices) with { MayJoin = notice.MayJoin };
    }

    /// <summary>One that cannot be read is left to its own lease, which sets it aside.</summary>
    private static WorkDetail? Read(byte[] json)
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
}

/// <summary>A small change that needs no class of its own.</summary>
internal sealed class SmallJob(Action<Writes> run, Action? committed = null) : WriteJob
{
    public override void Run(Writes writes) => run(writes);

    public override void Committed() => committed?.Invoke();
}
