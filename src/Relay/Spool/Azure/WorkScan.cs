using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>A work that takes a message towards its recipients, as a scan has found it; it may have changed since.</summary>
internal sealed record FoundWork(AzureShard Shard, MessageId Id, string Name, DateTimeOffset DueAt, WorkRowState State, string? Domain, string? Route);

/// <summary>Goes through all works that are left to do. Nothing but their rows leaves the table, yet it passes over all that is in it.</summary>
internal static class WorkScan
{
    private static readonly string[] Columns = ["RowKey", "DueAt", "State", "Domain", "Route"];

    /// <summary>The works of mail, those of a message one after the other.</summary>
    /// <param name="state">Only those; null for all.</param>
    public static async IAsyncEnumerable<FoundWork> AllAsync(AzureShards shards, WorkRowState? state, [EnumeratorCancellation] CancellationToken cancel)
    {
        // Other rows have no queue; and other partitions, such as that of addresses, stand outside of the hours of ids.
        var filter = $"PartitionKey ge 'f' and PartitionKey lt 'g' and Queue le {(int)WorkQueue.Delivery}"
            + (state is { } some ? $" and State eq {(int)some}" : "");
        foreach (var shard in shards.All)
        {
            await foreach (var row in shard.Status.QueryAsync<TableEntity>(filter, maxPerPage: null, Columns, cancel))
            {
                if (Read(shard, row) is { } work)
                {
                    yield return work;
                }
            }
        }
    }

    private static FoundWork? Read(AzureShard shard, TableEntity row) =>
        RowKeys.IdOf(row.RowKey) is { } id && row.GetDateTimeOffset("DueAt") is { } due
            ? new FoundWork(shard, id, RowKeys.NameOf(row.RowKey), due, (WorkRowState)(row.GetInt32("State") ?? 0), row.GetString("Domain"), row.GetString("Route"))
            : null;

    /// <summary>The state that rows have for what stands so in the queue; null for any.</summary>
    public static WorkRowState? StateOf(QueueState? state) => state switch
    {
        null => null,
        QueueState.Held => WorkRowState.Held,
        QueueState.SetAside => WorkRowState.SetAside,
        _ => WorkRowState.Waiting,
    };
}
