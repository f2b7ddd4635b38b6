using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Relay.Cli.Accounts;
using Relay.Cli.Addresses;
using Relay.Cli.Check;
using Relay.Cli.Domain;
using Relay.Cli.Explain;
using Relay.Cli.Queue;
using Relay.Cli.Reports;
using Relay.Cli.Send;
using Relay.Cli.Serve;
using Relay.Cli.Status;
using Relay.Spool;

namespace Relay.Cli;

/// <summary>The command <c>relay</c> with all that stands below it.</summary>
internal static class RelayCommand
{
    private static readonly string[] Examples =
    [
        "relay serve                                        start a relay that captures all mail",
        "swaks --server 127.0.0.1:2525 --to a@example.com   hand it a message",
        "relay list                                         see what it has",
        "relay status 019a2b3c4d5e7f8091a2b3c4d5e6f708      see what became of one message",
    ];

    /// <summary>An argument that begins with @ is an address without a local part, and not a file of arguments.</summary>
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs a command line. Whatever happens ends in an exit code and, on trouble, in one line on the error output.</summary>
    public static async Task<int> RunAsync(string[] args, Surroundings around, CancellationToken stop)
    {
        var globals = new GlobalOptions();
        var parsed = Create(globals, around).Parse(args.Length == 0 ? ["--help"] : args, Parsing);
        if (parsed.Errors.Count > 0)
        {
            return WrongUsage(parsed, around);
        }

        try
        {
            var exitCode = await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = around.Out,
                    Error = around.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                stop);
            return args.Length == 0 ? ExitCodes.Usage : exitCode;
        }
        catch (SpoolException e)
        {
            return around.Fail(ExitCodes.Unreachable, e.Message);
        }
        catch (Exception e)
        {
            return globals.IsVerbose(parsed)
                ? Unexpected(around, e)
                : around.Fail(ExitCodes.Internal, $"unexpected: {e.Message} ({e.GetType().Name}; --verbose shows where)");
        }
    }

    internal static RootCommand Create(GlobalOptions globals, Surroundings around)
    {
        var root = new RootCommand("A mail relay: takes messages by SMTP, keeps them safe, delivers or captures them, and says what became of each.")
        {
            ServeCommand.Create(globals, around),
            StatusCommand.Create(globals, around),
            ListCommand.Create(globals, around),
            ContentCommand.Create(globals, around),
            QueueCommand.Create(globals, around),
            SendCommand.Create(globals, around),
            AccountCommand.Create(globals, around),
            ExplainCommand.Create(globals, around),
            DestinationsCommand.Create(globals, around),
            CheckCommand.Create(globals, around),
            DomainCommand.Create(globals, around),
            AliasCommand.Create(globals, around),
            SuppressionCommand.Create(globals, around),
            TlsReportCommand.Create(globals, around),
        };
        foreach (var change in QueueActionCommand.CreateAll(globals, around))
        {
            root.Subcommands.Add(change);
        }

        globals.AddTo(root);
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new DocumentedHelp((HelpAction)help.Action!, Examples);
        }

        return root;
    }

    private static int WrongUsage(ParseResult parsed, Surroundings around)
    {
        foreach (var error in parsed.Errors)
        {
            around.Fail(ExitCodes.Usage, error.Message);
        }

        around.Error.WriteLine($"See: {PathTo(parsed.CommandResult)} --help");
        return ExitCodes.Usage;
    }

    /// <summary>Such as <c>relay account add</c>.</summary>
    private static string PathTo(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathTo(parent)} {result.Command.Name}" : "relay";

    private static int Unexpected(Surroundings around, Exception e)
    {
        around.Error.WriteLine(e);
        return ExitCodes.Internal;
    }
}
