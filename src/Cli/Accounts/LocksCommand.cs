using System.CommandLine;
using System.Text.Json;
using Relay.Accounts;

namespace Relay.Cli.Accounts;

/// <summary><c>relay account locks</c>: who is kept from signing in after too many failures.</summary>
internal static class LocksCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var json = new Option<bool>("--json") { Description = "For programs: the same JSON as GET /locks" };
        var command = new DocumentedCommand(
            "locks",
            "Show the addresses and accounts that are locked out after too many failures, and until when",
            "relay account locks")
        {
            json,
        };
        command.SetAction((parsed, cancel) => globals.UseAccountsAsync(parsed, around, async (accounts, _) =>
        {
            var locks = await accounts.LocksAsync(around.Time.GetUtcNow(), cancel);
            if (parsed.GetValue(json))
            {
                around.Out.WriteLine(JsonSerializer.Serialize(new LockList(locks), AccountsJson.Default.LockList));
            }
            else
            {
                Write(around.Out, locks);
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static void Write(TextWriter output, IReadOnlyList<Relay.Accounts.Lock> locks)
    {
        if (locks.Count == 0)
        {
            output.WriteLine("Nobody is locked out.");
            return;
        }

        List<string[]> rows = [["LOCKED", "WHO", "FAILURES", "UNTIL"]];
        rows.AddRange(locks.Select(@lock => (string[])
            [@lock.Kind.Word(), Text.OneLine(@lock.Subject), $"{@lock.Failures}", Text.Time(@lock.Until)]));
        Columns.Write(output, rows);
    }
}
