using System.Globalization;
using Relay.Functions;
using Relay.Options;
using Relay.Telemetry;

// What Azure Functions starts as its custom handler; host.json names it. Standard output is the log.
const string PortVariable = "FUNCTIONS_CUSTOMHANDLER_PORT";
const int WrongConfiguration = 2;

var environment = OptionsSource.ProcessEnvironment();
if (!int.TryParse(environment.GetValueOrDefault(PortVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
{
    Console.Error.WriteLine($"{PortVariable} names no port: this is the custom handler of Azure Functions, and is started by its host");
    return WrongConfiguration;
}

// Beside host.json, where there is one; the settings of the function app stand over it.
var file = Path.Combine(AppContext.BaseDirectory, "relay.json");
var configuration = OptionsLoader.Load(new OptionsSource
{
    ConfigFile = File.Exists(file) ? file : null,
    Environment = environment,
    WorkingFolder = AppContext.BaseDirectory,
});
if (configuration.Options is not { Spool: SpoolKind.Azure } options)
{
    foreach (var fault in configuration.Faults)
    {
        Console.Error.WriteLine($"configuration: {fault}");
    }

    if (configuration.IsValid)
    {
        Console.Error.WriteLine("configuration: Spool is embedded; instances of a function app share the one of azure");
    }

    return WrongConfiguration;
}

using var lines = new LineLoggerProvider(Console.Out, TimeProvider.System);
using var logs = lines.CreateFactory(options.LogLevel);
#pragma warning disable RS0030 // The one place where this process's source of randomness is chosen.
var random = Random.Shared;
#pragma warning restore RS0030
await using var handler = new Handler(options, port, logs, TimeProvider.System, random);
await handler.RunAsync();
return 0;
