using System.CommandLine;
using System.Text.Json;
using Relay.Accounts;
using Relay.Addresses;
using Relay.Cli.Check;
using Relay.Routing;

namespace Relay.Cli.Explain;

/// <summary>
/// <c>relay explain SUBJECT</c>: of an address what would become of mail to it, of a session why a client could or could not sign in.
/// </summary>
internal static class ExplainCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var subject = new Argument<string>("SUBJECT") { Description = "A mail address; or the id of an SMTP session, as its replies and the log show it" };
        var mail = new MailOptions();
        var dns = new DnsOption();
        var json = new Option<bool>("--json") { Description = "For programs: of a session the same JSON as GET /sessions/{id}" };
        var command = new DocumentedCommand(
            "explain",
            "Show what would become of mail to an address, and why; or how the attempts to sign in of a session ended",
            "relay explain user@example.org",
            "relay explain user@example.org --from app@example.com --account app --size 10MB --header 'Subject: hello'",
            "relay explain user@example.org --json | jq -r '.ways[].hosts[]?.name'",
            "relay explain d7m2k00001",
            "relay explain d7m2k00001 --json | jq -r '.signIns[].result'")
        {
            subject,
            json,
        };
        mail.AddTo(command);
        dns.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(subject) is not { } text)
            {
                return;
            }

            if (!IsAddress(text) && mail.AnyOf(result) is { } option)
            {
                result.AddError($"{option} is of mail, and '{text}' is no mail address");
            }
            else if (IsAddress(text) && !MailOptions.TryAddress(text, out _))
            {
                result.AddError($"'{text}' is not a mail address such as user@example.com");
            }
        });
        command.SetAction((parsed, cancel) => IsAddress(parsed.GetValue(subject)!)
            ? RunAddressAsync(globals, parsed, mail.QueryOf(parsed, parsed.GetValue(subject)!), dns, parsed.GetValue(json), around, cancel)
            : globals.UseAccountsAsync(parsed, around, (accounts, data) =>
                RunSessionAsync(accounts, data, parsed.GetValue(subject)!, parsed.GetValue(json), around, cancel)));
        return command;
    }

    private static bool IsAddress(string subject) => subject.Contains('@');

    private static Task<int> RunAddressAsync(
        GlobalOptions globals, ParseResult parsed, RouteQuery query, DnsOption dns, bool json, Surroundings around, CancellationToken cancel) =>
        globals.UseAddressesAsync(
            parsed,
            around,
            (book, options, _) => RunAddressAsync(
                new AddressExplainer(options, dns.Resolver(parsed, options, around.Time), book, around.Random), query, json, around, cancel),
            mayLack: true);

    private static async Task<int> RunAddressAsync(
        AddressExplainer explainer, RouteQuery query, bool json, Surroundings around, CancellationToken cancel)
    {
        var explanation = await explainer.ExplainAsync(query, cancel);
        if (json)
        {
            around.Out.WriteLine(JsonSerializer.Serialize(explanation, ExplainJson.Default.AddressExplanation));
        }
        else
        {
            AddressText.Write(around.Out, explanation);
        }

        return explanation.Ending switch
        {
            Ending.Leads => ExitCodes.Done,
            Ending.NoAnswer => ExitCodes.Unreachable,
            _ => ExitCodes.Negative,
        };
    }

    private static async Task<int> RunSessionAsync(
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
            SessionText.Write(around.Out, signIns);
        }

        return ExitCodes.Done;
    }
}
