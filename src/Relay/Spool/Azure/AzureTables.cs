using Azure;
using Azure.Data.Tables;

namespace Relay.Spool.Azure;

/// <summary>Writes rows of one message together.</summary>
internal static class AzureTables
{
    /// <summary>Rows that one transaction writes at most.</summary>
    public const int MaxRows = 100;

    /// <summary>Writes all or nothing; false when a row is not there, is there already, or is not what it was.</summary>
    /// <exception cref="SpoolException">It cannot be done now, or it is not known whether it was done.</exception>
    public static async Task<bool> TrySubmitAsync(this AzureShard shard, string what, IReadOnlyList<TableTransactionAction> rows, CancellationToken cancel)
    {
        try
        {
            await shard.Status.SubmitTransactionAsync(rows, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412 && e.ErrorCode != "TableNotFound")
        {
            return false;
        }
        catch (Exception e) when (AzureFault.IsStorage(e))
        {
            throw AzureFault.Of(what, e);
        }
    }

    /// <summary>A row that must not be there yet.</summary>
    public static TableTransactionAction Add(TableEntity row) => new(TableTransactionActionType.Add, row);

    /// <summary>A row that takes the place of what is there, if anything is.</summary>
    public static TableTransactionAction Put(TableEntity row) => new(TableTransactionActionType.UpsertReplace, row);

    /// <summary>A row that takes the place of the one that was read.</summary>
    public static TableTransactionAction Replace(TableEntity row, ETag version) => new(TableTransactionActionType.UpdateReplace, row, version);

    /// <summary>Properties of a row that must be there.</summary>
    public static TableTransactionAction Change(TableEntity row) => new(TableTransactionActionType.UpdateMerge, row, ETag.All);

    /// <summary>A row that goes, and must be there.</summary>
    public static TableTransactionAction Delete(string partition, string key, ETag version) =>
        new(TableTransactionActionType.Delete, new TableEntity(partition, key), version);
}
