using System.Diagnostics;
using Relay.Options;
using Relay.Replies;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Delivery;

/// <summary>
/// From what an attempt brought to the transition that records it: delivered and bounced recipients are done, deferred
/// ones get their next attempt or expire, and the sender is told of failures. Pure.
/// </summary>
internal sealed class Outcomes(RetryOptions retry, Lease lease, string? route, DateTimeOffset now, double random)
{
    private static readonly SmtpReply OwnFault = new(ReplyCode.LocalError, 3, 0, "Internal error of the relay");
    private readonly List<RecipientChange> changes = [];
    private readonly List<int> deferred = [];
    private readonly List<int> failed = [];
    private readonly List<FailedRecipient> failures = [];
    private readonly int attempts = lease.Work.Detail.Attempt + 1;
    private bool captured;

    /// <summary>A fault of our own, for every recipient of the work: always temporary.</summary>
    public static Transition InternalError(RetryOptions retry, Lease lease, DateTimeOffset now, double random)
    {
        var outcomes = new Outcomes(retry, lease, lease.Work.Detail.Route, now, random);
        foreach (var (index, _) in lease.Work.Recipients)
        {
            outcomes.Add(index, new RecipientOutcome(OutcomeKind.Deferred, Reasons.InternalError, null, OwnFault));
        }

        return outcomes.ToTransition();
    }

    /// <summary>Records the outcome of one recipient.</summary>
    public void Add(int recipient, RecipientOutcome outcome)
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.Delivered:
                captured |= outcome.Reason == Reasons.Captured;
                Change(recipient, RecipientState.Delivered, outcome, outcome.Reason);
                break;
            case OutcomeKind.Bounced:
                Change(recipient, RecipientState.Bounced, outcome, outcome.Reason);
                Fail(recipient, outcome, outcome.Reason);
                break;
            case OutcomeKind.Deferred:
                Defer(recipient, outcome);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>The transition, with <paramref name="further"/> work for recipients that were not tried.</summary>
    public Transition ToTransition(params IEnumerable<NextWork> further)
    {
        List<NextWork> next = [.. further];
        List<StatusEvent> events = [];
        if (deferred.Count > 0)
        {
            next.Add(new NextWork(WorkQueue.Delivery, Detail(deferred) with { Route = route, Attempt = attempts }, NextAttempt!.Value));
        }

        if (failed.Count > 0 && lease.Work.Envelope.ReversePath.IsNull)
        {
            // RFC 5321 §4.5.5: nobody is told about mail from the null reverse-path.
            events.Add(new StatusEvent { At = now, Kind = StatusEvents.NotNotified, Detail = "the reverse-path is null" });
        }
        else if (failed.Count > 0)
        {
            next.Add(new NextWork(WorkQueue.Notify, Detail(failed) with { Failures = failures, DecidedAt = now }, now));
        }

        return new Transition
        {
            Follows = lease,
            At = now,
            Recipients = changes,
            Events = events,
            Next = next,
            KeepContent = captured,
        };
    }

    /// <summary>The same time for all that this attempt deferred: they stay together.</summary>
    private DateTimeOffset? NextAttempt => field ??= RetrySchedule.Next(retry, attempts, lease.Work.AcceptedAt, now, random);

    private void Defer(int recipient, RecipientOutcome outcome)
    {
        if (NextAttempt is { } next)
        {
            deferred.Add(recipient);
            Change(recipient, RecipientState.Deferred, outcome, outcome.Reason, next);
            return;
        }

        Change(recipient, RecipientState.Expired, outcome, Reasons.RetryTimeExceeded);
        Fail(recipient, outcome, Reasons.RetryTimeExceeded);
    }

    private void Change(int recipient, RecipientState state, RecipientOutcome outcome, string reason, DateTimeOffset? next = null) =>
        changes.Add(new RecipientChange(recipient, new RecipientStatus
        {
            Address = lease.Work.Envelope.Recipients[recipient].ToString(),
            State = state,
            Reason = reason,
            Attempts = attempts,
            Route = route,
            RemoteHost = outcome.RemoteHost,
            Reply = outcome.Reply.ToString(),
            NextAttemptAt = next,
            UpdatedAt = now,
        }));

    private void Fail(int recipient, RecipientOutcome outcome, string reason)
    {
        failed.Add(recipient);
        failures.Add(new FailedRecipient(reason, DsnStatus(outcome.Reply, reason), outcome.RemoteHost, outcome.Reply.ToString()));
    }

    /// <summary>A failed recipient's status is always of class 5 (RFC 3464 §2.3.4), that of an expired one 4.4.7.</summary>
    private static string DsnStatus(SmtpReply reply, string reason) =>
        reason == Reasons.RetryTimeExceeded ? "4.4.7"
        : reply.Enhanced is { Class: 5 } enhanced ? enhanced.ToString()
        : "5.0.0";

    private WorkDetail Detail(List<int> recipients) => new()
    {
        Recipients = recipients.Count == lease.Work.Envelope.Recipients.Count ? null : recipients,
        TraceParent = lease.Work.Detail.TraceParent,
    };
}
