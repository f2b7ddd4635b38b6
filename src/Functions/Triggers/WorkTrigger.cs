using Microsoft.Extensions.Logging;
using Relay.Delivery;
using Relay.Spool;
using Relay.Spool.Azure;
using Relay.Telemetry;

namespace Relay.Functions.Triggers;

/// <summary>
/// The functions <c>Accepted</c>, <c>Delivery</c>, <c>Notify</c> and <c>Report</c>: one step of one message. The host has leased the queue message,
/// renews that, and deletes it after a result.
/// </summary>
internal sealed partial class WorkTrigger(WorkQueue queue, AzureSpool spool, Steps steps, TimeProvider time, ILogger<WorkTrigger> log) : ITrigger
{
    private readonly StepRun step = new(spool, steps, time, log);

    /// <inheritdoc/>
    public string Name => queue.ToString();

    /// <inheritdoc/>
    public async Task RunAsync(Invocation invocation, CancellationToken cancel)
    {
        using var runTime = new RunTime(time, cancel);
        if (await LeaseAsync(invocation, runTime.End) is { } lease)
        {
            await step.RunAsync(lease, runTime.HandOn, runTime.End);
        }
    }

    /// <summary>
    /// Null when there is nothing to do. While the spool cannot be read this waits, with the place that it takes: to fail would
    /// bring the same work again at once, and into the poison queue in minutes.
    /// </summary>
    private async Task<Lease?> LeaseAsync(Invocation invocation, CancellationToken cancel)
    {
        var message = invocation.Message ?? throw new SpoolException(SpoolFault.Corrupt, "the invocation has no message");
        while (true)
        {
            try
            {
                return await spool.ReadLeaseAsync(message, invocation.DequeueCount, cancel);
            }
            catch (SpoolException e) when (e.Fault != SpoolFault.Corrupt && !cancel.IsCancellationRequested)
            {
                LogNotRead(e, Name, e.Message);
                await Task.Delay(StepRun.SpoolPause, time, cancel);
            }
        }
    }

    [LoggerMessage(EventIds.WorkNotRead, LogLevel.Error, "{Function}: the spool cannot be read, trying again: {Cause}")]
    private partial void LogNotRead(Exception exception, string function, string cause);
}
