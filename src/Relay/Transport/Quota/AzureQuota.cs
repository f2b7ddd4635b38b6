using Azure.Data.Tables;
using Relay.Accounts;
using Relay.Spool.Azure;

namespace Relay.Transport.Quota;

/// <summary>
/// A row for each quota in a table that all instances share. A row is written only over the version that was read, so that no two
/// instances take the same token; within an instance they are taken one after the other.
/// </summary>
public sealed class AzureQuota : IQuota, IAsyncDisposable
{
    private const string Partition = "quota";
    private const string State = "State";

    private readonly SemaphoreSlim one = new(1);
    private readonly StoreTable table;
    private readonly TimeProvider time;

    /// <param name="table">The table of the first shard.</param>
    /// <param name="time">What is taken comes back in time.</param>
    public AzureQuota(TableClient table, TimeProvider time)
    {
        this.table = new StoreTable(table);
        this.time = time;
    }

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> TryTakeAsync(string name, int count, IReadOnlyList<Rate> limits, CancellationToken cancel)
    {
        DateTimeOffset? freeAt = null;
        await ChangeAsync(name, state =>
        {
            (var after, freeAt) = state.Take(time.GetUtcNow(), count, limits);
            return after;
        }, cancel);
        return freeAt;
    }

    /// <inheritdoc/>
    public Task EmptyAsync(string name, DateTimeOffset until, CancellationToken cancel) =>
        ChangeAsync(name, state => state.Empty(until), cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        one.Dispose();
        return default;
    }

    private async Task ChangeAsync(string name, Func<QuotaState, QuotaState> change, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            while (!await TryChangeAsync(StoreTable.Key(name), change, cancel))
            {
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>False when another instance has written in between: one of us always gets on.</summary>
    private async Task<bool> TryChangeAsync(string key, Func<QuotaState, QuotaState> change, CancellationToken cancel)
    {
        var row = await table.FindAsync(Partition, key, cancel) ?? new TableEntity(Partition, key);
        var before = row.GetString(State) is { } json ? QuotaState.Parse(json) : QuotaState.Full;
        var after = change(before);
        if (ReferenceEquals(before, after))
        {
            return true;
        }

        row[State] = after.ToJson();
        return await table.TryPutAsync(row, cancel);
    }
}
