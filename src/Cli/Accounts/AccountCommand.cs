using System.CommandLine;

namespace Relay.Cli.Accounts;

/// <summary><c>relay account</c>: who may sign in. All of it works beside a running relay, which sees a change within a second.</summary>
internal static class AccountCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around) => new DocumentedCommand(
        "account",
        "Add, show and change the accounts that may sign in to hand in mail; a running relay sees a change within a second",
        "relay account add app@example.com --sender example.com",
        "relay account list",
        "relay account locks")
    {
        AddCommand.Create(globals, around),
        AccountListCommand.Create(globals, around),
        ChangeCommands.Disable(globals, around),
        ChangeCommands.Enable(globals, around),
        PasswordCommand.Create(globals, around),
        ChangeCommands.Remove(globals, around),
        LocksCommand.Create(globals, around),
        UnlockCommand.Create(globals, around),
    };

    /// <summary>The account that a command is about.</summary>
    public static Argument<string> Name() => new("NAME") { Description = "What the client signs in with; upper and lower case are the same" };

    public static int NoSuchAccount(Surroundings around, string name, string data) =>
        around.Fail(ExitCodes.Negative, $"there is no account {name} in {data}: 'relay account list' shows those that there are");
}
