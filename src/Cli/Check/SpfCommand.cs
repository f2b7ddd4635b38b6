using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Checks.Spf;

namespace Relay.Cli.Check;

/// <summary><c>relay check spf</c>: whether a client may send for a domain.</summary>
internal static class SpfCommand
{
    public static Command Create(GlobalOptions globals, DnsOption dns, Surroundings around)
    {
        var client = new ClientOptions(needsClient: true);
        var json = new Option<bool>("--json") { Description = "For programs: result, explanation, mechanism and lookups as JSON" };
        var command = new DocumentedCommand(
            "spf",
            "Ask a domain by SPF whether a client may send its mail (RFC 7208)",
            "relay check spf --ip 192.0.2.1 --helo mail.example.org --mail-from user@example.org",
            "relay check spf --ip 2001:db8::25 --helo mail.example.org --json | jq -r .result",
            "relay check spf --ip 192.0.2.1 --mail-from user@example.org --dns 127.0.0.1:5353")
        {
            json,
        };
        client.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            if (globals.Load(parsed, around)?.Options is not { } options)
            {
                return Task.FromResult(ExitCodes.Usage);
            }

            var identity = SpfIdentity.MailFrom(client.AddressOf(parsed)!, client.HeloOf(parsed) ?? "", client.MailFromOf(parsed));
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
}

/// <summary>The answer as JSON.</summary>
internal sealed record SpfAnswer(string Result, string? Explanation, string? Mechanism, int Lookups);

/// <summary>On one line; what is not known is null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SpfAnswer))]
internal sealed partial class SpfJson : JsonSerializerContext;
