using Relay.Hosting;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.SmtpIngress;

/// <summary>The ingress by itself: it takes mail into a spool that others deliver from. Standard output is the log.</summary>
internal static class Program
{
    private const int Done = 0;
    private const int WrongConfiguration = 2;
    private const int CannotStart = 3;

    public static async Task<int> Main()
    {
        // Beside the executable, where there is one; variables stand over it.
        var file = Path.Combine(AppContext.BaseDirectory, "relay.json");
        var configuration = OptionsLoader.Load(new OptionsSource
        {
            ConfigFile = File.Exists(file) ? file : null,
            Environment = OptionsSource.ProcessEnvironment(),
            WorkingFolder = Environment.CurrentDirectory,
        });
        if (configuration.Options is not { } options)
        {
            return Fail(WrongConfiguration, configuration.Faults.Select(fault => $"configuration: {fault}"));
        }

        if (options.Spool != SpoolKind.Azure)
        {
            return Fail(WrongConfiguration, ["configuration: Spool is embedded, from which no other process delivers: an ingress by itself needs azure"]);
        }

        return await RunAsync(options);
    }

    private static async Task<int> RunAsync(RelayOptions options)
    {
        using var signals = new StopSignals();
        using var lines = new LineLoggerProvider(Console.Out, TimeProvider.System);
        using var logs = lines.CreateFactory(options.LogLevel);
#pragma warning disable RS0030 // The one place where this process's source of randomness is chosen.
        var random = Random.Shared;
#pragma warning restore RS0030
        IngressEstate estate;
        try
        {
            estate = await IngressEstate.StartAsync(options, logs, TimeProvider.System, random, CancellationToken.None);
        }
        catch (IOException e)
        {
            return Fail(CannotStart, [e.Message]);
        }

        await using (estate)
        {
            lines.WriteLine($"ingress: SMTP {string.Join(", ", estate.SmtpEndpoints)}, HTTP http://{estate.HttpEndpoint}");
            await signals.Requested;
            await estate.DrainAsync();
        }

        return Done;
    }

    private static int Fail(int code, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Console.Error.WriteLine(line);
        }

        return code;
    }
}
