using Microsoft.Extensions.Logging;
using Relay.Telemetry;

namespace Relay.Spool.Azure;

/// <summary>Puts works into their queues again that nobody has done in time: their message was lost, or never put.</summary>
internal sealed partial class LostWorks(AzureQueues queues, TimeProvider time, ILogger log)
{
    /// <summary>
    /// How long a work may be late. Its message may only be waiting in a long queue: each time it is put again it may be twice as late.
    /// </summary>
    private static readonly TimeSpan MaxLateness = TimeSpan.FromMinutes(10);

    private const int MaxDoublings = 6;

    /// <summary>Looks at the works of one message, read with its events.</summary>
    public async Task PutAgainAsync(MessageRows rows, CancellationToken cancel)
    {
        foreach (var work in rows.Works.Where(work => work.State == WorkRowState.Waiting))
        {
            if (work.Parent is { } parent && !rows.Events.Any(e => e.Name == parent && e.Run == work.Run))
            {
                await RemoveUnlessItMayCountAsync(rows, work, parent, cancel);
            }
            else if (IsLost(work))
            {
                await PutAgainAsync(rows.Shard, work, cancel);
            }
        }
    }

    private bool IsLost(WorkRow work)
    {
        var now = time.GetUtcNow();
        var since = work.PutAt is { } put && put > work.DueAt ? put : work.DueAt;
        return now - since > MaxLateness * (1 << Math.Min(work.PutAgain, MaxDoublings)) && !(work.ClaimedUntil > now);
    }

    /// <summary>Who begins it has to claim it from then on: another message for it may still come.</summary>
    private async Task PutAgainAsync(AzureShard shard, WorkRow work, CancellationToken cancel)
    {
        var again = work with { PutAgain = work.PutAgain + 1, PutAt = time.GetUtcNow() };
        if (await shard.TrySubmitAsync($"put work of {work.Id} again", [AzureTables.Replace(again.ToEntity(), work.ETag)], cancel))
        {
            LogPutAgain(work.Id, work.Name, work.Queue);
            await queues.PutAsync(shard, again, cancel: cancel);
        }
    }

    /// <summary>It was written before its parent ended. A parent that ended by another run has works of its own.</summary>
    private static async Task RemoveUnlessItMayCountAsync(MessageRows rows, WorkRow work, string parent, CancellationToken cancel)
    {
        if (!rows.Works.Any(other => other.Name == parent))
        {
            await rows.Shard.TrySubmitAsync($"remove work of {work.Id}",
                [AzureTables.Delete(RowKeys.PartitionOf(work.Id), RowKeys.Work(work.Id, work.Name), work.ETag)], cancel);
        }
    }

    [LoggerMessage(EventIds.AzurePutAgain, LogLevel.Warning, "{MessageId} work {Work} of {Queue} was not done in time, and was put into its queue again")]
    private partial void LogPutAgain(Mail.MessageId messageId, string work, WorkQueue queue);
}
