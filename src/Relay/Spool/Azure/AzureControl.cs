using System.Runtime.CompilerServices;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>
/// Does what an operator asks for, message by message and work by work: each is a transaction over the rows as they were read. Which works an
/// attempt is being made for shows in no row: those that are due may be among them, and are left alone.
/// </summary>
internal sealed class AzureControl(AzureShards shards, AzureQueues queues, TimeProvider time)
{
    /// <summary>Messages that are changed at once.</summary>
    private const int AtOnce = 8;

    /// <summary>Others change rows of the message meanwhile: each time they are read anew.</summary>
    private const int MaxTries = 10;

    private int written;

    /// <summary>Does it to all that is selected.</summary>
    public async Task<QueueChange> RunAsync(QueueAction action, QueueSelection selection, CancellationToken cancel)
    {
        var order = ControlOrder.Of(action, selection, time);
        var tally = new ControlCounts();
        if (selection.Message is { } message)
        {
            await ChangeAsync(order, message, tally, cancel);
            return tally.ToChange();
        }

        await Parallel.ForEachAsync(
            SelectedAsync(order, cancel),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            async (found, stop) => await ChangeAsync(order with { At = time.GetUtcNow() }, found.Shard, found.Id, tally, stop));
        return tally.ToChange();
    }

    /// <summary>Messages with works that the order may be about. What it makes of a work does not come again: it is none that it is about.</summary>
    private async IAsyncEnumerable<FoundWork> SelectedAsync(ControlOrder order, [EnumeratorCancellation] CancellationToken cancel)
    {
        MessageId? last = null;
        var works = WorkScan.AllAsync(shards, order.Action == QueueAction.Release ? WorkRowState.Held : null, cancel).GetAsyncEnumerator(cancel);
        await using (works)
        {
            while (await AzureFault.MapAsync("go through the queue", async () => await works.MoveNextAsync()))
            {
                var work = works.Current;
                if (work.Id != last && (order.Domain is null || work.Domain is null || work.Domain == order.Domain))
                {
                    last = work.Id;
                    yield return work;
                }
            }
        }
    }

    /// <summary>A message that is named: what of it is in quarantine is released too.</summary>
    private async Task ChangeAsync(ControlOrder order, MessageId id, ControlCounts tally, CancellationToken cancel)
    {
        foreach (var shard in shards.LookFor(id))
        {
            if (await ChangeAsync(order, shard, id, tally, cancel))
            {
                if (order.Action == QueueAction.Release)
                {
                    await ReleaseQuarantinedAsync(order, shard, id, tally, cancel);
                }

                return;
            }
        }
    }

    /// <summary>False when the shard does not have the message.</summary>
    private async Task<bool> ChangeAsync(ControlOrder order, AzureShard shard, MessageId id, ControlCounts tally, CancellationToken cancel)
    {
        if (await ReadAsync(shard, id, cancel) is not { } rows)
        {
            return false;
        }

        foreach (var name in rows.Works.Where(work => order.IsFor(work.Queue, work.State == WorkRowState.SetAside)).Select(work => work.Name).ToList())
        {
            var tries = 0;
            while (ControlPlan.Of(order, rows, name, EventName(order)) is { } plan)
            {
                if (plan.Rows.Count == 0 || await shard.TrySubmitAsync($"change the queue of {id}", plan.Rows, cancel))
                {
                    await TakeAsync(shard, id, plan, tally, cancel);
                    if (!plan.HasMore)
                    {
                        break;
                    }
                }
                else if (++tries == MaxTries)
                {
                    throw new SpoolException(SpoolFault.Unavailable, $"cannot change the queue of {id}: its rows change all the time");
                }

                if (await ReadAsync(shard, id, cancel) is not { } now)
                {
                    break;
                }

                rows = now;
            }
        }

        return true;
    }

    private async Task ReleaseQuarantinedAsync(ControlOrder order, AzureShard shard, MessageId id, ControlCounts tally, CancellationToken cancel)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await ReadAsync(shard, id, cancel) is not { HasContent: true } rows || ControlPlan.Quarantined(order, rows, EventName(order)) is not { } plan)
            {
                return;
            }

            if (await shard.TrySubmitAsync($"release {id}", plan.Rows, cancel))
            {
                await TakeAsync(shard, id, plan, tally, cancel);
                tries = plan.HasMore ? 0 : MaxTries;
            }
        }
    }

    /// <summary>The change stands: what cannot be put now is left to the sweep.</summary>
    private async Task TakeAsync(AzureShard shard, MessageId id, ControlPlan plan, ControlCounts tally, CancellationToken cancel)
    {
        tally.Add(id, plan);
        if (plan.Ready is { } work)
        {
            await queues.PutAsync(shard, work, cancel: cancel);
        }
    }

    private static Task<MessageRows?> ReadAsync(AzureShard shard, MessageId id, CancellationToken cancel) =>
        MessageRows.ReadAsync(shard, id, withEvents: true, cancel);

    /// <summary>In the order in which things are done, also by several at the same time.</summary>
    private string EventName(ControlOrder order) => $"op-{order.At.UtcTicks:x16}-{Interlocked.Increment(ref written):x8}-{Guid.NewGuid():n}"[..40];
}

/// <summary>Adds up what an order changed.</summary>
internal sealed class ControlCounts
{
    private readonly System.Threading.Lock gate = new();
    private readonly HashSet<MessageId> messages = [];
    private int recipients;
    private int inFlight;

    public void Add(MessageId message, ControlPlan plan)
    {
        lock (gate)
        {
            recipients += plan.Changed;
            inFlight += plan.InFlight;
            if (plan.Changed > 0)
            {
                messages.Add(message);
            }
        }
    }

    public QueueChange ToChange() => new(messages.Count, recipients, inFlight);
}
