using System.CommandLine;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Checks.Domains;
using Relay.Mail;
using Relay.Options;

namespace Relay.Cli.Check;

/// <summary><c>relay check domain DOMAIN</c>: all that a domain publishes for its mail, and what to change.</summary>
internal static class CheckDomainCommand
{
    public static Command Create(GlobalOptions globals, DnsOption dns, Surroundings around)
    {
        var domain = new Argument<string>("DOMAIN") { Description = "The domain of the addresses that mail is sent from" };
        var selectors = new Option<string[]>("--selector")
        {
            HelpName = "NAME",
            Description = "A selector of DKIM to look for; may be given several times [default: those of the configuration for the domain, or the usual names]",
        };
        var addresses = new Option<string[]>("--ip")
        {
            HelpName = "ADDRESS",
            Description = "An address that our mail leaves from, as others see it; may be given several times [default: those of HostName]",
        };
        var json = new Option<bool>("--json") { Description = "For programs: the domain and its findings as JSON" };
        var command = new DocumentedCommand(
            "domain",
            "See what a domain publishes for its mail: what is right, and what to change",
            "relay check domain example.org",
            "relay check domain example.org --selector s2026 --ip 192.0.2.1 --ip 2001:db8::25",
            "relay check domain example.org --json | jq -r '.findings[] | select(.state==\"change\") | .advice'")
        {
            domain,
            selectors,
            addresses,
            json,
        };
        domain.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (result.Tokens[0].Value.StartsWith('[') || !Mailbox.IsDomain(Encoding.UTF8.GetBytes(result.Tokens[0].Value))))
            {
                result.AddError($"'{result.Tokens[0].Value}' is not a domain such as example.org");
            }
        });
        addresses.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !IPAddress.TryParse(token.Value, out _)))
            {
                result.AddError($"--ip: '{token.Value}' is not an address such as 192.0.2.1 or 2001:db8::1");
            }
        });
        command.SetAction(async (parsed, cancel) =>
        {
            if (globals.Load(parsed, around)?.Options is not { } options)
            {
                return ExitCodes.Usage;
            }

            var subject = new DomainSubject(parsed.GetValue(domain)!)
            {
                Selectors = parsed.GetValue(selectors) is { Length: > 0 } given ? given : Configured(options, parsed.GetValue(domain)!),
                Egress = [.. (parsed.GetValue(addresses) ?? []).Select(IPAddress.Parse)],
            };
            using var inspector = new DomainInspector(dns.Resolver(parsed, options, around.Time), options.HostName, around.Time);
            return Write(around.Out, subject.Domain, await inspector.InspectAsync(subject, cancel), parsed.GetValue(json));
        });
        return command;
    }

    /// <summary>The selectors of the keys that we sign the domain's mail with.</summary>
    private static string[] Configured(RelayOptions options, string domain) =>
        [.. options.Dkim.Where(key => key.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase)).Select(key => key.Selector)];

    private static int Write(TextWriter output, string domain, IReadOnlyList<DomainFinding> findings, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new DomainAnswer(domain, findings), DomainJson.Default.DomainAnswer));
        }
        else
        {
            WriteText(output, findings);
        }

        return findings.Any(finding => finding.State == DomainState.Change) ? ExitCodes.Negative
            : findings.Any(finding => finding.State == DomainState.NoAnswer) ? ExitCodes.Unreachable
            : ExitCodes.Done;
    }

    private static void WriteText(TextWriter output, IReadOnlyList<DomainFinding> findings)
    {
        foreach (var finding in findings)
        {
            output.WriteLine($"{finding.Topic,-8} {Word(finding.State),-8} {Text.OneLine(finding.Found)}");
            if (finding.Advice is { } advice)
            {
                output.WriteLine($"{"",-17} -> {Text.OneLine(advice)}");
            }
        }

        var changes = findings.Count(finding => finding.State == DomainState.Change);
        output.WriteLine();
        output.WriteLine(changes switch
        {
            0 => "Nothing must be changed.",
            1 => "One thing must be changed.",
            _ => $"{changes} things must be changed.",
        });
    }

    private static string Word(DomainState state) => state switch
    {
        DomainState.Right => "right",
        DomainState.Better => "better",
        DomainState.Change => "CHANGE",
        _ => "unknown",
    };
}

/// <summary>The answer as JSON.</summary>
internal sealed record DomainAnswer(string Domain, IReadOnlyList<DomainFinding> Findings);

/// <summary>On one line; what is not there is null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DomainAnswer))]
internal sealed partial class DomainJson : JsonSerializerContext;
