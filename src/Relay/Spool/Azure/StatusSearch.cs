using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool.Azure;

/// <summary>
/// Finds messages, newest first: the hours that have any, one after the other, and within an hour the parts of all shards merged. The
/// table looks for the rows that match; hours with none of them cost next to nothing.
/// </summary>
internal sealed class StatusSearch(AzureShards shards, StatusQuery query)
{
    /// <summary>Messages that one page looks at.</summary>
    internal const int MaxExamined = 10_000;

    /// <summary>Messages that are read at once.</summary>
    private const int AtOnce = 16;

    private const int RowsAtOnce = 200;

    /// <summary>Far behind every id, and before all that is not of a message.</summary>
    private const long LastHour = 3_000_000;

    private readonly string filter = FilterOf(query);

    /// <summary>A page.</summary>
    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    public Task<StatusPage> RunAsync(CancellationToken cancel)
    {
        MessageId? after = query.Cursor is not { } cursor ? null
            : MessageId.TryParse(cursor, out var id) ? id
            : throw new FormatException("not a cursor of this spool");
        return AzureFault.MapAsync("search the messages", () => ReadAsync(after, cancel));
    }

    private async Task<StatusPage> ReadAsync(MessageId? after, CancellationToken cancel)
    {
        var limit = Math.Clamp(query.Limit, 1, StatusQuery.MaxLimit);
        var (found, examined) = (new List<MessageStatus>(), 0);
        await foreach (var chunk in CandidatesAsync(after, cancel).Chunk(Math.Min(AtOnce, limit + 1)).WithCancellation(cancel))
        {
            var messages = await Task.WhenAll(chunk.Select(candidate => ReadAsync(candidate, cancel)));
            foreach (var message in messages.OfType<MessageStatus>().Where(Matches))
            {
                if (found.Count == limit)
                {
                    return new StatusPage(found, found[^1].Id);
                }

                found.Add(message);
            }

            examined += chunk.Length;
            if (examined >= MaxExamined)
            {
                return new StatusPage(found, chunk[^1].Id.ToString());
            }
        }

        return new StatusPage(found, null);
    }

    /// <summary>Messages with a row that matches, each once for each of the conditions that the table can tell.</summary>
    private async IAsyncEnumerable<Candidate> CandidatesAsync(MessageId? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        // An id is made shortly before its message is accepted: the hours beside are looked at too.
        var oldest = query.Since is { } since ? Math.Max(RowKeys.HourOf(since) - 1, 1) : 1;
        var newest = query.Until is { } until ? RowKeys.HourOf(until) + 1 : LastHour;
        if (after is { } id)
        {
            newest = Math.Min(newest, RowKeys.HourOf(id));
        }

        while (await HourAsync(newest, oldest, cancel) is { } hour)
        {
            var from = after is { } last && RowKeys.HourOf(last) == hour ? RowKeys.End(last) : "";
            await foreach (var candidate in MergeAsync(hour, from, cancel))
            {
                yield return candidate;
            }

            newest = hour - 1;
        }
    }

    /// <summary>The latest hour with a row that matches; null when there is none.</summary>
    private async Task<long?> HourAsync(long newest, long oldest, CancellationToken cancel)
    {
        if (newest < oldest)
        {
            return null;
        }

        var range = $"PartitionKey ge '{RowKeys.Partition(newest, 0)}' and PartitionKey lt '{RowKeys.Partition(oldest - 1, 0)}' and {filter}";
        var firsts = await Task.WhenAll(shards.All.Select(async shard => await shard.Status
            .QueryAsync<TableEntity>(range, maxPerPage: 1, ["PartitionKey"], cancel).FirstOrDefaultAsync(cancel)));
        return firsts.OfType<TableEntity>().Select(row => RowKeys.HourOf(row.PartitionKey)).Max();
    }

    private async IAsyncEnumerable<Candidate> MergeAsync(long hour, string from, [EnumeratorCancellation] CancellationToken cancel)
    {
        var open = shards.All.SelectMany(shard => Enumerable.Range(0, RowKeys.Parts), (shard, part) => PartAsync(shard, hour, part, from, cancel).GetAsyncEnumerator(cancel)).ToList();
        try
        {
            var next = new PriorityQueue<IAsyncEnumerator<Candidate>, string>(StringComparer.Ordinal);
            var some = await Task.WhenAll(open.Select(async part => await part.MoveNextAsync()));
            foreach (var (part, _) in open.Zip(some).Where(pair => pair.Second))
            {
                next.Enqueue(part, part.Current.Key);
            }

            while (next.TryDequeue(out var part, out _))
            {
                yield return part.Current;
                if (await part.MoveNextAsync())
                {
                    next.Enqueue(part, part.Current.Key);
                }
            }
        }
        finally
        {
            foreach (var part in open)
            {
                await part.DisposeAsync();
            }
        }
    }

    private async IAsyncEnumerable<Candidate> PartAsync(
        AzureShard shard, long hour, int part, string from, [EnumeratorCancellation] CancellationToken cancel)
    {
        MessageId? last = null;
        var rows = shard.Status.QueryAsync<TableEntity>(
            $"PartitionKey eq '{RowKeys.Partition(hour, part)}' and RowKey ge '{from}' and {filter}", RowsAtOnce, ["RowKey"], cancel);
        await foreach (var row in rows)
        {
            if (RowKeys.IdOf(row.RowKey) is { } id && id != last)
            {
                last = id;
                yield return new Candidate(shard, id, RowKeys.Inverted(id));
            }
        }
    }

    /// <summary>Null where the message is not all there, or cannot be read: one damaged row must not hide the others.</summary>
    private static async Task<MessageStatus?> ReadAsync(Candidate candidate, CancellationToken cancel)
    {
        try
        {
            return await MessageRows.ReadAsync(candidate.Shard, candidate.Id, withEvents: false, cancel) is { } rows
                ? AzureStatusReader.StatusOf(rows, withEvents: false)
                : null;
        }
        catch (SpoolException e) when (e.Fault == SpoolFault.Corrupt)
        {
            return null;
        }
    }

    private bool Matches(MessageStatus message) =>
        (query.Since is not { } since || message.AcceptedAt >= since) &&
        (query.Until is not { } until || message.AcceptedAt < until) &&
        (query.Sender is not { } sender || MessageRow.KeyOf(message.Sender) == MessageRow.KeyOf(sender)) &&
        (query.State is not { } state || message.Recipients.Any(recipient => recipient.State == state)) &&
        (query.Recipient is not { } address || message.Recipients.Any(recipient => MessageRow.KeyOf(recipient.Address) == MessageRow.KeyOf(address)));

    /// <summary>What the table looks for, by the condition that fewest rows meet; each condition is of one sort of rows.</summary>
    private static string FilterOf(StatusQuery query) =>
        query.Recipient is { } recipient ? TableClient.CreateQueryFilter($"AddressKey eq {MessageRow.KeyOf(recipient)}")
        : query.Sender is { } sender ? TableClient.CreateQueryFilter($"SenderKey eq {MessageRow.KeyOf(sender)}")
        : query.State is { } state ? TableClient.CreateQueryFilter($"State eq {(int)state} and Attempts ge 0")
        : "Recipients ge 1";

    private sealed record Candidate(AzureShard Shard, MessageId Id, string Key);
}
