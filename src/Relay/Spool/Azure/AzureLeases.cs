using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Spool.Azure;

/// <summary>Hands out works that are due: those that a host has leased for us, and those that we take from the queues ourselves.</summary>
internal sealed partial class AzureLeases : IAsyncDisposable
{
    /// <summary>How long a message that was taken is invisible to others, unless that is renewed.</summary>
    internal static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(5);

    /// <summary>A work that was taken so often, and never given back, ends whoever begins it.</summary>
    private const int MaxDequeues = 20;

    private const int MaxAtOnce = 32;
    private static readonly TimeSpan MinPoll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxPoll = TimeSpan.FromSeconds(5);
    private readonly AzureShards shards;
    private readonly AzureQueues queues;
    private readonly AzureHeld held;
    private readonly LeaseReader reader;
    private readonly LeaseRenewal renewal;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource closing = new();
    private readonly SemaphoreSlim[] one = [.. Enum.GetValues<WorkQueue>().Select(_ => new SemaphoreSlim(1))];
    private int turn;

    public AzureLeases(AzureShards shards, AzureQueues queues, AzureHeld held, TimeProvider time, ILogger log)
    {
        this.shards = shards;
        this.queues = queues;
        this.held = held;
        this.time = time;
        this.log = log;
        reader = new LeaseReader(shards, time);
        renewal = new LeaseRenewal(held, time, log);
    }

    /// <summary>Waits until something is due.</summary>
    public async ValueTask<IReadOnlyList<Lease>> LeaseAsync(WorkQueue queue, int max, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, closing.Token);
        cancel = either.Token;
        await one[(int)queue].WaitAsync(cancel);
        try
        {
            for (var poll = MinPoll; ; poll = poll * 2 < MaxPoll ? poll * 2 : MaxPoll)
            {
                cancel.ThrowIfCancellationRequested();
                var arrived = queues.Arrived(queue);
                var leases = await TakeAsync(queue, max);
                if (cancel.IsCancellationRequested)
                {
                    await Task.WhenAll(leases.Select(lease => AbandonAsync(lease, null)));
                    cancel.ThrowIfCancellationRequested();
                }

                if (leases.Count > 0)
                {
                    return [.. leases.OrderBy(lease => lease.Work.Message.ToString(), StringComparer.Ordinal)];
                }

                using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                await Task.WhenAny(arrived, Task.Delay(poll, time, timer.Token));
                await timer.CancelAsync();
            }
        }
        finally
        {
            one[(int)queue].Release();
        }
    }

    /// <summary>The work of a message that a host has leased; null when there is nothing to do.</summary>
    public async Task<Lease?> ReadAsync(string text, int dequeues, CancellationToken cancel)
    {
        if (QueueMessage.Read(text) is not { } message)
        {
            LogUnreadable(text.Length);
            return null;
        }

        return await ReadAsync(message, dequeues, came: null, cancel);
    }

    /// <summary>Gives a work back.</summary>
    public async Task AbandonAsync(AzureLease lease, DateTimeOffset? notBefore)
    {
        var hold = lease.Hold;
        if (hold.HasEnded)
        {
            return;
        }

        if (notBefore is { } due)
        {
            await ChangeAsync(hold, row => (row["DueAt"], row["ClaimedUntil"]) = (due, due));
            await queues.PutAsync(hold.Shard, MessageOf(hold, due));
            await EndAsync(hold);
            return;
        }

        held.End(hold);
        if (hold.HasClaim)
        {
            await ChangeAsync(hold, row => row["ClaimedUntil"] = time.GetUtcNow());
        }

        if (hold.Came is { } came)
        {
            await AzureFault.MapAsync("give work back", () => came.ShowAsync(PauseAfter(came.Dequeues)));
            queues.Signal(hold.Queue);
        }
    }

    /// <summary>Sets a work aside: an operator decides.</summary>
    public async Task SetAsideAsync(AzureHold hold, string reason, string detail)
    {
        await SetAsideAsync(hold.Shard, hold.Message, hold.Work, hold.Depth, reason, detail);
        await EndAsync(hold);
    }

    /// <summary>The work is done: its queue message goes. One that stays comes again, and finds nothing to do.</summary>
    public async Task EndAsync(AzureHold hold)
    {
        held.End(hold);
        if (hold.Came is { } came)
        {
            await came.TryDeleteAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        foreach (var semaphore in one)
        {
            await semaphore.WaitAsync();
        }

        await renewal.DisposeAsync();
        closing.Dispose();
    }

    /// <summary>What is there now. Every shard in turn is asked first.</summary>
    public async Task<List<AzureLease>> TakeAsync(WorkQueue queue, int max)
    {
        List<AzureLease> taken = [];
        SpoolException? fault = null;
        var first = Interlocked.Increment(ref turn);
        for (var n = 0; n < shards.All.Count && taken.Count < max; n++)
        {
            var shard = shards.All[(int)((uint)(first + n) % (uint)shards.All.Count)];
            try
            {
                await TakeAsync(shard, queue, max, taken);
            }
            catch (SpoolException e)
            {
                fault = e;
            }
        }

        return fault is null || taken.Count > 0 ? taken : throw fault;
    }

    private async Task TakeAsync(AzureShard shard, WorkQueue queue, int max, List<AzureLease> taken)
    {
        var client = shard.QueueOf(queue);
        int asked, got;
        do
        {
            asked = Math.Min(MaxAtOnce, max - taken.Count);

            // Not to be cancelled: what storage has handed out would be invisible to all.
            var messages = (await AzureFault.MapAsync($"take work from {queue}", () => client.ReceiveMessagesAsync(asked, LeaseTime))).Value;
            got = messages.Length;
            var read = await Task.WhenAll(messages.Select(message =>
                ReadAsync(message, new HeldMessage(client, message.MessageId, message.PopReceipt, (int)message.DequeueCount, time.GetUtcNow()))));
            taken.AddRange(read.OfType<AzureLease>());
        }
        while (got == asked && taken.Count < max);
    }

    /// <summary>Null when there is nothing to do; the message has gone then, or comes again at its time.</summary>
    private async Task<AzureLease?> ReadAsync(global::Azure.Storage.Queues.Models.QueueMessage raw, HeldMessage came)
    {
        try
        {
            if (QueueMessage.Read(raw.MessageText) is not { } message)
            {
                LogUnreadable(raw.MessageText.Length);
                await came.TryDeleteAsync();
                return null;
            }

            var lease = await ReadAsync(message, came.Dequeues, came, default);
            if (lease is null)
            {
                await came.TryDeleteAsync();
                return null;
            }

            if (came.Dequeues > MaxDequeues)
            {
                await SetAsideAsync(lease.Hold, Reasons.InternalError, $"it was begun {came.Dequeues - 1} times and never ended");
                return null;
            }

            return lease;
        }
        catch (SpoolException)
        {
            await came.TryShowAsync(MaxPoll + PauseAfter(came.Dequeues));
            return null;
        }
    }

    private async Task<AzureLease?> ReadAsync(QueueMessage message, int dequeues, HeldMessage? came, CancellationToken cancel)
    {
        try
        {
            var (lease, again) = await reader.ReadAsync(message, dequeues, came, cancel);
            if (again is not null && shards.Named(message.Shard) is { } shard)
            {
                await queues.PutAsync(shard, again with { IsFirst = false, Copy = null }, cancel);
            }

            if (lease is not null)
            {
                held.Add(lease.Hold);
                renewal.Start();
            }

            return lease;
        }
        catch (SpoolException e) when (e.Fault == SpoolFault.Corrupt && shards.Named(message.Shard) is { } shard && Mail.MessageId.TryParse(message.Message, out var id))
        {
            await SetAsideAsync(shard, id, message.Work, 1, Reasons.SpoolCorrupt, e.Message);
            return null;
        }
    }

    private static QueueMessage MessageOf(AzureHold hold, DateTimeOffset due) => new()
    {
        Message = hold.Message.ToString(),
        Queue = hold.Queue,
        Work = hold.Work,
        Shard = hold.Shard.Name,
        DueAt = due,
    };

    /// <summary>Who cannot do a work soon after it was taken is asked less and less often.</summary>
    private static TimeSpan PauseAfter(int dequeues) =>
        dequeues <= 3 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(LeaseTime.TotalSeconds, Math.Pow(2, dequeues - 3)));

    /// <summary>Changes the row of a work, if it is still there.</summary>
    private static Task<bool> ChangeAsync(AzureHold hold, Action<TableEntity> change)
    {
        var row = new TableEntity(RowKeys.PartitionOf(hold.Message), RowKeys.Work(hold.Message, hold.Work));
        change(row);
        return hold.Shard.TrySubmitAsync($"change work of {hold.Message}", [AzureTables.Change(row)], default);
    }

    private async Task SetAsideAsync(AzureShard shard, Mail.MessageId id, string work, int depth, string reason, string detail)
    {
        RelayTelemetry.SetAside.Add(1, new KeyValuePair<string, object?>("reason", reason));
        LogSetAside(id, work, reason, detail);
        var now = time.GetUtcNow();
        var line = new StatusEvent { At = now, Kind = StatusEvents.SetAside, Reason = reason, Detail = detail };
        var told = new EventRow { Id = id, Name = RowKeys.Hash($"{work}/aside/{now.UtcTicks}"), At = now, Depth = depth, Lines = [line] };
        var row = new TableEntity(RowKeys.PartitionOf(id), RowKeys.Work(id, work)) { ["State"] = (int)WorkRowState.SetAside };
        await shard.TrySubmitAsync($"set work of {id} aside", [AzureTables.Change(row), AzureTables.Put(told.ToEntity())], default);
    }

    [LoggerMessage(EventIds.WorkSetAside, LogLevel.Error, "{MessageId} work {Work} set aside, {Reason}: {Detail}")]
    private partial void LogSetAside(Mail.MessageId messageId, string work, string reason, string detail);

    [LoggerMessage(EventIds.AzureMessageUnreadable, LogLevel.Error, "a queue message of {Length} characters is none of ours, and was removed")]
    private partial void LogUnreadable(int length);
}
