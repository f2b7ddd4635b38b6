using Microsoft.Extensions.Logging;
using Relay.Mail;
using Relay.Telemetry;

namespace Relay.Spool.Azure;

/// <summary>
/// Ends the work of a lease: one transaction of the table, and the queue messages of what follows. The row of the work is the guard: a run
/// that finds it gone is stale, unless it was itself that ended it and did not hear of it.
/// </summary>
internal sealed partial class AzureCommit(AzureQueues queues, ILogger log)
{
    /// <summary>Others change rows of the message meanwhile: each time they are read anew.</summary>
    private const int MaxTries = 10;

    /// <summary>False when the work had ended before.</summary>
    public async Task<bool> RunAsync(Transition transition)
    {
        var hold = AzureLease.HoldOf(transition.Follows);
        if (hold.HasEnded)
        {
            return false;
        }

        var rows = hold.Rows;
        if (rows is null && (transition.JoinsNotices || transition.OnlyIfChanged))
        {
            rows = await ReadAsync(hold);
            if (rows is null || !HasWork(rows, hold))
            {
                return false;
            }
        }

        for (var tries = 0; tries < MaxTries; tries++)
        {
            var plan = CommitPlan.Of(transition, hold, rows);
            if (await WriteAsync(hold, plan))
            {
                await PutNextAsync(hold, plan);
                return true;
            }

            rows = await ReadAsync(hold);
            if (rows is null || !HasWork(rows, hold))
            {
                if (!rows?.Events.Any(e => e.Name == hold.Work && e.Run == hold.Run) ?? true)
                {
                    return false;
                }

                await PutNextAsync(hold, plan);
                return true;
            }
        }

        throw new SpoolException(SpoolFault.Unavailable, $"cannot end work of {hold.Message}: its rows change all the time");
    }

    private static Task<MessageRows?> ReadAsync(AzureHold hold) => MessageRows.ReadAsync(hold.Shard, hold.Message, withEvents: true, default);

    private static bool HasWork(MessageRows rows, AzureHold hold) => rows.Works.Any(work => work.Name == hold.Work);

    private static async Task<bool> WriteAsync(AzureHold hold, CommitPlan plan)
    {
        foreach (var transaction in plan.Transactions())
        {
            if (!await hold.Shard.TrySubmitAsync($"end work of {hold.Message}", transaction, default))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The commit stands: what cannot be put now is left to the sweep.</summary>
    private Task PutNextAsync(AzureHold hold, CommitPlan plan) => Task.WhenAll(plan.Next.Select(async work =>
    {
        try
        {
            await queues.PutAsync(hold.Shard, work);
        }
        catch (SpoolException e)
        {
            LogNotPut(hold.Message, work.Name, e.Message);
        }
    }));

    [LoggerMessage(EventIds.AzureNotPut, LogLevel.Warning, "{MessageId} work {Work} is written and could not be put into its queue, it is left to the sweep: {Cause}")]
    private partial void LogNotPut(MessageId messageId, string work, string cause);
}
