using System.CommandLine;
using System.Text.Json;
using Relay.Accounts;

namespace Relay.Cli.Accounts;

/// <summary><c>relay account list</c>.</summary>
internal static class AccountListCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var json = new Option<bool>("--json") { Description = "For programs" };
        var command = new DocumentedCommand(
            "list",
            "Show all accounts; of a password, only whether there is one",
            "relay account list",
            "relay account list --json | jq -r '.accounts[].name'")
        {
            json,
        };
        command.SetAction((parsed, cancel) => globals.UseAccountsAsync(parsed, around, async (accounts, data) =>
        {
            List<AccountSummary> all = [.. (await accounts.ListAsync(cancel)).Select(AccountSummary.Of)];
            if (parsed.GetValue(json))
            {
                around.Out.WriteLine(JsonSerializer.Serialize(new AccountList(all), AccountsJson.Default.AccountList));
            }
            else
            {
                Write(around.Out, all, data);
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static void Write(TextWriter output, List<AccountSummary> accounts, string data)
    {
        if (accounts.Count == 0)
        {
            output.WriteLine($"There is no account in {data}.");
            return;
        }

        List<string[]> rows = [["NAME", "STATE", "SIGNS IN BY", "AS SENDER", "FROM", "RATE", "ADDED"]];
        rows.AddRange(accounts.Select(Row));
        Columns.Write(output, rows);
    }

    private static string[] Row(AccountSummary account) =>
    [
        Text.OneLine(account.Name), account.Disabled ? "disabled" : "enabled", Methods(account), Any(account.Senders, "any"),
        Any(account.Networks, "anywhere"), account.Rate ?? "default", Text.Time(account.CreatedAt),
    ];

    private static string Methods(AccountSummary account) => (account.HasPassword, account.TokenSubject is not null) switch
    {
        (true, true) => "password, token",
        (true, false) => "password",
        (false, true) => "token",
        _ => "nothing",
    };

    private static string Any(IReadOnlyList<string> some, string any) => some.Count == 0 ? any : Text.OneLine(string.Join(", ", some));
}
