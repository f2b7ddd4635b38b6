using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Relay.Telemetry;

namespace Relay.Cli.Tests;

public sealed class LineLoggerTests
{
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 5, 1, 13, 0, 0, 123, TimeSpan.FromHours(2)));

    [Fact]
    public void Every_event_is_one_line_with_time_level_category_and_id_and_nothing_that_a_terminal_obeys()
    {
        var output = new StringWriter { NewLine = "\n" };
        using (var lines = new LineLoggerProvider(output, Time))
        using (var logs = lines.CreateFactory(LogLevel.Information))
        {
            var log = logs.CreateLogger("Relay.Spool.Intake");
            Write(log, LogLevel.Information, 200, "accepted", null);
            Write(log, LogLevel.Debug, 201, "not wanted", null);
            Write(log, LogLevel.Error, 202, "helo=\u001b[2J\r\nforged", new IOException("full\ndisk"));
            Write(logs.CreateLogger("Microsoft.AspNetCore.Server"), LogLevel.Information, 1, "framework", null);
            Write(logs.CreateLogger("Microsoft.AspNetCore.Server"), LogLevel.Warning, 2, "framework trouble", null);
        }

        Assert.Equal(
            """
            2026-05-01T11:00:00.123Z info  Intake[200] accepted
            2026-05-01T11:00:00.123Z error Intake[202] helo=?[2J? forged | System.IO.IOException: full disk
            2026-05-01T11:00:00.123Z warn  Server[2] framework trouble

            """,
            output.ToString());
    }

    [Fact]
    public void Nothing_is_lost_when_many_write_and_the_output_is_slow()
    {
        var output = new StringWriter();
        using (var lines = new LineLoggerProvider(output, Time))
        using (var logs = lines.CreateFactory(LogLevel.Information))
        {
            var log = logs.CreateLogger("a");
            Parallel.For(0, 20_000, i => Write(log, LogLevel.Information, i, "event", null));
        }

        Assert.Equal(20_000, output.ToString().Split('\n').Length - 1);
    }

    [Fact]
    public void What_is_logged_after_the_end_or_to_a_closed_pipe_does_no_harm()
    {
        var lines = new LineLoggerProvider(new ClosedPipe(), Time);
        var log = lines.CreateLogger("a");
        Write(log, LogLevel.Information, 1, "nobody reads", null);
        lines.Dispose();

        Write(log, LogLevel.Information, 2, "too late", null);
        lines.Dispose();
    }

    private static void Write(ILogger log, LogLevel level, int id, string text, Exception? exception) =>
        log.Log(level, new EventId(id), text, exception, (state, _) => state);

    private sealed class ClosedPipe : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("broken pipe");
    }
}
