using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Spool;
using Relay.Telemetry;

namespace Relay.Delivery;

/// <summary>Now and then, and at the start: what is past its retention goes, and so does content that no message knows.</summary>
public sealed partial class Sweep(ISpool spool, RelayOptions options, TimeProvider time, ILogger<Sweep> log)
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>Sweeps until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                await OnceAsync(cancel);
            }
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException)
        {
            // The relay stops.
        }
    }

    /// <summary>Sweeps once, for a host that has a timer of its own.</summary>
    public async Task OnceAsync(CancellationToken cancel)
    {
        try
        {
            var removed = await spool.SweepAsync(time.GetUtcNow() - options.Retention, cancel);
            LogSwept(removed);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(e, e.Message);
        }
    }

    [LoggerMessage(EventIds.SpoolSwept, LogLevel.Debug, "swept: {Removed} messages past their retention removed")]
    private partial void LogSwept(int removed);

    [LoggerMessage(EventIds.SweepFailed, LogLevel.Error, "the sweep failed, it comes again: {Cause}")]
    private partial void LogFailed(Exception exception, string cause);
}
