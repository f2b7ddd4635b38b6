using Azure.Data.Tables;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>Looks into the spool on Azure Storage.</summary>
public sealed class AzureStatusReader : IStatusReader
{
    private readonly AzureShards shards;

    /// <summary>Looks into these shards.</summary>
    public AzureStatusReader(AzureShards shards) => this.shards = shards;

    /// <inheritdoc/>
    public async ValueTask<MessageStatus?> StatusAsync(MessageId id, CancellationToken cancel) =>
        await MessageRows.FindAsync(shards, id, withEvents: true, cancel) is { } rows ? StatusOf(rows, withEvents: true) : null;

    /// <inheritdoc/>
    public async ValueTask<MessageId?> FindAsync(MessageId first, MessageId last, CancellationToken cancel)
    {
        // Inverted: the last id stands first.
        var filter = $"PartitionKey ge '{RowKeys.Partition(RowKeys.HourOf(last), 0)}' and PartitionKey le '{RowKeys.Partition(RowKeys.HourOf(first), RowKeys.Parts - 1)}'" +
            $" and RowKey ge '{RowKeys.Message(last)}' and RowKey le '{RowKeys.Message(first)}' and {nameof(MessageRow.Recipients)} ge 0";
        foreach (var shard in shards.All)
        {
            var found = await AzureFault.MapAsync("look for a message", async () =>
            {
                await foreach (var row in shard.Status.QueryAsync<TableEntity>(filter, maxPerPage: 1, ["RowKey"], cancel))
                {
                    return RowKeys.IdOf(row.RowKey);
                }

                return null;
            });
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask<StatusPage> SearchAsync(StatusQuery query, CancellationToken cancel) => new(new StatusSearch(shards, query).RunAsync(cancel));

    /// <inheritdoc/>
    public ValueTask<QueuePage> QueueAsync(QueueQuery query, CancellationToken cancel) => new(new QueuePages(shards, query).RunAsync(cancel));

    /// <inheritdoc/>
    public ValueTask<QueueSummary> QueueSummaryAsync(CancellationToken cancel) => new(new QueueTally(shards).RunAsync(cancel));

    /// <inheritdoc/>
    public async ValueTask<Stream?> OpenContentAsync(MessageId id, CancellationToken cancel) =>
        await MessageRows.FindAsync(shards, id, withEvents: false, cancel) is { HasContent: true } rows
            ? await AzureContent.OpenAsync(rows.Shard, id, rows.Message.Content, cancel)
            : null;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    /// <summary>The status that rows tell.</summary>
    internal static MessageStatus StatusOf(MessageRows rows, bool withEvents)
    {
        var message = rows.Message;
        var status = new MessageStatus
        {
            Id = message.Id.ToString(),
            AcceptedAt = message.AcceptedAt,
            Sender = message.Envelope.ReversePath.ToString(),
            Size = message.Content.Size,
            Origin = message.Origin,
            HasContent = rows.HasContent,
            Recipients = WithHeld(rows),
        };
        return withEvents ? status with { Events = EventsOf(rows) } : status;
    }

    /// <summary>The first event, the acceptance, is the message's own row.</summary>
    private static List<StatusEvent> EventsOf(MessageRows rows) =>
    [
        new StatusEvent { At = rows.Message.AcceptedAt, Kind = StatusEvents.Accepted, RemoteHost = rows.Message.Origin.ClientAddress },
        .. rows.Events.SelectMany(e => e.Lines),
    ];

    /// <summary>The recipients, and which of them an operator holds.</summary>
    private static List<RecipientStatus> WithHeld(MessageRows rows)
    {
        var recipients = rows.Recipients.Select(recipient => recipient.Status).ToList();
        foreach (var work in rows.Works.Where(work => work.State == WorkRowState.Held))
        {
            foreach (var index in IndexesOf(work, recipients.Count))
            {
                recipients[index] = recipients[index] with { IsHeld = true };
            }
        }

        return recipients;
    }

    /// <summary>Whom a work is for; nobody where that cannot be read.</summary>
    internal static IEnumerable<int> IndexesOf(WorkRow work, int count)
    {
        try
        {
            return (work.Detail.Recipients ?? Enumerable.Range(0, count)).Where(index => index >= 0 && index < count);
        }
        catch (SpoolException)
        {
            return [];
        }
    }
}
