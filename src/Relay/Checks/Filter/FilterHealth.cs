using Microsoft.Extensions.Logging;
using Relay.Telemetry;

namespace Relay.Checks.Filter;

/// <summary>Tells of a filter that gives no answers once a minute, not once a message, and when it answers again.</summary>
internal sealed partial class FilterHealth(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private DateTimeOffset toldAt = DateTimeOffset.MinValue;
    private long unanswered;
    private bool isDown;

    /// <summary>A message went without an answer.</summary>
    public void Failed(string cause)
    {
        long told;
        lock (gate)
        {
            unanswered++;
            var now = time.GetUtcNow();
            if (now - toldAt < Pause)
            {
                return;
            }

            (toldAt, told, unanswered, isDown) = (now, unanswered, 0, true);
        }

        LogFailed(told, cause);
    }

    /// <summary>A message had its answer.</summary>
    public void Answered()
    {
        lock (gate)
        {
            if (!isDown)
            {
                return;
            }

            isDown = false;
        }

        LogAnswers();
    }

    [LoggerMessage(EventIds.FilterFailed, LogLevel.Warning, "no answer from the filter, {Messages} times since last told: {Cause}")]
    private partial void LogFailed(long messages, string cause);

    [LoggerMessage(EventIds.FilterAnswers, LogLevel.Information, "the filter answers again")]
    private partial void LogAnswers();
}
