using System.CommandLine;
using Relay.Accounts;

namespace Relay.Cli.Accounts;

/// <summary><c>relay account disable</c>, <c>enable</c> and <c>remove</c>, each with the name of an account.</summary>
internal static class ChangeCommands
{
    public static Command Disable(GlobalOptions globals, Surroundings around) => Create(
        "disable",
        "Let an account sign in no more, until it is enabled again; a session that is open goes on",
        "Disabled",
        (accounts, account, cancel) => accounts.SaveAsync(account with { IsDisabled = true }, cancel),
        globals,
        around);

    public static Command Enable(GlobalOptions globals, Surroundings around) => Create(
        "enable",
        "Let a disabled account sign in again",
        "Enabled",
        (accounts, account, cancel) => accounts.SaveAsync(account with { IsDisabled = false }, cancel),
        globals,
        around);

    public static Command Remove(GlobalOptions globals, Surroundings around) => Create(
        "remove",
        "Remove an account; what it has handed in is delivered all the same",
        "Removed",
        (accounts, account, cancel) => accounts.RemoveAsync(account.Name, cancel),
        globals,
        around);

    private static DocumentedCommand Create(
        string verb,
        string description,
        string done,
        Func<IAccounts, Account, CancellationToken, Task> change,
        GlobalOptions globals,
        Surroundings around)
    {
        var name = AccountCommand.Name();
        var command = new DocumentedCommand(verb, description, $"relay account {verb} app@example.com") { name };
        command.SetAction((parsed, cancel) => globals.UseAccountsAsync(parsed, around, async (accounts, data) =>
        {
            if (await accounts.FindAsync(parsed.GetValue(name)!, cancel) is not { } account)
            {
                return AccountCommand.NoSuchAccount(around, parsed.GetValue(name)!, data);
            }

            await change(accounts, account, cancel);
            around.Out.WriteLine($"{done} the account {account.Name}.");
            return ExitCodes.Done;
        }));
        return command;
    }
}
