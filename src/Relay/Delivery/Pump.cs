using Microsoft.Extensions.Logging;
using Relay.Options;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Delivery;

/// <summary>
/// Drives the steps where no other host does: leases work of each queue, runs its step, and commits what it decided.
/// </summary>
public sealed partial class Pump : IAsyncDisposable
{
    private static readonly TimeSpan SpoolPause = TimeSpan.FromSeconds(1);
    private readonly ISpool spool;
    private readonly Steps steps;
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
        this.steps = steps;
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
            await Task.Delay(SpoolPause, time, stopping.Token);
            return [];
        }
    }

    private async Task RunAsync(Lease lease, IDisposable place)
    {
        try
        {
            if (await DecideAsync(lease) is { } transition)
            {
                await CommitAsync(transition);
            }
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

    /// <summary>What the step decided; null when the work was set aside.</summary>
    private async Task<Transition?> DecideAsync(Lease lease)
    {
        try
        {
            return await steps.RunAsync(lease, aborting.Token);
        }
        catch (SpoolException e) when (e.Fault == SpoolFault.Corrupt)
        {
            await spool.SetAsideAsync(lease, Reasons.SpoolCorrupt, e.Message);
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogStepFailed(e, lease.Work.Message, lease.Work.Queue, e.Message);
        }

        if (steps.Failed(lease) is { } transition)
        {
            return transition;
        }

        await spool.SetAsideAsync(lease, Reasons.InternalError, "it failed for as long as mail is kept; the log has the cause");
        return null;
    }

    /// <summary>
    /// What a remote host has taken must not be forgotten: while the spool cannot write, the lease is kept and the commit
    /// tried again.
    /// </summary>
    private async Task CommitAsync(Transition transition)
    {
        while (true)
        {
            try
            {
                if (!await spool.CommitAsync(transition) && !transition.JoinsNotices)
                {
                    // A notice that another one has joined is no second run.
                    LogStale(transition.Follows.Work.Message, transition.Follows.Work.Queue);
                }

                return;
            }
            catch (SpoolException e) when (!aborting.IsCancellationRequested)
            {
                LogSpoolFailed(e, transition.Follows.Work.Queue, e.Message);
                await PauseAsync();
            }
        }
    }

    private async Task PauseAsync() =>
        await Task.Delay(SpoolPause, time, aborting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(EventIds.StepFailed, LogLevel.Error, "{MessageId} step {Queue} failed, to be tried again: {Cause}")]
    private partial void LogStepFailed(Exception exception, Mail.MessageId messageId, WorkQueue queue, string cause);

    [LoggerMessage(EventIds.PumpSpoolFailed, LogLevel.Error, "the spool failed for queue {Queue}, trying again: {Cause}")]
    private partial void LogSpoolFailed(Exception exception, WorkQueue queue, string cause);

    [LoggerMessage(EventIds.StaleCommit, LogLevel.Warning, "{MessageId} step {Queue} ran twice; the second run changed nothing")]
    private partial void LogStale(Mail.MessageId messageId, WorkQueue queue);
}
