using Azure.Data.Tables;
using Relay.Mail;

namespace Relay.Spool.Azure;

/// <summary>All rows of one message, as one question to the table gave them.</summary>
/// <param name="Shard">Where it is.</param>
/// <param name="Message">The message itself.</param>
internal sealed record MessageRows(AzureShard Shard, MessageRow Message)
{
    /// <summary>Its recipients, in the order of the envelope.</summary>
    public required IReadOnlyList<RecipientRow> Recipients { get; init; }

    /// <summary>Works that are left to do.</summary>
    public required IReadOnlyList<WorkRow> Works { get; init; }

    /// <summary>What happened, in order; empty where that was not asked for.</summary>
    public required IReadOnlyList<EventRow> Events { get; init; }

    /// <summary>The spool answers for the content: it is kept, or a work may need it.</summary>
    public bool HasContent => Message.Keep || Works.Any(work => work.NeedsContent);

    /// <summary>When the last thing happened, as far as the events were read.</summary>
    public DateTimeOffset EndedAt => Events.Select(e => e.At).Append(Message.AcceptedAt).Max();

    /// <summary>The whole envelope.</summary>
    public Envelope Envelope => Message.Envelope with { Recipients = [.. Recipients.Select(recipient => recipient.Path)] };

    /// <summary>Reads a message; null when the shard does not have it.</summary>
    public static async Task<MessageRows?> ReadAsync(AzureShard shard, MessageId id, bool withEvents, CancellationToken cancel)
    {
        var first = withEvents ? RowKeys.Prefix(id) : RowKeys.Message(id);
        var rows = new List<TableEntity>();
        await AzureFault.MapAsync($"read the rows of {id}", async () =>
        {
            var filter = $"PartitionKey eq '{RowKeys.PartitionOf(id)}' and RowKey ge '{first}' and RowKey lt '{RowKeys.End(id)}'";
            await foreach (var row in shard.Status.QueryAsync<TableEntity>(filter, cancellationToken: cancel))
            {
                rows.Add(row);
            }
        });
        return Of(shard, rows);
    }

    /// <summary>Reads a message from whichever shard has it; null when none has.</summary>
    public static async Task<MessageRows?> FindAsync(AzureShards shards, MessageId id, bool withEvents, CancellationToken cancel)
    {
        foreach (var shard in shards.LookFor(id))
        {
            if (await ReadAsync(shard, id, withEvents, cancel) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Rows of one message; null when they are not all there, as of one that was never accepted.</summary>
    public static MessageRows? Of(AzureShard shard, IReadOnlyCollection<TableEntity> rows)
    {
        if (rows.FirstOrDefault(row => RowKeys.KindOf(row.RowKey) == 'm') is not { } message)
        {
            return null;
        }

        return new MessageRows(shard, MessageRow.Read(message))
        {
            Recipients = [.. Kind('r').Select(RecipientRow.Read)],
            Works = [.. Kind('w').Select(WorkRow.Read)],
            Events = [.. Kind('e').Select(EventRow.Read).OrderBy(e => e.Name == EventRow.Accepted ? 0 : 1).ThenBy(e => e.At).ThenBy(e => e.Depth)],
        };

        IEnumerable<TableEntity> Kind(char kind) => rows.Where(row => RowKeys.KindOf(row.RowKey) == kind);
    }
}
