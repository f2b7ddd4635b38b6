using System.CommandLine;
using System.Text.Json;
using Relay.Accounts;

namespace Relay.Cli.Accounts;

/// <summary><c>relay explain SESSION</c>: why a client could or could not sign in.</summary>
internal static class ExplainCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var session = new Argument<string>("SESSION") { Description = "The id of an SMTP session, as its replies and the log show it" };
        session.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[0].Value.Contains('@'))
            {
                result.AddError(
                    $"'{result.Tokens[0].Value}' looks like a mail address: explain takes the id of a session, and cannot yet say what would become of mail to an address");
            }
        });
        var json = new Option<bool>("--json") { Description = "For programs: the same JSON as GET /sessions/{id}" };
        var command = new DocumentedCommand(
            "explain",
            "Show how the attempts to sign in of a session ended, why, and what to do about it",
            "relay explain d7m2k00001",
            "relay explain d7m2k00001 --json | jq -r '.signIns[].result'")
        {
            session,
            json,
        };
        command.SetAction((parsed, cancel) => globals.UseAccountsAsync(parsed, around, (accounts, data) =>
            RunAsync(accounts, data, parsed.GetValue(session)!, parsed.GetValue(json), around, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(
        IAccounts accounts, string data, string session, bool json, Surroundings around, CancellationToken cancel)
    {
        var signIns = await accounts.SignInsAsync(session, cancel);
        if (signIns.Count == 0)
        {
            return around.Fail(
                ExitCodes.Negative, $"no attempt to sign in of session {session} is in {data}: there was none, or it is no longer kept; the log has the rest of a session");
        }

        if (json)
        {
            around.Out.WriteLine(JsonSerializer.Serialize(new SessionSignIns(session, signIns), AccountsJson.Default.SessionSignIns));
        }
        else
        {
            ExplainText.Write(around.Out, signIns);
        }

        return ExitCodes.Done;
    }
}
