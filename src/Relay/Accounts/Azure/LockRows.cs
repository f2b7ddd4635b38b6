using Azure.Data.Tables;
using Relay.Spool.Azure;

namespace Relay.Accounts.Azure;

/// <summary>Locks as rows of one partition, <c>{kind}|{subject}</c>. They are read as they are: whoever asks often keeps them for a while.</summary>
internal sealed class LockRows(StoreTable table, TimeProvider time)
{
    private const string Partition = "locks";

    /// <summary>Locks that are read: more would not be kept in memory.</summary>
    private const int MaxLocks = 10_000;

    public async Task<List<Lock>> ReadAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var rows = await table.RangeAsync(
            Partition, "", "~", cancel, MaxLocks, TableClient.CreateQueryFilter($"Until gt {now}"));
        return rows.ConvertAll(Read);
    }

    /// <summary>A lock is made longer, never shorter.</summary>
    public async Task SetAsync(Lock @lock, CancellationToken cancel)
    {
        var key = KeyOf(@lock.Kind, @lock.Subject);
        TableEntity row;
        do
        {
            row = await table.FindAsync(Partition, key, cancel) ?? new TableEntity(Partition, key);
            var until = row.GetDateTimeOffset("Until");
            row["Kind"] = (int)@lock.Kind;
            row["Subject"] = LockSubject.Of(@lock.Subject);
            row["Failures"] = @lock.Failures;
            row["Until"] = until > @lock.Until ? until : @lock.Until;
        }
        while (!await table.TryPutAsync(row, cancel));
    }

    /// <summary>False when there was none, or one that had ended.</summary>
    public async Task<bool> LiftAsync(LockKind kind, string subject, CancellationToken cancel)
    {
        while (await table.FindAsync(Partition, KeyOf(kind, subject), cancel) is { } row)
        {
            if (await table.TryRemoveAsync(row, cancel))
            {
                return Read(row).Until > time.GetUtcNow();
            }
        }

        return false;
    }

    /// <summary>Removes those that have ended.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        foreach (var row in await table.RangeAsync(
            Partition, "", "~", cancel, and: TableClient.CreateQueryFilter($"Until le {time.GetUtcNow()}")))
        {
            // Unless it was made longer.
            await table.TryRemoveAsync(row, cancel);
        }
    }

    private static string KeyOf(LockKind kind, string subject) => $"{(int)kind}|{StoreTable.Key(LockSubject.Of(subject))}";

    private static Lock Read(TableEntity row) => new(
        (LockKind)row.GetInt32("Kind")!.Value, row.GetString("Subject"), row.GetInt32("Failures")!.Value, row.GetDateTimeOffset("Until")!.Value);
}
