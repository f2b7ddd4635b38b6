using System.CommandLine;
using Relay.Accounts;

namespace Relay.Cli.Accounts;

/// <summary><c>relay account add NAME</c>.</summary>
internal static class AddCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var name = new Argument<string>("NAME") { Description = $"What the client signs in with: {AccountParser.AllowedName}" };
        var stdin = PasswordInput.Option();
        var senders = new Option<string[]>("--sender")
        {
            HelpName = "SENDER",
            Description = $"A reverse-path that it may use, may be given again: {AccountParser.AllowedSender} [default: any]",
        };
        var networks = new Option<string[]>("--network")
        {
            HelpName = "NETWORK",
            Description = $"Where it may sign in from, may be given again: {AccountParser.AllowedNetwork} [default: anywhere]",
        };
        var rate = new Option<string?>("--rate")
        {
            HelpName = "RATE",
            Description = $"Messages at most: {AccountParser.AllowedRate} [default: the rate of the configuration]",
        };
        var subject = new Option<string?>("--token-subject")
        {
            HelpName = "ID",
            Description = "The oid or appid of access tokens that stand for it; without --password-stdin it then has no password",
        };
        var command = new DocumentedCommand(
            "add",
            "Add an account, with a strong password that is shown once unless it is given or not needed",
            "relay account add app@example.com",
            "relay account add app@example.com --sender example.com --network 10.0.0.0/8 --rate 600/1h",
            "relay account add app@example.com --password-stdin < password.txt",
            "relay account add app@example.com --token-subject 11111111-2222-3333-4444-555555555555")
        {
            name,
            stdin,
            senders,
            networks,
            rate,
            subject,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var text = new AccountText
            {
                Name = parsed.GetValue(name)!,
                Senders = parsed.GetValue(senders) ?? [],
                Networks = parsed.GetValue(networks) ?? [],
                Rate = parsed.GetValue(rate),
                TokenSubject = parsed.GetValue(subject),
            };
            var (account, faults) = AccountParser.Parse(text, around.Time.GetUtcNow());
            if (account is null)
            {
                return WrongUsage(faults, around);
            }

            var fromInput = parsed.GetValue(stdin);
            var password = fromInput ? await PasswordInput.ReadAsync(around, cancel)
                : account.TokenSubject is null ? Passwords.Generate(around.Secrets)
                : null;
            return fromInput && password is null
                ? ExitCodes.Usage
                : await globals.UseAccountsAsync(
                    parsed, around, (accounts, data) => RunAsync(accounts, data, account, password, show: !fromInput, around, cancel), mayCreate: true);
        });
        return command;
    }

    private static int WrongUsage(IReadOnlyList<AccountFault> faults, Surroundings around)
    {
        foreach (var fault in faults)
        {
            around.Fail(ExitCodes.Usage, $"{(fault.Parameter == "name" ? "NAME" : "--" + fault.Parameter)}: {fault.Problem}");
        }

        return ExitCodes.Usage;
    }

    private static async Task<int> RunAsync(
        IAccounts accounts, string data, Account account, string? password, bool show, Surroundings around, CancellationToken cancel)
    {
        if (await accounts.FindAsync(account.Name, cancel) is { } same)
        {
            return around.Fail(
                ExitCodes.Negative, $"there is an account {same.Name} in {data}: 'relay account password' changes its password, 'relay account remove' removes it");
        }

        if (account.TokenSubject is { } subject && await accounts.FindBySubjectAsync(subject, cancel) is { } other)
        {
            return around.Fail(ExitCodes.Negative, $"tokens of {subject} stand for the account {other.Name} in {data}, and can stand for one only");
        }

        await accounts.SaveAsync(
            account with { Password = password is null ? null : PasswordKeys.Derive(password, around.Secrets) }, cancel);
        var done = $"Added the account {account.Name}.";
        if (password is null)
        {
            around.Out.WriteLine($"{done} It has no password and signs in by access token.");
        }
        else if (show)
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
