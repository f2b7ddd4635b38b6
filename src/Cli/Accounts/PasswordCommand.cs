using System.CommandLine;
using Relay.Accounts;

namespace Relay.Cli.Accounts;

/// <summary><c>relay account password NAME</c>: a new password in place of the old one.</summary>
internal static class PasswordCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var name = AccountCommand.Name();
        var stdin = PasswordInput.Option();
        var command = new DocumentedCommand(
            "password",
            "Give an account a new password; the old one is refused from then on",
            "relay account password app@example.com",
            "relay account password app@example.com --password-stdin < password.txt")
        {
            name,
            stdin,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var fromInput = parsed.GetValue(stdin);
            var password = fromInput ? await PasswordInput.ReadAsync(around, cancel) : Passwords.Generate(around.Secrets);
            return password is null
                ? ExitCodes.Usage
                : await globals.UseAccountsAsync(parsed, around, (accounts, data) =>
                    RunAsync(accounts, data, parsed.GetValue(name)!, password, show: !fromInput, around, cancel));
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IAccounts accounts, string data, string name, string password, bool show, Surroundings around, CancellationToken cancel)
    {
        if (await accounts.FindAsync(name, cancel) is not { } account)
        {
            return AccountCommand.NoSuchAccount(around, name, data);
        }

        await accounts.SaveAsync(account with { Password = PasswordKeys.Derive(password, around.Secrets) }, cancel);
        var done = $"Changed the password of {account.Name}.";
        if (show)
        {
            PasswordInput.Show(around, done, password);
        }
        else
        {
            around.Out.WriteLine(done);
        }

        return ExitCodes.Done;
    }
}
