using System.Text.Json;
using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>
/// Makes work of a remote report. A message that has ended is open again until that work is done; its content stays gone.
/// </summary>
internal sealed class AzureReport(AzureShards shards, AzureQueues queues, TimeProvider time)
{
    /// <summary>False when the message is not known, or no longer.</summary>
    public async Task<bool> RunAsync(MessageId about, RemoteReport report)
    {
        if (await MessageRows.FindAsync(shards, about, withEvents: true, default) is not { } rows)
        {
            return false;
        }

        var work = WorkRow.New(about, NameOf(rows, report), WorkQueue.Report, DateTimeOffset.UnixEpoch, new WorkDetail { Report = report },
            rows.Envelope, depth: 1, time.GetUtcNow()) with
        {
            NeedsContent = rows.Works.Any(other => other.NeedsContent),
        };

        // One that is there already may lack its queue message, which is why it is told again.
        await rows.Shard.TrySubmitAsync($"write a report of {about}", [AzureTables.Add(work.ToEntity())], default);
        await queues.PutAsync(rows.Shard, work);
        return true;
    }

    /// <summary>The same report twice is the same work, unless that has ended.</summary>
    private static string NameOf(MessageRows rows, RemoteReport report)
    {
        var json = JsonSerializer.Serialize(report, AzureJson.Default.RemoteReport);
        var ended = rows.Events.Select(e => e.Name).ToHashSet();
        var number = 0;
        string name;
        do
        {
            name = RowKeys.Hash($"{json}/{number++}");
        }
        while (ended.Contains(name));
        return name;
    }
}
