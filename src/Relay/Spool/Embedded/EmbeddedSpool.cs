using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Relay.Mail;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Spool.Embedded;

/// <summary>
/// The spool of one machine: SQLite in one data folder, large content in files beside it. One process has it open.
/// </summary>
public sealed partial class EmbeddedSpool : ISpool
{
    private const int SweepBatch = 200;
    private readonly DataFolder folder;
    private readonly GroupCommitWriter writer;
    private readonly EmbeddedStatusReader reader;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly WorkSource[] sources;
    private readonly ConcurrentDictionary<string, SpillingContent> receiving = new();
    private readonly WorkControl control;
    private int disposed;

    private EmbeddedSpool(DataFolder folder, TimeProvider time, ILogger log)
    {
        this.folder = folder;
        this.time = time;
        this.log = log;
        writer = new GroupCommitWriter(Schema.OpenWriter(folder.Database));
        reader = new EmbeddedStatusReader(folder);
        sources = [.. Enum.GetValues<WorkQueue>().Select(queue => new WorkSource(queue, folder.Database, time))];
        control = new WorkControl(reader, writer, sources, time, DeleteContentFile);
    }

    /// <summary>Opens the spool of a data folder, and makes it where there is none.</summary>
    /// <exception cref="SpoolException">The folder is in use or cannot be written; the message says what to do.</exception>
    public static EmbeddedSpool Open(string dataFolder, TimeProvider time, ILogger<EmbeddedSpool> log)
    {
        var folder = DataFolder.Lock(Path.GetFullPath(dataFolder));
        try
        {
            return new EmbeddedSpool(folder, time, log);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IContentWriter CreateContent(MessageId id)
    {
        var content = new SpillingContent(folder, id, closed => receiving.TryRemove(closed.Name, out _));
        receiving[content.Name] = content;
        return content;
    }

    /// <inheritdoc/>
    public async Task AcceptAsync(AcceptedMessage message, IContentWriter content)
    {
        var spilling = (SpillingContent)content;
        if (!spilling.IsInline)
        {
            await spilling.SyncAsync();
        }

        await writer.RunAsync(new AcceptJob(message, spilling, job =>
        {
            if (job.Fresh)
            {
                spilling.MarkAccepted();
                Source(WorkQueue.Accepted).Signal(job.First);
            }
        }));
    }

    /// <inheritdoc/>
    public async Task<bool> CommitAsync(Transition transition)
    {
        var job = new CommitJob(transition, OnCommitted);
        await writer.RunAsync(job);
        return job.Fresh;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Lease>> LeaseAsync(WorkQueue queue, int max, CancellationToken cancel)
    {
        while (true)
        {
            var (leases, unreadable) = await Source(queue).LeaseAsync(max, cancel);
            SpoolException? fault = null;
            foreach (var (work, cause) in unreadable)
            {
                try
                {
                    await SetAsideAsync(queue, work, Reasons.SpoolCorrupt, cause);
                }
                catch (SpoolException e)
                {
                    // It is found again later. The leases in hand must not be lost over it: nobody else would get them.
                    Source(queue).Release(work);
                    fault = e;
                }
            }

            if (leases.Count > 0)
            {
                return leases;
            }

            if (fault is not null)
            {
                throw fault;
            }
        }
    }

    /// <inheritdoc/>
    public async Task AbandonAsync(Lease lease, DateTimeOffset? notBefore = null)
    {
        var source = Source(lease.Work.Queue);
        if (notBefore is not { } due)
        {
            source.GiveBack(EmbeddedLease.IdOf(lease));
            return;
        }

        await writer.RunAsync(new SmallJob(writes => writes.DelayWork(EmbeddedLease.IdOf(lease), due)));
        source.End(EmbeddedLease.IdOf(lease));
        source.Signal(new WorkPlace(due.ToUnixTimeMilliseconds(), EmbeddedLease.IdOf(lease)));
    }

    /// <inheritdoc/>
    public Task SetAsideAsync(Lease lease, string reason, string detail) =>
        SetAsideAsync(lease.Work.Queue, EmbeddedLease.IdOf(lease), reason, detail);

    /// <inheritdoc/>
    public ValueTask<MessageStatus?> StatusAsync(MessageId id, CancellationToken cancel) => reader.StatusAsync(id, cancel);

    /// <inheritdoc/>
    public ValueTask<MessageId?> FindAsync(MessageId first, MessageId last, CancellationToken cancel) => reader.FindAsync(first, last, cancel);

    /// <inheritdoc/>
    public ValueTask<StatusPage> SearchAsync(StatusQuery query, CancellationToken cancel) => reader.SearchAsync(query, cancel);

    /// <inheritdoc/>
    public ValueTask<QueuePage> QueueAsync(QueueQuery query, CancellationToken cancel) => reader.QueueAsync(query, cancel);

    /// <inheritdoc/>
    public ValueTask<QueueSummary> QueueSummaryAsync(CancellationToken cancel) => reader.QueueSummaryAsync(cancel);

    /// <inheritdoc/>
    public ValueTask<Stream?> OpenContentAsync(MessageId id, CancellationToken cancel) => reader.OpenContentAsync(id, cancel);

    /// <inheritdoc/>
    public async Task<bool> ReportAsync(MessageId about, RemoteReport report)
    {
        var job = new ReportJob(about, report, time.GetUtcNow(), place => Source(WorkQueue.Report).Signal(place));
        await writer.RunAsync(job);
        return job.IsKnown;
    }

    /// <inheritdoc/>
    public Task<QueueChange> ControlAsync(QueueAction action, QueueSelection selection, CancellationToken cancel) =>
        control.RunAsync(action, selection, cancel);

    /// <inheritdoc/>
    public async Task<int> SweepAsync(DateTimeOffset endedBefore, CancellationToken cancel)
    {
        var removed = 0;
        while (reader.EndedBefore(endedBefore, SweepBatch) is { Count: > 0 } ended)
        {
            cancel.ThrowIfCancellationRequested();
            List<string?> files = [];
            await writer.RunAsync(new SmallJob(
                writes => files = ended.ConvertAll(message => Remove(writes, message)),
                () => files.ForEach(DeleteContentFile)));
            removed += ended.Count;
        }

        RemoveOrphanedContent(cancel);
        return removed;
    }

    /// <inheritdoc/>
    public async ValueTask<string?> WhyNotWritableAsync(CancellationToken cancel)
    {
        try
        {
            await writer.RunAsync(new SmallJob(writes => writes.Probe(time.GetUtcNow()))).WaitAsync(cancel);
            return null;
        }
        catch (SpoolException e)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        control.Dispose();

        // The writer goes last: the last connection folds the WAL back into the database.
        foreach (var source in sources)
        {
            source.Dispose();
        }

        await reader.DisposeAsync();
        await writer.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>Any change, for tests that break something.</summary>
    internal Task RunForTestAsync(Action<Writes> change) => writer.RunAsync(new SmallJob(change));

    /// <summary>A report may have given it work since it was looked for: then it stays.</summary>
    private static string? Remove(Writes writes, long message) =>
        writes.DeleteEndedMessage(message) ? writes.DeleteContent(message) : null;

    private WorkSource Source(WorkQueue queue) => sources[(int)queue];

    private void OnCommitted(CommitJob job)
    {
        var lease = job.Transition.Follows;
        Source(lease.Work.Queue).End(EmbeddedLease.IdOf(lease));
        foreach (var (queue, place) in job.Next)
        {
            Source(queue).Signal(place);
        }

        DeleteContentFile(job.FileThatIsOver);
    }

    private async Task SetAsideAsync(WorkQueue queue, long work, string reason, string detail)
    {
        RelayTelemetry.SetAside.Add(1, new KeyValuePair<string, object?>("reason", reason));
        LogSetAside(work, reason, detail);
        var e = new StatusEvent { At = time.GetUtcNow(), Kind = StatusEvents.SetAside, Reason = reason, Detail = detail };
        await writer.RunAsync(new SmallJob(writes =>
        {
            if (writes.SetWorkAside(work) is { } message)
            {
                writes.InsertEvent(message, e);
            }
        }));
        Source(queue).End(work);
    }

    /// <summary>On the writer's thread, after the commit: a file that cannot be removed now is an orphan for the sweep.</summary>
    private void DeleteContentFile(string? name)
    {
        if (name is null)
        {
            return;
        }

        try
        {
            File.Delete(folder.ContentFile(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The commit stands, and so must the writer: an exception here would end the process.
        }
    }

    /// <summary>A crash between the file and its row leaves a file that no message knows.</summary>
    private void RemoveOrphanedContent(CancellationToken cancel)
    {
        foreach (var file in Directory.EnumerateFiles(folder.ContentFolder))
        {
            cancel.ThrowIfCancellationRequested();
            var name = Path.GetFileName(file);
            if (!receiving.ContainsKey(name) && !reader.KnowsContentFile(name))
            {
                File.Delete(file);
            }
        }
    }

    [LoggerMessage(EventIds.WorkSetAside, LogLevel.Error, "work {Work} set aside, {Reason}: {Detail}")]
    private partial void LogSetAside(long work, string reason, string detail);
}
