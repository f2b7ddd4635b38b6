using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Relay.Mail;

namespace Relay.Cli.Check;

/// <summary><c>--ip</c>, <c>--helo</c> and <c>--mail-from</c>: a session that never was.</summary>
internal sealed class ClientOptions
{
    private const string NullPath = "<>";

    private readonly Option<string?> ip = new("--ip") { HelpName = "ADDRESS", Description = "The address of the client" };
    private readonly Option<string?> helo = new("--helo") { HelpName = "NAME", Description = "What it calls itself in HELO or EHLO" };
    private readonly Option<string?> mailFrom = new("--mail-from")
    {
        HelpName = "ADDRESS",
        Description = "The reverse-path; <> for the null one [default: the null one, which stands for the name in HELO]",
    };

    /// <param name="needsClient">The address must be given, and a domain that can be asked.</param>
    public ClientOptions(bool needsClient)
    {
        ip.Required = needsClient;
        ip.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && ParseAddress(result.Tokens[0].Value) is null)
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
    }

    public void AddTo(Command command)
    {
        command.Options.Add(ip);
        command.Options.Add(helo);
        command.Options.Add(mailFrom);
        if (ip.Required)
        {
            command.Validators.Add(result =>
            {
                if (result.GetValue(helo) is null or "" && result.GetValue(mailFrom) is null or "" or NullPath)
                {
                    result.AddError("there is no domain to ask: name it with --mail-from or --helo");
                }
            });
        }
    }

    /// <summary>The client's address; null where it was not given.</summary>
    public IPAddress? AddressOf(ParseResult parsed) => parsed.GetValue(ip) is { } text ? ParseAddress(text) : null;

    public string? HeloOf(ParseResult parsed) => parsed.GetValue(helo);

    /// <summary>The reverse-path as it was given; empty for the null one.</summary>
    public string MailFromOf(ParseResult parsed) => parsed.GetValue(mailFrom) is { } given and not NullPath ? given : "";

    /// <summary>The same as a path; the null one too where it is no address of the grammar.</summary>
    public ReversePath ReversePathOf(ParseResult parsed) =>
        Mailbox.TryParse(MailFromOf(parsed), out var mailbox) ? new ReversePath(mailbox) : ReversePath.Null;

    /// <summary>An address in full: the framework also takes <c>1</c> and <c>0x7f.1</c>.</summary>
    private static IPAddress? ParseAddress(string text) =>
        IPAddress.TryParse(text, out var address) &&
        (address.AddressFamily == AddressFamily.InterNetworkV6 || text == address.ToString()) ? address : null;
}
