using System.CommandLine;
using Relay.Accounts;

namespace Relay.Cli.Accounts;

/// <summary><c>relay account unlock NAME|ADDRESS</c>: lifts a lock before its time.</summary>
internal static class UnlockCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var subject = new Argument<string>("NAME|ADDRESS") { Description = "The name or the client's address, as 'relay account locks' shows it" };
        var command = new DocumentedCommand(
            "unlock",
            "Lift the lock on an account or on an address before its time; failures are counted from nothing again",
            "relay account unlock app@example.com",
            "relay account unlock 192.0.2.7")
        {
            subject,
        };
        command.SetAction((parsed, cancel) => globals.UseAccountsAsync(parsed, around, (accounts, data) =>
            RunAsync(accounts, data, parsed.GetValue(subject)!, around, cancel)));
        return command;
    }

    /// <summary>A text can be both a name and an address; then both are meant.</summary>
    private static async Task<int> RunAsync(IAccounts accounts, string data, string text, Surroundings around, CancellationToken cancel)
    {
        var exitCode = ExitCodes.Negative;
        foreach (var kind in Enum.GetValues<LockKind>())
        {
            var subject = LockText.Subject(kind, text);
            if (await accounts.UnlockAsync(kind, subject, cancel))
            {
                around.Out.WriteLine($"Lifted the lock on the {kind.Word()} {Text.OneLine(subject)}.");
                exitCode = ExitCodes.Done;
            }
        }

        return exitCode == ExitCodes.Done
            ? exitCode
            : around.Fail(exitCode, $"no lock on {text} is in force in {data}: 'relay account locks' shows those that are");
    }
}
