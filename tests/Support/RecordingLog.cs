using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Relay.Support;

/// <summary>One line of a log.</summary>
public sealed record LogLine(int Event, LogLevel Level, string Text);

/// <summary>Keeps what is logged.</summary>
public sealed class RecordingLog<T> : ILogger<T>
{
    private readonly ConcurrentQueue<LogLine> lines = new();

    /// <summary>All lines, oldest first; an exception follows its text.</summary>
    public IReadOnlyList<LogLine> Lines => [.. lines];

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue(new LogLine(eventId.Id, logLevel, $"{formatter(state, exception)} {exception}".TrimEnd()));
}
