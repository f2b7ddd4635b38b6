using System.CommandLine;
using Relay.Hosting;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.Cli.Serve;

/// <summary><c>relay serve</c>: a whole relay in this process, until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create(GlobalOptions globals, Surroundings around)
    {
        var command = new DocumentedCommand(
            "serve",
            "Run a relay until SIGTERM or Ctrl+C; a second one stops it at once. Without configuration all mail is captured.",
            "relay serve",
            "relay serve --data /var/lib/relay --config /etc/relay.json",
            "relay serve --spool azure --config /etc/relay.json",
            "Relay__Smtp__Listeners__0__Address=0.0.0.0:25 Relay__LogLevel=debug relay serve");
        var spool = new Option<string?>("--spool")
        {
            Description = "Where messages and work are kept: embedded (the data folder, for one process) or azure (for any number) [default: $Relay__Spool, or embedded]",
            HelpName = "KIND",
        };
        spool.AcceptOnlyFromAmong("embedded", "azure");
        command.Options.Add(spool);
        command.SetAction(async (parsed, stop) => globals.Load(parsed, around, parsed.GetValue(spool)) is { Options: { } options, File: var file }
            ? await RunAsync(options, file, around, stop)
            : ExitCodes.Usage);
        return command;
    }

    private static async Task<int> RunAsync(RelayOptions options, string? file, Surroundings around, CancellationToken stop)
    {
        using var signals = new StopSignals();
        using var lines = new LineLoggerProvider(around.Out, around.Time);
        using var logs = lines.CreateFactory(options.LogLevel);
        Estate estate;
        try
        {
            estate = await Estate.StartAsync(options, logs, around.Time, around.Random, stop);
        }
        catch (IOException e)
        {
            // The spool, a certificate, or an address to listen on; the message says what to do.
            return around.Fail(ExitCodes.Unreachable, e.Message);
        }

        await using (estate)
        {
            Banner.Write(lines.WriteLine, estate, file);
            await signals.Requested.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await estate.DrainAsync();
        }

        return ExitCodes.Done;
    }
}
