using Relay.Mail;
using Relay.Spool.Embedded;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>What a queue message comes to.</summary>
/// <param name="Lease">Work to do; null when there is nothing to do.</param>
/// <param name="Again">The same message is to be put again, to be seen when it says; null when it is not.</param>
internal readonly record struct LeaseResult(AzureLease? Lease, QueueMessage? Again = null);

/// <summary>
/// From a queue message to the lease of its work. The first work of a message that is taken for the first time is run as it is: nobody else
/// can have it. For all else its row says whether it is still to be done.
/// </summary>
internal sealed class LeaseReader(AzureShards shards, TimeProvider time)
{
    /// <summary>How old a message may be whose first work is run without a look at its row; the sweep puts nothing again that is younger than twice this.</summary>
    private static readonly TimeSpan MaxUnseenAge = TimeSpan.FromMinutes(5);

    /// <summary>How long a work is claimed by who begins it where somebody else may have a message for it too, or who is at it for long.</summary>
    public static readonly TimeSpan ClaimTime = TimeSpan.FromMinutes(10);

    /// <summary>Clocks differ: what is due in a moment is due.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    /// <summary>Reads a message.</summary>
    /// <exception cref="SpoolException">It cannot be read now; with <see cref="SpoolFault.Corrupt"/> never.</exception>
    public async Task<LeaseResult> ReadAsync(QueueMessage message, int dequeues, HeldMessage? came, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        MessageId.TryParse(message.Message, out var id);
        if (message is { IsFirst: true, Copy: { } copy } && dequeues <= 1 && (now - copy.AcceptedAt).Duration() < MaxUnseenAge &&
            shards.Named(message.Shard) is { } shard)
        {
            return new LeaseResult(OfCopy(shard, id, message.Work, copy, came, now));
        }

        if (await FindAsync(message, id, cancel) is not { } rows || rows.Works.FirstOrDefault(work => work.Name == message.Work) is not { State: WorkRowState.Waiting } row)
        {
            return default;
        }

        if (row.DueAt - now > Slack)
        {
            return new LeaseResult(null, message with { DueAt = row.DueAt });
        }

        if (row.ClaimedUntil is { } until && until - now > Slack)
        {
            return new LeaseResult(null, message with { DueAt = until });
        }

        if (row.Parent is not null && !await CountsAsync(rows, row, cancel))
        {
            return default;
        }

        return row.PutAgain == 0 || await TryClaimAsync(rows.Shard, row, now, cancel)
            ? new LeaseResult(OfRows(rows, row, came, now))
            : new LeaseResult(null, message with { DueAt = now + ClaimTime });
    }

    private static AzureLease OfCopy(AzureShard shard, MessageId id, string work, WorkCopy copy, HeldMessage? came, DateTimeOffset now)
    {
        var item = new WorkItem
        {
            Queue = WorkQueue.Accepted,
            Message = id,
            Envelope = copy.Envelope,
            Origin = copy.Origin,
            AcceptedAt = copy.AcceptedAt,
            Size = copy.Content.Size,
            Detail = copy.Detail,
        };
        return new AzureLease(Sound(item), new AzureHold(shard, id, WorkQueue.Accepted, work)
        {
            Depth = copy.Depth,
            Content = copy.NeedsContent ? copy.Content : null,
            Since = now,
            Came = came,
        });
    }

    private static AzureLease OfRows(MessageRows rows, WorkRow row, HeldMessage? came, DateTimeOffset now)
    {
        var item = new WorkItem
        {
            Queue = row.Queue,
            Message = row.Id,
            Envelope = rows.Envelope,
            Origin = rows.Message.Origin,
            AcceptedAt = rows.Message.AcceptedAt,
            Size = rows.Message.Content.Size,
            Detail = row.Detail,
        };
        return new AzureLease(Sound(item), new AzureHold(rows.Shard, row.Id, row.Queue, row.Name)
        {
            Depth = row.Depth,
            Content = rows.HasContent ? rows.Message.Content : null,
            Since = now,
            Came = came,
            Rows = rows,
            HasClaim = row.PutAgain > 0,
        });
    }

    private static WorkItem Sound(WorkItem work)
    {
        var count = work.Envelope.Recipients.Count;
        return count > 0 && WorkDomain.Indexes(work.Envelope, work.Detail).All(index => index >= 0 && index < count)
            ? work
            : throw new SpoolException(SpoolFault.Corrupt, $"work of {work.Message} names recipients that do not exist");
    }

    private async Task<MessageRows?> FindAsync(QueueMessage message, MessageId id, CancellationToken cancel) => shards.Named(message.Shard) is { } shard
        ? await MessageRows.ReadAsync(shard, id, withEvents: false, cancel)
        : await MessageRows.FindAsync(shards, id, withEvents: false, cancel);

    /// <summary>A work that was written before its parent ended counts only if the parent has ended by that run.</summary>
    internal static async Task<bool> CountsAsync(MessageRows rows, WorkRow work, CancellationToken cancel)
    {
        var all = await MessageRows.ReadAsync(rows.Shard, work.Id, withEvents: true, cancel);
        return all?.Events.Any(e => e.Name == work.Parent && e.Run == work.Run) ?? false;
    }

    /// <summary>False when somebody else has just claimed or changed it.</summary>
    private static Task<bool> TryClaimAsync(AzureShard shard, WorkRow row, DateTimeOffset now, CancellationToken cancel) => shard.TrySubmitAsync(
        $"claim work of {row.Id}", [AzureTables.Replace((row with { ClaimedUntil = now + ClaimTime }).ToEntity(), row.ETag)], cancel);
}
