using System.Text;
using Microsoft.Extensions.Logging;

namespace Relay.Telemetry;

/// <summary>
/// Writes each event as one line: time in UTC, level, event id, category, text. A thread of its own writes, so that no
/// session waits for a terminal; when it falls behind by <see cref="MaxWaiting"/> lines, sessions wait rather than lose any.
/// </summary>
public sealed class LineLoggerProvider : ILoggerProvider
{
    private const int MaxWaiting = 10_000;

    /// <summary>How long lines are gathered: one write, and one switch of threads, then serves many of them.</summary>
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(10);

    private readonly object gate = new();
    private readonly ManualResetEventSlim ending = new();
    private readonly TextWriter output;
    private readonly TimeProvider time;
    private readonly Thread writer;
    private StringBuilder waiting = new();
    private StringBuilder writing = new();
    private int lines;

    /// <summary>Writes to this, with times of this clock.</summary>
    public LineLoggerProvider(TextWriter output, TimeProvider time)
    {
        this.output = output;
        this.time = time;
        writer = new Thread(WriteAll) { IsBackground = true, Name = "log" };
        writer.Start();
    }

    /// <summary>The framework's own events are of interest only when they are trouble.</summary>
    public ILoggerFactory CreateFactory(LogLevel level) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(level)
        .AddFilter("Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning)
        .AddProvider(this));

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    /// <summary>Writes a line as it is, in its turn. After the end there is nobody left to write it.</summary>
    public void WriteLine(string line)
    {
        lock (gate)
        {
            while (lines >= MaxWaiting && !ending.IsSet)
            {
                Monitor.Wait(gate);
            }

            waiting.Append(line).Append(Environment.NewLine);
            if (++lines == 1)
            {
                Monitor.PulseAll(gate);
            }
        }
    }

    /// <summary>Returns when all is written.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            ending.Set();
            Monitor.PulseAll(gate);
        }

        if (Thread.CurrentThread != writer)
        {
            writer.Join();
        }
    }

    private void WriteAll()
    {
        while (TakeLines())
        {
            try
            {
                output.Write(writing);
                output.Flush();
            }
            catch (IOException)
            {
                // Nobody reads the log any more (a closed pipe): mail goes on.
            }

            writing.Clear();
            ending.Wait(GatherTime);
        }
    }

    private bool TakeLines()
    {
        lock (gate)
        {
            while (lines == 0 && !ending.IsSet)
            {
                Monitor.Wait(gate);
            }

            (waiting, writing) = (writing, waiting);
            var any = lines > 0;
            lines = 0;
            Monitor.PulseAll(gate);
            return any;
        }
    }

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var at = provider.time.GetUtcNow().UtcDateTime;
            var cause = exception is null ? "" : $" | {exception}";
            provider.WriteLine(LogText.OneLine($"{at:yyyy-MM-dd'T'HH:mm:ss.fff}Z {Word(logLevel)} {category}[{eventId.Id}] {formatter(state, exception)}{cause}"));
        }

        private static string Word(LogLevel level) => level switch
        {
            LogLevel.Trace => "trace",
            LogLevel.Debug => "debug",
            LogLevel.Information => "info ",
            LogLevel.Warning => "warn ",
            _ => "error",
        };
    }
}
