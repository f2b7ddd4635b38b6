using System.Net;
using Microsoft.Data.Sqlite;
using Relay.Sqlite;

namespace Relay.Accounts.Embedded;

/// <summary>From rows to records and back.</summary>
internal static class AccountRows
{
    private static readonly Dictionary<string, SignInResult> ResultsByWord = Enum.GetValues<SignInResult>().ToDictionary(SignInWords.Word);

    /// <summary>All accounts, by name. One whose row makes no sense is left out and told of: it must not hide the others, nor sign in.</summary>
    public static List<Account> Accounts(SqliteConnection connection, Action<string, Exception> unreadable)
    {
        using var rows = new Statement(connection, """
            SELECT name, salt, iterations, stored_key, server_key, token_subject, disabled, senders, networks,
                rate_count, rate_period, created_at
            FROM account ORDER BY key
            """);
        var accounts = new List<Account>();
        while (rows.Next())
        {
            try
            {
                accounts.Add(Account(rows));
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                unreadable(rows.Text(0), e);
            }
        }

        return accounts;
    }

    public static List<Lock> Locks(SqliteConnection connection)
    {
        using var rows = new Statement(connection, "SELECT kind, subject, failures, until FROM lock ORDER BY kind, subject");
        var locks = new List<Lock>();
        while (rows.Next())
        {
            locks.Add(new Lock((LockKind)rows.Int(0), rows.Text(1), (int)rows.Int(2), Time(rows, 3)));
        }

        return locks;
    }

    public static List<SignIn> SignIns(SqliteConnection connection, string session)
    {
        using var rows = new Statement(connection, """
            SELECT at, mechanism, account, client_address, result, detail FROM sign_in WHERE session = ? ORDER BY id
            """);
        rows.Bind(session);
        var signIns = new List<SignIn>();
        while (rows.Next())
        {
            var word = rows.Text(4);
            var isKnown = ResultsByWord.TryGetValue(word, out var result);
            signIns.Add(new SignIn
            {
                Session = session,
                At = Time(rows, 0),
                Mechanism = rows.Text(1),
                Account = rows.TextOrNull(2),
                ClientAddress = rows.TextOrNull(3),
                Result = isKnown ? result : SignInResult.Unavailable,
                Detail = isKnown ? rows.TextOrNull(5) : $"the verdict {word}, which this version of Relay does not know",
            });
        }

        return signIns;
    }

    /// <summary>Adds or replaces. Not <c>INSERT OR REPLACE</c>: that would remove another account with the same subject of tokens.</summary>
    public static Statement Save(SqliteConnection connection) => new(connection, """
        INSERT INTO account(key, name, salt, iterations, stored_key, server_key, token_subject, disabled, senders, networks,
            rate_count, rate_period, created_at)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        ON CONFLICT(key) DO UPDATE SET name = ?2, salt = ?3, iterations = ?4, stored_key = ?5, server_key = ?6,
            token_subject = ?7, disabled = ?8, senders = ?9, networks = ?10, rate_count = ?11, rate_period = ?12, created_at = ?13
        """);

    public static void Bind(Statement save, Account account)
    {
        var (keys, rate) = (account.Password, account.Rate);
        save.Run(
            Relay.Accounts.Account.KeyOf(account.Name),
            account.Name,
            keys is null ? SqliteValue.Null : keys.Salt,
            keys is null ? SqliteValue.Null : keys.Iterations,
            keys is null ? SqliteValue.Null : keys.StoredKey,
            keys is null ? SqliteValue.Null : keys.ServerKey,
            account.TokenSubject,
            account.IsDisabled ? 1 : 0,
            string.Join('\n', account.Senders),
            string.Join('\n', account.Networks),
            rate is null ? SqliteValue.Null : rate.Count,
            rate is null ? SqliteValue.Null : (long)rate.Period.TotalMilliseconds,
            account.CreatedAt);
    }

    private static Account Account(Statement row) => new()
    {
        Name = row.Text(0),
        Password = row.IsNull(1)
            ? null
            : new PasswordKeys(row.Blob(1).ToArray(), (int)row.Int(2), row.Blob(3).ToArray(), row.Blob(4).ToArray()),
        TokenSubject = row.TextOrNull(5),
        IsDisabled = row.Int(6) != 0,
        Senders = Lines(row.Text(7)),
        Networks = [.. Lines(row.Text(8)).Select(IPNetwork.Parse)],
        Rate = row.IsNull(9) ? null : new Rate((int)row.Int(9), TimeSpan.FromMilliseconds(row.Int(10))),
        CreatedAt = Time(row, 11),
    };

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static DateTimeOffset Time(Statement row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.Int(column));
}
