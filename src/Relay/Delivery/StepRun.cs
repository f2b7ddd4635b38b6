using Microsoft.Extensions.Logging;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Delivery;

/// <summary>One run of a step, whichever host has leased the work: it is decided what becomes of it, and that is committed.</summary>
public sealed partial class StepRun(ISpool spool, Steps steps, TimeProvider time, ILogger log)
{
    /// <summary>How long a spool in trouble is left alone.</summary>
    public static readonly TimeSpan SpoolPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Runs the step of the work and commits what it decided. When <paramref name="handOn"/> comes, what is decided by then is
    /// committed and the rest is new work.
    /// </summary>
    /// <param name="lease">The work.</param>
    /// <param name="handOn">There is no more time for this run; it is not to be cut off.</param>
    /// <param name="abort">The work is left to a later run.</param>
    /// <exception cref="SpoolException">The spool is in trouble, and the run was aborted or has decided nothing: the work is to come again.</exception>
    /// <exception cref="OperationCanceledException">The run was aborted.</exception>
    public async Task RunAsync(Lease lease, CancellationToken handOn, CancellationToken abort)
    {
        if (await DecideAsync(lease, handOn, abort) is { } transition)
        {
            await CommitAsync(transition, abort);
        }
    }

    /// <summary>What the step decided; null when the work was set aside.</summary>
    private async Task<Transition?> DecideAsync(Lease lease, CancellationToken handOn, CancellationToken abort)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(handOn, abort);
            return await steps.RunAsync(lease, either.Token);
        }
        catch (SpoolException e) when (e.Fault == SpoolFault.Corrupt)
        {
            await spool.SetAsideAsync(lease, Reasons.SpoolCorrupt, e.Message);
            return null;
        }
        catch (OperationCanceledException e) when (handOn.IsCancellationRequested && !abort.IsCancellationRequested)
        {
            LogHandedOn(e, lease.Work.Message, lease.Work.Queue);
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
    private async Task CommitAsync(Transition transition, CancellationToken abort)
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
            catch (SpoolException e) when (!abort.IsCancellationRequested)
            {
                LogCommitFailed(e, transition.Follows.Work.Queue, e.Message);
                await Task.Delay(SpoolPause, time, abort).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(EventIds.StepFailed, LogLevel.Error, "{MessageId} step {Queue} failed, to be tried again: {Cause}")]
    private partial void LogStepFailed(Exception exception, Mail.MessageId messageId, WorkQueue queue, string cause);

    [LoggerMessage(EventIds.StepHandedOn, LogLevel.Warning, "{MessageId} step {Queue} took as long as a run may; what is left of it comes again")]
    private partial void LogHandedOn(Exception exception, Mail.MessageId messageId, WorkQueue queue);

    [LoggerMessage(EventIds.PumpSpoolFailed, LogLevel.Error, "the spool failed for queue {Queue}, trying again: {Cause}")]
    private partial void LogCommitFailed(Exception exception, WorkQueue queue, string cause);

    [LoggerMessage(EventIds.StaleCommit, LogLevel.Warning, "{MessageId} step {Queue} ran twice; the second run changed nothing")]
    private partial void LogStale(Mail.MessageId messageId, WorkQueue queue);
}
