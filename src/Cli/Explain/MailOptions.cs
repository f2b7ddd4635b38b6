using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;

namespace Relay.Cli.Explain;

/// <summary>What a message is like that never was: the facts that routes ask for.</summary>
internal sealed class MailOptions
{
    private const string NullPath = "<>";

    private readonly Option<string?> from = new("--from")
    {
        HelpName = "ADDRESS",
        Description = "The reverse-path [default: the null one, <>]",
    };

    private readonly Option<string?> account = new("--account") { HelpName = "NAME", Description = "The account that hands it in [default: nobody is signed in]" };
    private readonly Option<string?> size = new("--size") { HelpName = "SIZE", Description = "Its size, such as 10MB [default: not known, so that what asks for it may match]" };
    private readonly Option<string[]> headers = new("--header")
    {
        HelpName = "'NAME: VALUE'",
        Description = "A field of its header; may be given several times [default: not known, so that what asks for it may match]",
    };

    public MailOptions()
    {
        from.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value is not ("" or NullPath) && !TryAddress(token.Value, out _))
            {
                result.AddError($"--from: '{token.Value}' is not a mail address such as user@example.com; <> is the null reverse-path");
            }
        });
        size.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !RelayOptions.TryParseSize(token.Value, out _))
            {
                result.AddError($"--size: '{token.Value}' is not a number of octets, nor one with KB, MB or GB");
            }
        });
        headers.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !HeaderPattern.TryParse(token.Value, out _)))
            {
                result.AddError($"--header: '{token.Value}' is not a field such as 'Subject: hello'");
            }
        });
    }

    public void AddTo(Command command)
    {
        command.Options.Add(from);
        command.Options.Add(account);
        command.Options.Add(size);
        command.Options.Add(headers);
    }

    /// <summary>One of these options that was given; null when none was.</summary>
    public string? AnyOf(CommandResult result) =>
        new Option[] { from, account, size, headers }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false })?.Name;

    public RouteQuery QueryOf(ParseResult parsed, string recipient) => new(TryAddress(recipient, out var to) ? to : throw new ArgumentException(recipient))
    {
        Sender = TryAddress(parsed.GetValue(from), out var sender) ? new ReversePath(sender) : ReversePath.Null,
        Account = parsed.GetValue(account),
        Size = parsed.GetValue(size) is { } text && RelayOptions.TryParseSize(text, out var octets) ? octets : null,
        Header = parsed.GetValue(headers) is { Length: > 0 } fields
            ? MessageHeader.Parse(Encoding.UTF8.GetBytes(string.Concat(fields.Select(field => field + "\r\n")) + "\r\n"))
            : null,
    };

    /// <summary>An address, be it in angle brackets.</summary>
    public static bool TryAddress([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Mailbox? address) =>
        Mailbox.TryParse(text is ['<', .., '>'] ? text[1..^1] : text, out address);
}
