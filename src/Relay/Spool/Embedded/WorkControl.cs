using Relay.Mail;

namespace Relay.Spool.Embedded;

/// <summary>
/// Does what an operator asks for: finds the works, then changes them in pieces, each a transaction between those of mail that
/// comes and goes. A work is held like a lease while it is changed, so that no attempt begins meanwhile; what an attempt holds is
/// left alone. One at a time.
/// </summary>
internal sealed class WorkControl(
    EmbeddedStatusReader reader, GroupCommitWriter writer, WorkSource[] sources, TimeProvider time, Action<string?> deleteContentFile)
    : IDisposable
{
    /// <summary>Works that are changed in one transaction: the writer is busy with them for some milliseconds.</summary>
    private const int MaxPiece = 200;

    private readonly SemaphoreSlim one = new(1);
    private readonly CancellationTokenSource closing = new();

    public async Task<QueueChange> RunAsync(QueueAction action, QueueSelection selection, CancellationToken cancel)
    {
        var order = ControlOrder.Of(action, selection, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, closing.Token);
        cancel = either.Token;
        await one.WaitAsync(cancel);
        try
        {
            var tally = new ControlTally();
            var works = reader.WorksOf(selection.Message, order.Domain).Where(work => order.IsFor(QueuedWork.QueueOf(work.Number), work.Number < 0));
            foreach (var piece in works.Chunk(MaxPiece))
            {
                cancel.ThrowIfCancellationRequested();
                await ChangeAsync(order with { At = time.GetUtcNow() }, piece, tally);
            }

            if (action == QueueAction.Release && selection.Message is { } message)
            {
                await ReleaseQuarantinedAsync(message, selection.Note, tally);
            }

            return tally.ToChange();
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Ends what is under way after the piece that is being changed.</summary>
    public void Dispose()
    {
        closing.Cancel();
        one.Wait();
        one.Dispose();
        closing.Dispose();
    }

    private async Task ChangeAsync(ControlOrder order, FoundWork[] piece, ControlTally tally)
    {
        var mine = piece.Where(work => !IsReady(work) || Source(work).TryHold(work.Place)).ToHashSet();
        try
        {
            await writer.RunAsync(new ControlJob(order, piece, mine, job =>
            {
                tally.Add(job);
                job.FilesThatAreOver.ForEach(deleteContentFile);
            }));
        }
        finally
        {
            foreach (var source in mine.Where(IsReady).GroupBy(Source))
            {
                foreach (var work in source)
                {
                    source.Key.Release(work.Place.Id);
                }

                source.Key.Signal(WorkPlace.Last);
            }

            foreach (var (queue, place) in tally.TakeReady())
            {
                sources[(int)queue].Signal(place);
            }
        }
    }

    private async Task ReleaseQuarantinedAsync(MessageId id, string? note, ControlTally tally)
    {
        var job = new ReleaseQuarantinedJob(id, note, time.GetUtcNow());
        await writer.RunAsync(job);
        if (job.Work is { } place)
        {
            tally.Add(job);
            sources[(int)WorkQueue.Accepted].Signal(place);
        }
    }

    private static bool IsReady(FoundWork work) => work.Number is >= 0 and < Schema.Held;

    private WorkSource Source(FoundWork work) => sources[(int)QueuedWork.QueueOf(work.Number)];
}

/// <summary>A work as it was found; it may have ended since.</summary>
internal readonly record struct FoundWork(int Number, WorkPlace Place);

/// <summary>Adds up what the pieces of an order changed.</summary>
internal sealed class ControlTally
{
    private readonly HashSet<long> messages = [];
    private readonly Dictionary<WorkQueue, WorkPlace> ready = [];
    private int recipients;
    private int inFlight;

    public void Add(ControlJob job)
    {
        messages.UnionWith(job.Messages);
        recipients += job.Recipients;
        inFlight += job.InFlight;
        foreach (var (queue, place) in job.Ready)
        {
            ready[queue] = ready.TryGetValue(queue, out var earliest) ? WorkPlace.Earlier(earliest, place) : place;
        }
    }

    public void Add(ReleaseQuarantinedJob job)
    {
        messages.Add(job.Message);
        recipients += job.Recipients;
    }

    /// <summary>The earliest work of each queue that can be leased since the last time.</summary>
    public List<KeyValuePair<WorkQueue, WorkPlace>> TakeReady()
    {
        var all = ready.ToList();
        ready.Clear();
        return all;
    }

    public QueueChange ToChange() => new(messages.Count, recipients, inFlight);
}
