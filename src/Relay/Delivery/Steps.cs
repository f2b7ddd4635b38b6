using System.Diagnostics;
using Relay.Options;
using Relay.Spool;
using Relay.Telemetry;

namespace Relay.Delivery;

/// <summary>The steps that work through the queue, ready to run, for whichever host leases the work.</summary>
public sealed class Steps
{
    private readonly Accepted accepted;
    private readonly Delivery delivery;
    private readonly Notify notify;
    private readonly Report report;
    private readonly RelayOptions options;
    private readonly TimeProvider time;
    private readonly Random random;

    /// <summary>The steps over one spool and one configuration.</summary>
    public Steps(StepParts parts)
    {
        options = parts.Options;
        time = parts.Time;
        random = parts.Random;
        delivery = new Delivery(parts);
        accepted = new Accepted(parts, new QueueChecks(parts), delivery);
        notify = new Notify(parts);
        report = new Report(parts, delivery, new BounceSuppression(parts).NoteAsync);
    }

    /// <summary>Runs the step that the work is for; what it decided is yet to be committed.</summary>
    public async Task<Transition> RunAsync(Lease lease, CancellationToken cancel)
    {
        using var span = RelayTelemetry.Source.StartActivity(
            RelayTelemetry.StepSpan, ActivityKind.Consumer, lease.Work.Detail.TraceParent);
        span?.SetTag("relay.queue", lease.Work.Queue).SetTag("relay.message_id", lease.Work.Message);
        return await (lease.Work.Queue switch
        {
            WorkQueue.Accepted => accepted.RunAsync(lease, cancel),
            WorkQueue.Delivery => delivery.RunAsync(lease, cancel),
            WorkQueue.Notify => notify.RunAsync(lease, cancel),
            WorkQueue.Report => report.RunAsync(lease, cancel),
            _ => throw new UnreachableException(),
        });
    }

    /// <summary>
    /// What follows when a step failed for a reason of Relay's own: its recipients are deferred and the same work comes
    /// again, until it is too old. Null when that is so and there is nobody left to tell.
    /// </summary>
    public Transition? Failed(Lease lease)
    {
        var now = time.GetUtcNow();
        if (lease.Work.Queue is not (WorkQueue.Notify or WorkQueue.Report))
        {
            return Outcomes.InternalError(options.Retry, lease, now, random.NextDouble());
        }

        var detail = lease.Work.Detail with { Attempt = lease.Work.Detail.Attempt + 1 };
        return RetrySchedule.Next(options.Retry, detail.Attempt, BeginOf(lease.Work), now, random.NextDouble()) is { } next
            ? new Transition { Follows = lease, At = now, Next = [new NextWork(lease.Work.Queue, detail, next)] }
            : null;
    }

    /// <summary>What is told of a message may be decided long after it was accepted: it is tried for as long as mail from then on.</summary>
    private static DateTimeOffset BeginOf(WorkItem work) =>
        new[] { work.AcceptedAt, work.Detail.DecidedAt, work.Detail.Report?.At ?? default }.Max();
}
