using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Spool;
using Relay.Telemetry;

namespace Relay.Delivery;

/// <summary>
/// Drives the steps where no other host does: leases work of each queue, runs its step, and commits what it decided.
/// </summary>
public sealed partial class Pump : IAsyncDisposable
{
    private readonly ISpool spool;
    private readonly StepRun run;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly int concurrency;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource aborting = new();
    private readonly List<Task> loops = [];

    /// <summary>A pump that stands still until <see cref="Start"/>.</summary>
    public Pump(ISpool spool, Steps steps, DeliveryOptions options, TimeProvider time, ILogger<Pump> log)
    {
        this.spool = spool;
        run = new StepRun(spool, steps, time, log);
        this.time = time;
        this.log = log;
        concurrency = options.Concurrency;
    }

    /// <summary>Begins to lease.</summary>
    public void Start() =>
        loops.AddRange(Enum.GetValues<WorkQueue>().Select(queue => Task.Run(() => LoopAsync(queue))));

    /// <summary>
    /// Leases nothing more and waits for steps in flight; those that take longer than <paramref name="patience"/> are cut
    /// off, and their work stays in the spool.
    /// </summary>
    public async Task DrainAsync(TimeSpan patience)
    {
        await stopping.CancelAsync();
        var all = Task.WhenAll(loops);
        try
        {
            await all.WaitAsync(patience, time);
        }
        catch (TimeoutException)
        {
            await aborting.CancelAsync();
            await all;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DrainAsync(TimeSpan.Zero);
        stopping.Dispose();
        aborting.Dispose();
    }

    private async Task LoopAsync(WorkQueue queue)
    {
        var lanes = new Lanes(concurrency, time);
        try
        {
            while (true)
            {
                // Only this loop takes places: those that are free now stay free until the leases are here.
                await lanes.UntilFreeAsync(stopping.Token);
                foreach (var lease in await LeaseAsync(queue, lanes.Free))
                {
                    var place = lanes.Enter();
                    _ = Task.Run(() => RunAsync(lease, place));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: wait for what is in flight.
        }

        await lanes.UntilIdleAsync();
    }

    private async Task<IReadOnlyList<Lease>> LeaseAsync(WorkQueue queue, int max)
    {
        try
        {
            return await spool.LeaseAsync(queue, max, stopping.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogSpoolFailed(e, queue, e.Message);
            await Task.Delay(StepRun.SpoolPause, time, stopping.Token);
            return [];
        }
    }

    private async Task RunAsync(Lease lease, IDisposable place)
    {
        try
        {
            await run.RunAsync(lease, handOn: CancellationToken.None, aborting.Token);
        }
        catch (OperationCanceledException)
        {
            await spool.AbandonAsync(lease);
        }
        catch (Exception e)
        {
            // The spool itself is in trouble. The lease is given back after a pause, and the work comes again.
            LogSpoolFailed(e, lease.Work.Queue, e.Message);
            await PauseAsync();
            await spool.AbandonAsync(lease);
        }
        finally
        {
            place.Dispose();
        }
    }

    private async Task PauseAsync() =>
        await Task.Delay(StepRun.SpoolPause, time, aborting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(EventIds.PumpSpoolFailed, LogLevel.Error, "the spool failed for queue {Queue}, trying again: {Cause}")]
    private partial void LogSpoolFailed(Exception exception, WorkQueue queue, string cause);
}
