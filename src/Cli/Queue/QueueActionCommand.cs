using System.CommandLine;
using Microsoft.Extensions.Logging;
using Relay.Delivery;
using Relay.Mail;
using Relay.Options;
using Relay.Spool;
using Relay.Spool.Embedded;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Cli.Queue;

/// <summary>
/// <c>relay retry|cancel|hold|release</c>: changes the queue. A running relay is asked to do it, since it alone knows what it is
/// just sending; without one the data folder is opened here.
/// </summary>
internal static class QueueActionCommand
{
    private const int MaxReason = 150;

    public static IEnumerable<Command> CreateAll(GlobalOptions globals, Surroundings around) =>
    [
        Create(QueueAction.Retry, "retry", "Try queued mail now. What is held stays held", globals, around),
        Create(QueueAction.Cancel, "cancel", "Take queued mail back: its recipients end as cancelled, and nobody is told", globals, around),
        Create(QueueAction.Hold, "hold", "Try queued mail no more until it is released; its age counts on", globals, around),
        Create(QueueAction.Release, "release", "Go on with mail that is held, now; and send quarantined mail that is named by its id on its way", globals, around),
    ];

    private static DocumentedCommand Create(
        QueueAction action, string word, string description, GlobalOptions globals, Surroundings around)
    {
        var ids = new Argument<string[]>("ID") { Description = "Message ids, as 'relay queue' shows them", Arity = ArgumentArity.ZeroOrMore };
        var domain = new Option<string?>("--domain") { HelpName = "DOMAIN", Description = "All mail for a domain" };
        var all = new Option<bool>("--all") { Description = "All mail that is queued" };
        var reason = new Option<string?>("--reason") { HelpName = "TEXT", Description = "Why, for the timeline of the messages" };
        var command = new DocumentedCommand(
            word,
            description,
            $"relay {word} 019a2b3c4d5e7f8091a2b3c4d5e6f708",
            $"relay {word} --domain example.com --reason 'ticket 42'",
            $"relay {word} --all")
        {
            ids,
            domain,
            all,
            reason,
        };
        command.Validators.Add(result =>
        {
            var named = result.GetValue(ids) ?? [];
            if ((named.Length > 0 ? 1 : 0) + (result.GetValue(domain) is null ? 0 : 1) + (result.GetValue(all) ? 1 : 0) != 1)
            {
                result.AddError("say which mail: message ids, or --domain, or --all");
            }

            foreach (var id in named.Where(id => !MessageId.TryParse(id, out _)))
            {
                result.AddError($"'{id}' is not a message id: it has 32 hexadecimal digits");
            }

            if (result.GetValue(domain) is { } name && QueueQueryParser.Domain(name) is null)
            {
                result.AddError($"--domain: '{name}' is not {QueueQueryParser.AllowedDomain}");
            }

            if (result.GetValue(reason) is { } text && (text.Length > MaxReason || text.Any(char.IsControl)))
            {
                result.AddError($"--reason: one line of at most {MaxReason} characters");
            }
        });
        command.SetAction((parsed, cancel) =>
        {
            if (globals.Load(parsed, around) is not { Options: { } options })
            {
                return Task.FromResult(ExitCodes.Usage);
            }

            var note = Note(word, parsed.GetValue(reason), around);
            IEnumerable<QueueSelection> selections = parsed.GetValue(ids) is { Length: > 0 } named
                ? named.Select(id => new QueueSelection { Message = MessageId.TryParse(id, out var read) ? read : null, Note = note })
                : [new QueueSelection { Domain = parsed.GetValue(domain) is { } name ? QueueQueryParser.Domain(name) : null, All = parsed.GetValue(all), Note = note }];
            return RunAsync(action, word, selections, options, around, cancel);
        });
        return command;
    }

    private static string Note(string word, string? reason, Surroundings around)
    {
        var user = around.Environment.GetValueOrDefault("USER") is { Length: > 0 and <= 32 } name ? $" by {Text.OneLine(name)}" : "";
        return $"relay {word}{user}{(reason is null ? "" : $": {reason}")}";
    }

    private static async Task<int> RunAsync(
        QueueAction action, string word, IEnumerable<QueueSelection> selections, RelayOptions options, Surroundings around, CancellationToken cancel)
    {
        using var lines = new LineLoggerProvider(around.Error, around.Time);
        using var logs = lines.CreateFactory(LogLevel.Warning);
        if (options.Spool == SpoolKind.Azure)
        {
            return await GlobalOptions.UseAzureAsync(options, around, (stores, _) => ChangeAsync(stores.Spool));
        }

        // It must be there: opening would make one where the folder's name is mistaken.
        await EmbeddedStatusReader.Open(options.Data).DisposeAsync();
        EmbeddedSpool spool;
        try
        {
            spool = EmbeddedSpool.Open(options.Data, around.Time, logs.CreateLogger<EmbeddedSpool>());
        }
        catch (SpoolException e) when (e.Fault == SpoolFault.InUse)
        {
            using var relay = new QueueClient(options);
            return await QueueActionCommand.ChangeAsync(word, selections, selection => relay.ChangeAsync(word, selection, cancel), around);
        }

        await using (spool)
        {
            return await ChangeAsync(spool);
        }

        Task<int> ChangeAsync(ISpool opened)
        {
            var queue = new QueueOperator(opened, logs.CreateLogger<QueueOperator>());
            return QueueActionCommand.ChangeAsync(word, selections, selection => queue.RunAsync(action, selection, cancel), around);
        }
    }

    private static async Task<int> ChangeAsync(
        string word, IEnumerable<QueueSelection> selections, Func<QueueSelection, Task<QueueChange?>> change, Surroundings around)
    {
        var exitCode = ExitCodes.Done;
        foreach (var selection in selections)
        {
            var prefix = selection.Message is { } id ? $"{id}: " : "";
            if (await change(selection) is not { } changed)
            {
                exitCode = around.Fail(ExitCodes.Negative, $"{prefix}no such message: it never was, or its retention has ended");
                continue;
            }

            around.Out.WriteLine($"{prefix}{word}: {changed.Messages} messages, {changed.Recipients} recipients changed" +
                (changed.InFlight > 0 ? $"; {changed.InFlight} recipients are being tried just now and were left alone" : ""));
            if (selection.Message is not null && changed.Recipients == 0)
            {
                exitCode = ExitCodes.Negative;
            }
        }

        return exitCode;
    }
}
