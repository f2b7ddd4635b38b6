using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Checks.Spf;

namespace Relay.Cli.Check;

/// <summary><c>relay check spf</c>: whether a client may send for a domain.</summary>
internal static class SpfCommand
{
    private const string NullPath = "<>";

    public static Command Create(GlobalOptions globals, DnsOption dns, Surroundings around)
    {
        var ip = new Option<string>("--ip") { Required = true, HelpName = "ADDRESS", Description = "The address of the client" };
        var helo = new Option<string?>("--helo") { HelpName = "NAME", Description = "What it calls itself in HELO or EHLO" };
        var mailFrom = new Option<string?>("--mail-from")
        {
            HelpName = "ADDRESS",
            Description = "The reverse-path; <> for the null one [default: the null one, which stands for the name in HELO]",
        };
        var json = new Option<bool>("--json") { Description = "For programs: result, explanation, mechanism and lookups as JSON" };
        var command = new DocumentedCommand(
            "spf",
            "Ask a domain by SPF whether a client may send its mail (RFC 7208)",
            "relay check spf --ip 192.0.2.1 --helo mail.example.org --mail-from user@example.org",
            "relay check spf --ip 2001:db8::25 --helo mail.example.org --json | jq -r .result",
            "relay check spf --ip 192.0.2.1 --mail-from user@example.org --dns 127.0.0.1:5353")
        {
            ip,
            helo,
            mailFrom,
            json,
        };
        ip.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && Address(result.Tokens[0].Value) is null)
            {
                result.AddError($"--ip: '{result.Tokens[0].Value}' is not an address such as 192.0.2.1 or 2001:db8::1");
            }
        });
        mailFrom.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[0].Value is not ("" or NullPath) && !result.Tokens[0].Value.Contains('@'))
            {
                result.AddError($"--mail-from: '{result.Tokens[0].Value}' is not a mail address such as user@example.com; <> is the null reverse-path");
            }
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(helo) is null or "" && result.GetValue(mailFrom) is null or "" or NullPath)
            {
                result.AddError("there is no domain to ask: name it with --mail-from or --helo");
            }
        });
        command.SetAction((parsed, cancel) =>
        {
            if (globals.Load(parsed, around)?.Options is not { } options)
            {
                return Task.FromResult(ExitCodes.Usage);
            }

            var path = parsed.GetValue(mailFrom) is { } given and not NullPath ? given : "";
            var identity = SpfIdentity.MailFrom(Address(parsed.GetValue(ip)!)!, parsed.GetValue(helo) ?? "", path);
            var evaluator = new SpfEvaluator(dns.Resolver(parsed, options, around.Time), options.HostName, around.Time);
            return RunAsync(evaluator, identity, options.Checks.Timeout, parsed.GetValue(json), around, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        SpfEvaluator evaluator, SpfIdentity identity, TimeSpan timeout, bool json, Surroundings around, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(timeout, around.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        SpfEvaluation found;
        try
        {
            found = await evaluator.EvaluateAsync(identity, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            found = new SpfEvaluation(SpfResult.TempError) { Detail = $"no answer within {timeout.TotalSeconds} s" };
        }

        if (json)
        {
            around.Out.WriteLine(JsonSerializer.Serialize(
                new SpfAnswer(found.Result.Word(), found.Explanation, found.Mechanism, found.Lookups), SpfJson.Default.SpfAnswer));
        }
        else
        {
            Columns.Write(around.Out, Rows(identity, found));
        }

        return ExitCodes.Done;
    }

    private static List<string[]> Rows(SpfIdentity identity, SpfEvaluation found)
    {
        List<string[]> rows =
        [
            ["result", found.Result.Word()],
            ["meaning", Meaning(found.Result)],
            ["domain", Text.OneLine(identity.Domain)],
            ["client", identity.Client.ToString()],
            ["mechanism", Text.OneLine(found.Mechanism ?? "none matched")],
        ];
        if (found.Explanation is { } explanation)
        {
            rows.Add(["explanation", explanation]);
            rows.Add(["said by", found.ExplainedBy ?? "relay: the domain has no words of its own"]);
        }

        if (found.Detail is { } detail)
        {
            rows.Add(["detail", Text.OneLine(detail)]);
        }

        rows.Add(["lookups", $"{found.Lookups}"]);
        return rows;
    }

    private static string Meaning(SpfResult result) => result switch
    {
        SpfResult.None => "the domain says nothing by SPF, or is no domain",
        SpfResult.Neutral => "the domain says nothing about this client",
        SpfResult.Pass => "the client may send mail of the domain",
        SpfResult.Fail => "the client may not send mail of the domain",
        SpfResult.SoftFail => "the client probably may not send mail of the domain",
        SpfResult.TempError => "DNS gave no answer: ask again later",
        _ => "what the domain publishes is at fault; its owner must put it right",
    };

    /// <summary>An address in full: the framework also takes <c>1</c> and <c>0x7f.1</c>.</summary>
    private static IPAddress? Address(string text) =>
        IPAddress.TryParse(text, out var address) &&
        (address.AddressFamily == AddressFamily.InterNetworkV6 || text == address.ToString()) ? address : null;
}

/// <summary>The answer as JSON.</summary>
internal sealed record SpfAnswer(string Result, string? Explanation, string? Mechanism, int Lookups);

/// <summary>On one line; what is not known is null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SpfAnswer))]
internal sealed partial class SpfJson : JsonSerializerContext;
