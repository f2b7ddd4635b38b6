using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Relay.Mail;
using Relay.Telemetry;

namespace Relay.Spool.Azure;

/// <summary>
/// Finds what a crash has left, and what is over. Every message with work left still has its content: so the contents lead to lost works, and
/// to contents that are needed no more or belong to nothing. The table leads to messages past their retention.
/// </summary>
internal sealed partial class AzureSweep(AzureShards shards, AzureQueues queues, TimeProvider time, ILogger log)
{
    /// <summary>How long content and rows may be without a message: it is being received, or its accept broke off.</summary>
    private static readonly TimeSpan OrphanAge = TimeSpan.FromDays(1);

    /// <summary>How long content is left after the end: somebody may be reading it, or a report be just coming.</summary>
    private static readonly TimeSpan EndedContentAge = TimeSpan.FromMinutes(10);

    private const int AtOnce = 8;
    private readonly LostWorks lost = new(queues, time, log);

    /// <summary>Sweeps all shards.</summary>
    /// <returns>How many messages were removed.</returns>
    public async Task<int> RunAsync(DateTimeOffset endedBefore, CancellationToken cancel)
    {
        var removed = 0;
        foreach (var shard in shards.All)
        {
            await SweepContentsAsync(shard, cancel);
            removed += await RemoveEndedAsync(shard, endedBefore, cancel);
        }

        return removed;
    }

    private Task SweepContentsAsync(AzureShard shard, CancellationToken cancel) => AzureFault.MapAsync($"sweep the contents of {shard.Name}", () =>
        Parallel.ForEachAsync(shard.Content.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix: null, cancel),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            async (blob, cancel) =>
            {
                if (AzureContent.IdOf(blob.Name) is { } id)
                {
                    await SweepContentAsync(shard, id, blob.Name, cancel);
                }
            }));

    private async Task SweepContentAsync(AzureShard shard, MessageId id, string blob, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var rows = await MessageRows.ReadAsync(shard, id, withEvents: true, cancel);
        if (rows?.Message.Content.Blob != blob)
        {
            if (RowKeys.HourOf(id) < RowKeys.HourOf(now - OrphanAge))
            {
                LogOrphan(id);
                await shard.Content.DeleteBlobIfExistsAsync(blob, cancellationToken: cancel);
                await RemoveOrphanedRowsAsync(shard, id, rows, cancel);
            }

            return;
        }

        if (rows.Works.Count > 0)
        {
            await lost.PutAgainAsync(rows, cancel);
        }
        else if (!rows.HasContent && now - rows.EndedAt > EndedContentAge)
        {
            await shard.Content.DeleteBlobIfExistsAsync(blob, cancellationToken: cancel);
        }
    }

    /// <summary>Recipients that were written before their message, which never came.</summary>
    private static async Task RemoveOrphanedRowsAsync(AzureShard shard, MessageId id, MessageRows? rows, CancellationToken cancel)
    {
        if (rows is null)
        {
            var filter = $"PartitionKey eq '{RowKeys.PartitionOf(id)}' and RowKey ge '{RowKeys.Prefix(id)}' and RowKey lt '{RowKeys.End(id)}'";
            await foreach (var page in shard.Status.QueryAsync<TableEntity>(filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancel).AsPages())
            {
                await RemoveAsync(shard, id, page.Values, cancel);
            }
        }
    }

    /// <summary>Reads the table from the time of the retention on into the past: the rows of a message stand together.</summary>
    private async Task<int> RemoveEndedAsync(AzureShard shard, DateTimeOffset endedBefore, CancellationToken cancel)
    {
        var removed = 0;
        List<TableEntity> rows = [];
        await AzureFault.MapAsync($"sweep the table of {shard.Name}", async () =>
        {
            var filter = $"PartitionKey ge '{RowKeys.Partition(RowKeys.HourOf(endedBefore), 0)}' and PartitionKey lt 'g'";
            await foreach (var row in shard.Status.QueryAsync<TableEntity>(filter, cancellationToken: cancel))
            {
                if (rows.Count > 0 && RowKeys.IdOf(rows[0].RowKey) != RowKeys.IdOf(row.RowKey))
                {
                    removed += await RemoveEndedAsync(shard, rows, endedBefore, cancel) ? 1 : 0;
                    rows = [];
                }

                rows.Add(row);
            }

            removed += await RemoveEndedAsync(shard, rows, endedBefore, cancel) ? 1 : 0;
        });
        return removed;
    }

    /// <summary>True when the rows were those of a message that is over, and are gone.</summary>
    private async Task<bool> RemoveEndedAsync(AzureShard shard, List<TableEntity> rows, DateTimeOffset endedBefore, CancellationToken cancel)
    {
        if (rows.Count == 0 || RowKeys.IdOf(rows[0].RowKey) is not { } id)
        {
            return false;
        }

        if (MessageRows.Of(shard, rows) is not { } message)
        {
            if (RowKeys.HourOf(id) < RowKeys.HourOf(time.GetUtcNow() - OrphanAge))
            {
                LogOrphan(id);
                await RemoveAsync(shard, id, rows, cancel);
            }

            return false;
        }

        if (message.Works.Count > 0)
        {
            await lost.PutAgainAsync(message, cancel);
            return false;
        }

        if (message.EndedAt >= endedBefore)
        {
            return false;
        }

        await RemoveAsync(shard, id, rows, cancel);
        await shard.Content.DeleteBlobIfExistsAsync(message.Message.Content.Blob, cancellationToken: cancel);
        return true;
    }

    /// <summary>The message itself goes first: rows that are left then are orphans.</summary>
    private static async Task RemoveAsync(AzureShard shard, MessageId id, IEnumerable<TableEntity> rows, CancellationToken cancel)
    {
        foreach (var chunk in rows.OrderBy(row => RowKeys.KindOf(row.RowKey) == 'm' ? 0 : 1).Chunk(AzureTables.MaxRows))
        {
            await shard.TrySubmitAsync($"remove {id}",
                [.. chunk.Select(row => AzureTables.Delete(row.PartitionKey, row.RowKey, global::Azure.ETag.All))], cancel);
        }
    }

    [LoggerMessage(EventIds.AzureOrphanRemoved, LogLevel.Debug, "{MessageId} content or rows of no message were removed")]
    private partial void LogOrphan(MessageId messageId);
}
