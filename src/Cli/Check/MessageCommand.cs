using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Relay.Checks;
using Relay.Checks.Content;
using Relay.Cli.Send;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.Cli.Check;

/// <summary><c>relay check message</c>: what all checks would find in a message, and what would be done.</summary>
internal static class MessageCommand
{
    private static readonly CheckStage[] Stages = [CheckStage.Connection, CheckStage.Helo, CheckStage.Mail, CheckStage.Content];

    public static Command Create(GlobalOptions globals, DnsOption dns, Surroundings around)
    {
        var file = new Argument<string>("file") { HelpName = "FILE", Description = "The message; - for standard input" };
        var client = new ClientOptions(needsClient: false);
        var json = new Option<bool>("--json") { Description = "For programs: spf, dkim, arc, dmarc, action and reasons as JSON" };
        var command = new DocumentedCommand(
            "message",
            "Check a message as if a stranger had just sent it: SPF, DKIM, ARC, DMARC, and what the configuration does about it",
            "relay check message message.eml --ip 192.0.2.1 --helo mail.example.org --mail-from user@example.org",
            "relay check message - --json --dns 127.0.0.1:5353 < message.eml")
        {
            file,
            json,
        };
        client.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (globals.Load(parsed, around)?.Options is not { } options)
            {
                return ExitCodes.Usage;
            }

            var subject = new CheckSubject
            {
                ClientAddress = client.AddressOf(parsed),
                Helo = client.HeloOf(parsed),
                ReversePath = client.ReversePathOf(parsed),
            };
            Stream source;
            try
            {
                source = parsed.GetValue(file) is "-" ? around.OpenInput() : File.OpenRead(Path.Combine(around.WorkingFolder, parsed.GetValue(file)!));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return around.Fail(ExitCodes.Usage, $"cannot read the message: {e.Message}");
            }

            await using (source)
            {
                return await RunAsync(source, subject, options, dns.Resolver(parsed, options, around.Time), parsed.GetValue(json), around, cancel);
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Stream source, CheckSubject subject, RelayOptions options, IDnsResolver dns, bool json, Surroundings around, CancellationToken cancel)
    {
        using var lines = new LineLoggerProvider(around.Error, around.Time);
        using var logs = lines.CreateFactory(LogLevel.Warning);
        using var filter = ContentChecks.CreateHttp(options);
        await using var message = await MessageFile.ReadAsync(source, cancel);
        var runner = new CheckRunner(
            CheckSet.Of(options, dns, filter, around.Time, logs), options.Checks, around.Time, logs.CreateLogger<CheckRunner>());
        subject = subject with { Content = message.Content, Header = await MessageHeader.ReadAsync(message.Content, cancel) };
        var strongest = CheckVerdict.Nothing;
        foreach (var stage in Stages)
        {
            // Whatever a stage would refuse, the others are told too.
            var verdict = await runner.RunAsync(stage, subject, ModesOf(options), cancel);
            subject = subject with { Results = verdict.Results };
            strongest = verdict.Action > strongest.Action ? verdict : strongest;
        }

        var answer = Answer(strongest, subject.Results);
        if (json)
        {
            around.Out.WriteLine(JsonSerializer.Serialize(answer, MessageJson.Default.MessageAnswer));
        }
        else
        {
            Columns.Write(around.Out, Rows(answer, strongest, subject.Results));
        }

        return ExitCodes.Done;
    }

    /// <summary>Who asks by hand wants to know of all four, off or not.</summary>
    private static CheckModes ModesOf(RelayOptions options) =>
        new[] { CheckName.Spf, CheckName.Dkim, CheckName.Arc, CheckName.Dmarc }.Aggregate(options.Checks.Modes,
            (modes, check) => modes[check] == CheckAction.None ? modes.With(check, CheckAction.Tag) : modes);

    private static MessageAnswer Answer(CheckVerdict strongest, IReadOnlyList<CheckResult> results) => new(
        Words(results, "spf").FirstOrDefault() ?? "none",
        Words(results, "dkim") is [_, ..] signatures ? signatures : ["none"],
        Words(results, "arc").FirstOrDefault() ?? "none",
        Words(results, "dmarc").FirstOrDefault() ?? "none",
        strongest.Action.ToString().ToLowerInvariant(),
        [.. results.Select(result => result.Reason).OfType<string>().Distinct()]);

    private static List<string> Words(IReadOnlyList<CheckResult> results, string method) =>
        [.. results.SelectMany(result => result.Authentication).Where(found => found.Method == method).Select(found => found.Result)];

    private static List<string[]> Rows(MessageAnswer answer, CheckVerdict strongest, IReadOnlyList<CheckResult> results)
    {
        List<string[]> rows = [];
        foreach (var found in results.SelectMany(result => result.Authentication))
        {
            var about = found.Properties.Select(property => $"{property.Property}={property.Value}").Append(found.Comment is { } comment ? $"({comment})" : "");
            rows.Add([found.Method, Text.OneLine($"{found.Result} {string.Join(' ', about)}".TrimEnd())]);
        }

        rows.AddRange(results.Where(result => result.Reason is not null)
            .Select(result => new[] { "found", Text.OneLine($"{result.Check}: {result.Reason} ({result.Detail})") }));
        rows.Add(["action", answer.Action == "none" ? "none: it would be taken" : answer.Action]);
        if (strongest.Decisive is { } decisive)
        {
            rows.Add(["because", $"{decisive.Check}: {decisive.Reason}"]);
        }

        if (strongest.Refusal is { } reply)
        {
            rows.Add(["reply", reply.ToString()]);
        }

        return rows;
    }
}

/// <summary>The answer as JSON: the words of RFC 8601 §2.7, one for each signature of DKIM.</summary>
internal sealed record MessageAnswer(
    string Spf, IReadOnlyList<string> Dkim, string Arc, string Dmarc, string Action, IReadOnlyList<string> Reasons);

/// <summary>On one line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MessageAnswer))]
internal sealed partial class MessageJson : JsonSerializerContext;
