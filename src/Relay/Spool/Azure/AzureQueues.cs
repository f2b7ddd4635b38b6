namespace Relay.Spool.Azure;

/// <summary>Puts works into their queues, and wakes who waits for them in this process.</summary>
internal sealed class AzureQueues(TimeProvider time)
{
    /// <summary>A queue keeps a message invisible for seven days at most: a work that is due later is put again when it is read before its time.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(7) - TimeSpan.FromHours(1);

    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);
    private readonly Lock gate = new();
    private readonly TaskCompletionSource[] arrived = [.. Enum.GetValues<WorkQueue>().Select(_ => NewSignal())];

    /// <summary>Puts a work into its queue, to be seen when it is due.</summary>
    /// <param name="shard">Where it is.</param>
    /// <param name="work">Its row.</param>
    /// <param name="copy">All that it needs; null to have it looked up.</param>
    /// <param name="isFirst">It is run without a look at its row, the first time.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task PutAsync(AzureShard shard, WorkRow work, WorkCopy? copy = null, bool isFirst = false, CancellationToken cancel = default)
    {
        var message = new QueueMessage
        {
            Message = work.Id.ToString(),
            Queue = work.Queue,
            Work = work.Name,
            Shard = shard.Name,
            DueAt = work.DueAt,
            IsFirst = isFirst,
            Copy = copy,
        };
        await PutAsync(shard, message, cancel);
    }

    /// <summary>Puts a message into a queue, to be seen when it is due.</summary>
    public async Task PutAsync(AzureShard shard, QueueMessage message, CancellationToken cancel = default)
    {
        var queue = message.Queue;
        var delay = DelayUntil(message.DueAt);
        await AzureFault.MapAsync($"put work of {message.Message} into {queue}", () => shard.QueueOf(queue).SendMessageAsync(
            message.ToText(), delay > TimeSpan.Zero ? delay : null, Forever, cancel));
        Signal(queue);
    }

    /// <summary>How long a work that is due then is not to be seen, in whole seconds and at most as long as a queue can.</summary>
    public TimeSpan DelayUntil(DateTimeOffset due)
    {
        var delay = due - time.GetUtcNow();
        return delay <= TimeSpan.Zero ? TimeSpan.Zero
            : delay >= MaxDelay ? MaxDelay
            : TimeSpan.FromSeconds(Math.Ceiling(delay.TotalSeconds));
    }

    /// <summary>Ends when something comes into a queue through this process. Take it before looking, so that nothing is missed.</summary>
    public Task Arrived(WorkQueue queue)
    {
        lock (gate)
        {
            return arrived[(int)queue].Task;
        }
    }

    /// <summary>There may be something in a queue.</summary>
    public void Signal(WorkQueue queue)
    {
        TaskCompletionSource old;
        lock (gate)
        {
            old = arrived[(int)queue];
            arrived[(int)queue] = NewSignal();
        }

        old.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
