using Microsoft.Extensions.Logging;
using Relay.Spool;
using Relay.Telemetry;

namespace Relay.Fuzz;

/// <summary>Keeps the first thing that must never be logged: a fault of the session, or a line that is more than one.</summary>
internal sealed class FaultLog(bool logsCommands) : ILogger<Intake>
{
    /// <summary>Null when there was none.</summary>
    public string? Fault { get; private set; }

    public void Add(string fault) => Fault ??= fault;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logsCommands || logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        if (eventId.Id == EventIds.SessionFailed)
        {
            Add($"the session failed: {line}\n{exception}");
        }

        if (line.Any(char.IsControl))
        {
            Add($"a control character in the log: {Text.Shown(line)}");
        }
    }
}
