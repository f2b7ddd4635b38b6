using System.Net;
using Azure;
using Azure.Data.Tables;
using Relay.Spool.Azure;

namespace Relay.Accounts.Azure;

/// <summary>Accounts as rows of one partition, <c>a|{name in lower case}</c>, and the row that changes with each of them.</summary>
internal static class AccountRows
{
    public const string Partition = "accounts";
    public const string Revision = "revision";

    /// <summary>Where accounts begin.</summary>
    public const string Accounts = "a|";

    /// <summary>Where they end.</summary>
    public const string EndOfAccounts = "a}";

    /// <summary>In place of the revision that was read.</summary>
    public static TableTransactionAction NextRevision(TableEntity? last)
    {
        var next = new TableEntity(Partition, Revision) { ["Changed"] = $"{Guid.NewGuid():n}" };
        return last is null
            ? new TableTransactionAction(TableTransactionActionType.Add, next)
            : new TableTransactionAction(TableTransactionActionType.UpdateReplace, next, last.ETag);
    }

    public static TableTransactionAction Removed(string name) =>
        new(TableTransactionActionType.Delete, new TableEntity(Partition, KeyOf(name)), ETag.All);

    public static TableEntity Row(Account account)
    {
        var row = new TableEntity(Partition, KeyOf(account.Name))
        {
            ["Name"] = account.Name,
            ["TokenSubject"] = account.TokenSubject,
            ["Disabled"] = account.IsDisabled,
            ["Senders"] = string.Join('\n', account.Senders),
            ["Networks"] = string.Join('\n', account.Networks),
            ["CreatedAt"] = account.CreatedAt,
        };
        if (account.Password is { } keys)
        {
            (row["Salt"], row["Iterations"], row["StoredKey"], row["ServerKey"]) = (keys.Salt, keys.Iterations, keys.StoredKey, keys.ServerKey);
        }

        if (account.Rate is { } rate)
        {
            (row["RateCount"], row["RatePeriod"]) = (rate.Count, (long)rate.Period.TotalMilliseconds);
        }

        return row;
    }

    /// <summary>All accounts, by name. One whose row makes no sense is left out and told of: it must not hide the others, nor sign in.</summary>
    public static List<Account> Read(IEnumerable<TableEntity> rows, Action<string, Exception> unreadable)
    {
        var accounts = new List<Account>();
        foreach (var row in rows)
        {
            try
            {
                accounts.Add(Read(row));
            }
            catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or InvalidCastException or NullReferenceException)
            {
                unreadable(row.RowKey, e);
            }
        }

        accounts.Sort((a, b) => string.CompareOrdinal(Account.KeyOf(a.Name), Account.KeyOf(b.Name)));
        return accounts;
    }

    private static string KeyOf(string name) => Accounts + StoreTable.Key(Account.KeyOf(name));

    private static Account Read(TableEntity row) => new()
    {
        Name = row.GetString("Name"),
        Password = row.GetBinary("Salt") is { } salt
            ? new PasswordKeys(salt, row.GetInt32("Iterations")!.Value, row.GetBinary("StoredKey"), row.GetBinary("ServerKey"))
            : null,
        TokenSubject = row.GetString("TokenSubject"),
        IsDisabled = row.GetBoolean("Disabled")!.Value,
        Senders = Lines(row.GetString("Senders")),
        Networks = [.. Lines(row.GetString("Networks")).Select(IPNetwork.Parse)],
        Rate = row.GetInt32("RateCount") is { } count ? new Rate(count, TimeSpan.FromMilliseconds(row.GetInt64("RatePeriod")!.Value)) : null,
        CreatedAt = row.GetDateTimeOffset("CreatedAt")!.Value,
    };

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
