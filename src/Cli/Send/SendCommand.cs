using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Dns;
using Relay.Mail;
using Relay.Options;
using Relay.Routing;
using Relay.Status;
using Relay.Transport;

namespace Relay.Cli.Send;

/// <summary><c>relay send FILE</c>: hands a message to a relay by SMTP.</summary>
internal static class SendCommand
{
    private const string NullPath = "<>";

    /// <summary>No answer was got from the server, so nothing is known of the recipients.</summary>
    private static readonly HashSet<string> NoAnswer =
    [
        Reasons.ConnectFailed, Reasons.ConnectionLost, Reasons.RemoteTimeout, Reasons.RemoteProtocolError, Reasons.DnsTemporary,
        Reasons.NoMailHost,
    ];

    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var file = new Argument<string>("FILE") { Description = "The message, header and body; - reads standard input. Line ends become CRLF" };
        var from = new Option<string>("--from") { Required = true, HelpName = "ADDRESS", Description = "The reverse-path; <> for the null one" };
        var to = new Option<string[]>("--to") { Required = true, HelpName = "ADDRESS", Description = "A recipient; may be given again" };
        var server = new Option<string?>("--server")
        {
            HelpName = "HOST[:PORT]",
            Description = "The relay [default: where the configuration says that it listens; without a port: 25]",
        };
        from.Validators.Add(result => RequireAddress(result, orNull: true));
        to.Validators.Add(result => RequireAddress(result, orNull: false));
        server.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !HostPort.TryParse(result.Tokens[0].Value, out _))
            {
                result.AddError($"--server: '{result.Tokens[0].Value}' is not a host with a port, such as 127.0.0.1:2525");
            }
        });
        var command = new DocumentedCommand(
            "send",
            "Send a message to a relay by SMTP, and show its reply for each recipient",
            "relay send message.eml --from app@example.com --to someone@example.net",
            "printf 'Subject: Test\\n\\nHello\\n' | relay send - --from a@example.com --to b@example.net --to c@example.net",
            "relay send message.eml --from '<>' --to someone@example.net --server relay.example.com:25")
        {
            file,
            from,
            to,
            server,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(file)!,
            Path(parsed.GetValue(from)!),
            [.. parsed.GetValue(to)!.Select(address => new ForwardPath(Mailbox(address)))],
            parsed.GetValue(server),
            () => globals.Load(parsed, around)?.Options,
            around,
            cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        string file, ReversePath from, ForwardPath[] to, string? server, Func<RelayOptions?> load, Surroundings around, CancellationToken cancel)
    {
        if (load() is not { } options)
        {
            return ExitCodes.Usage;
        }

        if (Server(server, options) is not { } host)
        {
            return around.Fail(ExitCodes.Usage, "the configuration leaves the port of the relay open: name it with --server HOST:PORT");
        }

        MessageFile message;
        try
        {
            await using var source = file == "-" ? around.OpenInput() : File.OpenRead(System.IO.Path.Combine(around.WorkingFolder, file));
            message = await MessageFile.ReadAsync(source, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return around.Fail(ExitCodes.Usage, $"cannot read {file}: {e.Message}");
        }

        await using (message)
        {
            await using var transports = new Transports(
                options, new DnsResolver(options.Dns, around.Time), around.Time, around.Random, NullLoggerFactory.Instance);
            var outcome = await transports.For(RouteKind.Smarthost).DeliverAsync(Request(message, from, to, host, around.Time), cancel);
            return Tell(to, outcome, host, around);
        }
    }

    private static DeliveryRequest Request(MessageFile message, ReversePath from, ForwardPath[] to, HostPort host, TimeProvider time) => new()
    {
        Message = MessageId.New(time.GetUtcNow()),
        Envelope = new Envelope
        {
            ReversePath = from,
            Recipients = to,
            Body = message.HasEightBit ? BodyType.EightBitMime : BodyType.SevenBit,
            SmtpUtf8 = from.Mailbox is { IsAscii: false } || to.Any(path => !path.Mailbox.IsAscii),
        },
        Route = new Route { Name = "send", Kind = RouteKind.Smarthost, Recipients = ["*"], Hosts = [host], Tls = TlsMode.Off },
        Content = message.Content,
    };

    private static int Tell(ForwardPath[] to, DeliveryOutcome outcome, HostPort host, Surroundings around)
    {
        if (outcome.Recipients.All(recipient => NoAnswer.Contains(recipient.Reason)))
        {
            var cause = outcome.Recipients[0].Reply.Text;
            return around.Fail(ExitCodes.Unreachable, $"no answer from {host}: {cause}. Does the relay run there? 'relay serve' starts one");
        }

        var rows = to.Zip(outcome.Recipients, (path, recipient) => new[]
        {
            Text.OneLine(path.ToString()), recipient.Kind == OutcomeKind.Delivered ? "accepted" : "refused", Text.OneLine(recipient.Reply.ToString()),
        });
        Columns.Write(around.Out, [.. rows]);
        return outcome.Recipients.All(recipient => recipient.Kind == OutcomeKind.Delivered) ? ExitCodes.Done : ExitCodes.Negative;
    }

    /// <summary>The server that is named, or the first listener of the configuration; null when that has no fixed port.</summary>
    private static HostPort? Server(string? server, RelayOptions options)
    {
        if (server is not null && HostPort.TryParse(server, out var named))
        {
            return named;
        }

        var listener = options.Smtp.Listeners[0].Address;
        var address = listener.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : listener.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : listener.Address;
        return listener.Port == 0 ? null : new HostPort(address.ToString(), listener.Port);
    }

    private static void RequireAddress(System.CommandLine.Parsing.OptionResult result, bool orNull)
    {
        foreach (var token in result.Tokens)
        {
            if (!(orNull && token.Value == NullPath) && !Mail.Mailbox.TryParse(token.Value, out _))
            {
                result.AddError($"{result.Option.Name}: '{token.Value}' is not a mail address such as user@example.com");
            }
        }
    }

    private static ReversePath Path(string text) => text == NullPath ? ReversePath.Null : new ReversePath(Mailbox(text));

    private static Mailbox Mailbox(string text) =>
        Mail.Mailbox.TryParse(text, out var mailbox) ? mailbox : throw new InvalidOperationException("not validated");
}
