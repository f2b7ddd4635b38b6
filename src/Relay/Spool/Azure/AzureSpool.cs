using Microsoft.Extensions.Logging;
using Relay.Mail;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Spool.Azure;

/// <summary>The spool on Azure Storage, for any number of processes. <c>docs/decisions/0011-the-spool-on-azure-storage.md</c> says how.</summary>
public sealed partial class AzureSpool : ISpool
{
    private readonly AzureShards shards;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly AzureStatusReader reader;
    private readonly AzureQueues queues;
    private readonly AzureHeld held;
    private readonly AzureAccept accept;
    private readonly AzureReport report;
    private readonly AzureCommit commit;
    private readonly AzureLeases leases;
    private readonly AzureControl control;
    private readonly AzureSweep sweep;

    /// <summary>A spool in these shards. Nothing is asked yet; <see cref="AzureShards.EnsureAsync"/> tells whether all is there.</summary>
    public AzureSpool(AzureShards shards, TimeProvider time, ILogger<AzureSpool> log)
    {
        this.shards = shards;
        this.time = time;
        this.log = log;
        reader = new AzureStatusReader(shards);
        queues = new AzureQueues(time);
        held = new AzureHeld();
        accept = new AzureAccept(queues, time, log);
        report = new AzureReport(shards, queues, time);
        commit = new AzureCommit(queues, log);
        leases = new AzureLeases(shards, queues, held, time, log);
        control = new AzureControl(shards, queues, time);
        sweep = new AzureSweep(shards, queues, time, log);
    }

    /// <inheritdoc/>
    public IContentWriter CreateContent(MessageId id) => new AzureContentWriter(shards.Of(id), id, time);

    /// <inheritdoc/>
    public Task AcceptAsync(AcceptedMessage message, IContentWriter content) => accept.RunAsync(message, (AzureContentWriter)content);

    /// <inheritdoc/>
    public async Task<bool> CommitAsync(Transition transition)
    {
        var isFresh = await commit.RunAsync(transition);
        await leases.EndAsync(AzureLease.HoldOf(transition.Follows));
        return isFresh;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Lease>> LeaseAsync(WorkQueue queue, int max, CancellationToken cancel) => leases.LeaseAsync(queue, max, cancel);

    /// <summary>
    /// The work of a queue message that a host has leased, such as that of Azure Functions; the host renews and ends the lease. Null when
    /// there is nothing to do: the work has ended, is held or set aside, is done by somebody else, or is not due and was put again.
    /// </summary>
    /// <param name="text">The message, in base64 or not.</param>
    /// <param name="dequeueCount">How often it was taken, this time counted in.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="SpoolException">It cannot be read now; with <see cref="SpoolFault.Corrupt"/> never.</exception>
    public Task<Lease?> ReadLeaseAsync(string text, int dequeueCount, CancellationToken cancel) => leases.ReadAsync(text, dequeueCount, cancel);

    /// <inheritdoc/>
    public Task AbandonAsync(Lease lease, DateTimeOffset? notBefore = null) => leases.AbandonAsync((AzureLease)lease, notBefore);

    /// <inheritdoc/>
    public Task SetAsideAsync(Lease lease, string reason, string detail) => leases.SetAsideAsync(AzureLease.HoldOf(lease), reason, detail);

    /// <inheritdoc/>
    public Task<bool> ReportAsync(MessageId about, RemoteReport told) => report.RunAsync(about, told);

    /// <inheritdoc/>
    public Task<QueueChange> ControlAsync(QueueAction action, QueueSelection selection, CancellationToken cancel) =>
        control.RunAsync(action, selection, cancel);

    /// <inheritdoc/>
    public Task<int> SweepAsync(DateTimeOffset endedBefore, CancellationToken cancel) => sweep.RunAsync(endedBefore, cancel);

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

    /// <summary>Of a message that is leased here it is known where its content is; of others that is looked up.</summary>
    public async ValueTask<Stream?> OpenContentAsync(MessageId id, CancellationToken cancel) => held.Find(id) is { Content: { } content } hold
        ? await AzureContent.OpenAsync(hold.Shard, id, content, cancel)
        : await reader.OpenContentAsync(id, cancel);

    /// <inheritdoc/>
    public async ValueTask<string?> WhyNotWritableAsync(CancellationToken cancel)
    {
        try
        {
            await Task.WhenAll(shards.All.Select(shard => shard.ProbeAsync(time.GetUtcNow(), cancel)));
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
        await leases.DisposeAsync();
        await reader.DisposeAsync();
    }
}
