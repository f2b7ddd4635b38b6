using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Relay.Spool.Azure;

/// <summary>
/// A table of Azure Storage as the small stores use it: keys from any text, changes in transactions, and whatever goes wrong as a
/// <see cref="SpoolException"/>.
/// </summary>
internal sealed class StoreTable(TableClient table)
{
    /// <summary>Rows that one transaction may hold; they are of one partition.</summary>
    internal const int MaxRows = 100;

    /// <summary>Characters of a key that is made of text: a key has 1 KiB, with two octets for a character.</summary>
    private const int MaxKey = 480;

    private string What => $"use the table {table.Name}";

    /// <summary>The text as a key, or as a part of one: what a key may not hold is escaped, and what is too long ends as its hash.</summary>
    public static string Key(string text)
    {
        var key = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            // '%' is how it is escaped; '|' stands between the parts of a key.
            _ = c is '/' or '\\' or '#' or '?' or '%' or '|' or '\'' or (>= '\u007f' and <= '\u009f') || char.IsControl(c) || char.IsSurrogate(c)
                ? key.Append(CultureInfo.InvariantCulture, $"={(int)c:x4}")
                : c == '=' ? key.Append("=003d") : key.Append(c);
        }

        return key.Length <= MaxKey
            ? key.ToString()
            : $"{key.ToString(0, MaxKey / 2)}={Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(text)))}";
    }

    /// <summary>The row; null when there is none.</summary>
    public Task<TableEntity?> FindAsync(string partition, string row, CancellationToken cancel) => GuardAsync(async () =>
        await table.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancel) is { HasValue: true, Value: { } found } ? found : null);

    /// <summary>The same, for who cannot wait otherwise: the thread is held up.</summary>
    public TableEntity? Find(string partition, string row)
    {
        try
        {
            return table.GetEntityIfExists<TableEntity>(partition, row) is { HasValue: true, Value: { } found } ? found : null;
        }
        catch (Exception e) when (AzureFault.IsStorage(e))
        {
            throw AzureFault.Of(What, e);
        }
    }

    /// <summary>Rows of a partition from <paramref name="from"/> on and before <paramref name="before"/>, in the order of their keys.</summary>
    /// <param name="limit">No more than these.</param>
    /// <param name="and">What must hold too.</param>
    /// <param name="columns">Only these; null for all.</param>
    public Task<List<TableEntity>> RangeAsync(
        string partition, string from, string before, CancellationToken cancel, int limit = int.MaxValue, string? and = null,
        string[]? columns = null) => GuardAsync(async () =>
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {before}");
        return await ReadAsync(and is null ? filter : $"{filter} and {and}", limit, columns, cancel);
    });

    /// <summary>All rows of the partitions from <paramref name="from"/> on and before <paramref name="before"/>.</summary>
    public Task<List<TableEntity>> PartitionsAsync(string from, string before, int limit, CancellationToken cancel) => GuardAsync(() =>
        ReadAsync(TableClient.CreateQueryFilter($"PartitionKey ge {from} and PartitionKey lt {before}"), limit, null, cancel));

    /// <summary>Adds or replaces a row.</summary>
    public Task PutAsync(TableEntity row, CancellationToken cancel) => GuardAsync(() =>
        table.UpsertEntityAsync(row, TableUpdateMode.Replace, cancel));

    /// <summary>Replaces a row that was read, or adds one that was not there; false when somebody else has changed it since.</summary>
    public Task<bool> TryPutAsync(TableEntity row, CancellationToken cancel) => IfUnchangedAsync(() => row.ETag == default
        ? table.AddEntityAsync(row, cancel)
        : table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, cancel));

    /// <summary>Removes a row as it was read; false when it is gone or changed.</summary>
    public Task<bool> TryRemoveAsync(TableEntity row, CancellationToken cancel) => GuardAsync(async () =>
    {
        using var response = await IgnoreAsync(() => table.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancel));
        return response is { IsError: false };
    });

    /// <summary>Removes a row; false when there was none.</summary>
    public Task<bool> RemoveAsync(string partition, string row, CancellationToken cancel) =>
        TryRemoveAsync(new TableEntity(partition, row) { ETag = ETag.All }, cancel);

    /// <summary>Makes all changes of one partition together; false when one of their conditions does not hold, and then none is made.</summary>
    public Task<bool> TryChangeAsync(IReadOnlyCollection<TableTransactionAction> changes, CancellationToken cancel) => IfUnchangedAsync(() =>
        table.SubmitTransactionAsync(changes, cancel));

    /// <summary>Makes changes, those of one partition together as far as a transaction goes.</summary>
    public Task ChangeAllAsync(IEnumerable<TableTransactionAction> changes, CancellationToken cancel) => GuardAsync(async () =>
    {
        foreach (var partition in changes.GroupBy(change => change.Entity.PartitionKey))
        {
            foreach (var piece in partition.Chunk(MaxRows))
            {
                await table.SubmitTransactionAsync(piece, cancel);
            }
        }
    });

    /// <summary>A row that goes in place of whatever is there.</summary>
    public static TableTransactionAction Put(TableEntity row) => new(TableTransactionActionType.UpsertReplace, row);

    private async Task<List<TableEntity>> ReadAsync(string filter, int limit, string[]? columns, CancellationToken cancel)
    {
        var rows = new List<TableEntity>();
        await foreach (var row in table.QueryAsync<TableEntity>(filter, Math.Min(limit, 1000), columns, cancel))
        {
            rows.Add(row);
            if (rows.Count == limit)
            {
                break;
            }
        }

        return rows;
    }

    private Task<bool> IfUnchangedAsync<T>(Func<Task<T>> change) => GuardAsync(async () =>
    {
        try
        {
            await change();
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412 && e.ErrorCode != TableErrorCode.TableNotFound)
        {
            return false;
        }
    });

    /// <summary>Null where the row was not as expected; the client gives a missing one as an answer, another one as an exception.</summary>
    private static async Task<Response?> IgnoreAsync(Func<Task<Response>> change)
    {
        try
        {
            return await change();
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return null;
        }
    }

    private Task GuardAsync(Func<Task> run) => AzureFault.MapAsync(What, run);

    private Task<T> GuardAsync<T>(Func<Task<T>> run) => AzureFault.MapAsync(What, run);
}
