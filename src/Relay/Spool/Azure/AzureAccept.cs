using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Relay.Mail;
using Relay.Telemetry;

namespace Relay.Spool.Azure;

/// <summary>
/// Makes a message, its recipients and its first works: the content, then the rows, then the queue messages. With the rows Relay is
/// responsible: a queue message that cannot be put then is left to the sweep.
/// </summary>
internal sealed partial class AzureAccept(AzureQueues queues, TimeProvider time, ILogger log)
{
    /// <summary>Recipients of one work: with each of them changed, its commit still fits into one transaction.</summary>
    public const int MaxRecipients = 95;

    /// <summary>Accepts a message.</summary>
    public async Task RunAsync(AcceptedMessage message, AzureContentWriter content)
    {
        await content.StoreAsync();
        var home = content.Home;
        var works = FirstWorks(message);

        // From here on it may be the message's, whatever we hear of it: what belongs to no message is for the sweep.
        content.MarkTaken();
        if (!await WriteAsync(content.Shard, message, home, works))
        {
            // The message was accepted before, with a content of its own.
            content.MarkGivenUp();
            return;
        }

        await Task.WhenAll(works.Select(work => PutAsync(content.Shard, message, home, work)));
    }

    /// <summary>False when the message had been accepted before.</summary>
    private async Task<bool> WriteAsync(AzureShard shard, AcceptedMessage message, ContentHome home, List<WorkRow> works)
    {
        var recipients = message.Envelope.Recipients
            .Select((path, index) => RecipientRow.New(message.Id, index, path, message.AcceptedAt).ToEntity()).ToList();
        List<TableEntity> rest = [RowOf(message, home).ToEntity(), EventsOf(message).ToEntity(), .. works.Select(work => work.ToEntity())];
        if (rest.Count + recipients.Count > AzureTables.MaxRows)
        {
            if (await MessageRows.ReadAsync(shard, message.Id, withEvents: false, default) is not null)
            {
                return false;
            }

            var last = AzureTables.MaxRows - rest.Count;
            await PutFirstAsync(shard, message.Id, recipients[..^last]);
            recipients = recipients[^last..];
        }

        using var timeout = new CancellationTokenSource(AzureContentWriter.StepTimeout, time);
        if (await shard.TrySubmitAsync($"write {message.Id}", [.. rest.Concat(recipients).Select(AzureTables.Add)], timeout.Token))
        {
            return true;
        }

        // It was accepted before, by this run when the answer was lost. Or a run that broke off has left rows without the message.
        if (await MessageRows.ReadAsync(shard, message.Id, withEvents: false, timeout.Token) is { } there)
        {
            return there.Message.Content.Blob == home.Blob;
        }

        return await shard.TrySubmitAsync(
                $"write {message.Id}", [AzureTables.Add(rest[0]), .. rest.Skip(1).Concat(recipients).Select(AzureTables.Put)], timeout.Token)
            ? true
            : throw new SpoolException(SpoolFault.Unavailable, $"cannot write {message.Id}: it is being written by somebody else");
    }

    /// <summary>Recipients that do not fit beside the message itself: they are none of a message before that is there.</summary>
    private async Task PutFirstAsync(AzureShard shard, MessageId id, IEnumerable<TableEntity> recipients)
    {
        foreach (var chunk in recipients.Chunk(AzureTables.MaxRows))
        {
            using var timeout = new CancellationTokenSource(AzureContentWriter.StepTimeout, time);
            await shard.TrySubmitAsync($"write recipients of {id}", [.. chunk.Select(AzureTables.Put)], timeout.Token);
        }
    }

    /// <summary>A message is safe without its queue message: the client is not told to try again, which would send it twice.</summary>
    private async Task PutAsync(AzureShard shard, AcceptedMessage message, ContentHome home, WorkRow work)
    {
        var copy = new WorkCopy
        {
            AcceptedAt = message.AcceptedAt,
            Envelope = message.Envelope,
            Origin = message.Origin,
            Content = home,
            Detail = work.Detail,
            Depth = work.Depth,
            NeedsContent = work.NeedsContent,
        };
        using var timeout = new CancellationTokenSource(AzureContentWriter.StepTimeout, time);
        try
        {
            await queues.PutAsync(shard, work, copy, isFirst: true, timeout.Token);
        }
        catch (Exception e) when (e is SpoolException or OperationCanceledException)
        {
            LogNotPut(message.Id, work.Name, e.Message);
        }
    }

    /// <summary>
    /// Checks are run once, for the whole message: such mail has one first work, whose commit may go in pieces. All are due since ever: a
    /// clock that is set back must not hold up new mail.
    /// </summary>
    private List<WorkRow> FirstWorks(AcceptedMessage message)
    {
        var detail = new WorkDetail { TraceParent = message.TraceParent, Checks = message.Checks, Quarantine = message.Quarantine };
        var count = message.Envelope.Recipients.Count;
        IEnumerable<WorkDetail> details = count <= MaxRecipients || message.Checks is not null
            ? [detail]
            : Enumerable.Range(0, count).Chunk(MaxRecipients).Select(chunk => detail with { Recipients = chunk });
        return [.. details.Select((each, number) => WorkRow.New(
            message.Id, RowKeys.FirstWork(number), WorkQueue.Accepted, DateTimeOffset.UnixEpoch, each, message.Envelope, depth: 1, time.GetUtcNow()))];
    }

    private static MessageRow RowOf(AcceptedMessage message, ContentHome home) => new()
    {
        Id = message.Id,
        AcceptedAt = message.AcceptedAt,
        Envelope = message.Envelope,
        Recipients = message.Envelope.Recipients.Count,
        Origin = message.Origin,
        Content = home,
    };

    private static EventRow EventsOf(AcceptedMessage message) => new()
    {
        Id = message.Id,
        Name = EventRow.Accepted,
        At = message.AcceptedAt,
        Lines = message.Events,
    };

    [LoggerMessage(EventIds.AzureNotPut, LogLevel.Warning, "{MessageId} work {Work} is written and could not be put into its queue, it is left to the sweep: {Cause}")]
    private partial void LogNotPut(MessageId messageId, string work, string cause);
}
