using System.Diagnostics;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Spool;
using Relay.Status;
using Relay.Transport;

namespace Relay.Delivery;

/// <summary>
/// From what an attempt brought to the transition that records it: delivered and bounced recipients are done, deferred
/// ones get their next attempt or expire, and the sender is told what was asked for (RFC 3461 §5.2). What checks rejected or
/// quarantined is done too. Pure.
/// </summary>
internal sealed class Outcomes(RetryOptions retry, Lease lease, string? route, DateTimeOffset now, double random)
{
    /// <summary>How long a notice waits for what becomes of other recipients of the message, so that one DSN tells of them all.</summary>
    internal static readonly TimeSpan JoinTime = TimeSpan.FromSeconds(10);

    private static readonly SmtpReply OwnFault = new(ReplyCode.LocalError, 3, 0, "Internal error of the relay");
    private static readonly SmtpReply KeptByCheck = new(ReplyCode.Ok, 0, 0, "Kept by a check");
    private readonly List<RecipientChange> changes = [];
    private readonly Dictionary<NextStep, List<int>> next = [];
    private readonly List<int> reported = [];
    private readonly List<RecipientReport> reports = [];
    private readonly List<StatusEvent> events = [];
    private readonly int attempts = lease.Work.Detail.Attempt + 1;
    private bool keepContent;

    /// <summary>The route that takes what this one cannot carry; null for none.</summary>
    public string? Fallback { get; init; }

    /// <summary>The route ends here: what is delivered is where it was to go, and not on its way.</summary>
    public bool IsFinalDelivery { get; init; }

    /// <summary>A check keeps the message back; whoever asks for that need not have words to refuse it.</summary>
    public static RecipientOutcome Kept(string reason, string? detail) =>
        new(OutcomeKind.Quarantined, reason, null, KeptByCheck) { Detail = detail };

    /// <summary>A service has it, and could not be asked now: it stays submitted, and a report may come meanwhile.</summary>
    public static RecipientOutcome StillSubmitted(PendingOperation operation, SmtpReply reply, DateTimeOffset at) =>
        new(OutcomeKind.Submitted, Reasons.Submitted, null, reply) { Operation = operation, RetryAt = at, IsAttempt = false, IsQuiet = true };

    /// <summary>
    /// A fault of our own, for every recipient of the work: always temporary. What was given to a service is with it all the same, until
    /// it is too old.
    /// </summary>
    public static Transition InternalError(RetryOptions retry, Lease lease, DateTimeOffset now, double random)
    {
        var outcomes = new Outcomes(retry, lease, lease.Work.Detail.Route, now, random);
        foreach (var (index, _) in lease.Work.Recipients)
        {
            var operation = lease.Work.Detail.Operation;
            outcomes.Add(index, operation is { SubmittedAt: not null } submitted && outcomes.NextAttempt is { } at
                ? StillSubmitted(submitted, OwnFault, at)
                : new RecipientOutcome(OutcomeKind.Deferred, Reasons.InternalError, null, OwnFault) { Operation = operation });
        }

        return outcomes.ToTransition();
    }

    /// <summary>Records the outcome of one recipient.</summary>
    public void Add(int recipient, RecipientOutcome outcome)
    {
        if (outcome.MayFallBack && Fallback is not null)
        {
            FallBack(recipient, outcome);
            return;
        }

        switch (outcome.Kind)
        {
            case OutcomeKind.Delivered:
                keepContent |= outcome.Reason is Reasons.Captured or Reasons.NoReport;
                Change(recipient, RecipientState.Delivered, outcome, outcome.Reason);
                Succeed(recipient, outcome);
                break;
            case OutcomeKind.Bounced:
                Change(recipient, RecipientState.Bounced, outcome, outcome.Reason);
                Fail(recipient, outcome, outcome.Reason);
                break;
            case OutcomeKind.Deferred:
                Defer(recipient, outcome);
                break;
            case OutcomeKind.Rejected:
                Change(recipient, RecipientState.Rejected, outcome, outcome.Reason);
                Fail(recipient, outcome, outcome.Reason);
                break;
            case OutcomeKind.Quarantined:
                keepContent = true;
                Change(recipient, RecipientState.Quarantined, outcome, outcome.Reason);
                break;
            case OutcomeKind.Suppressed:
                Change(recipient, RecipientState.Suppressed, outcome, outcome.Reason);
                Fail(recipient, outcome, outcome.Reason);
                break;
            case OutcomeKind.Submitted:
                Change(recipient, RecipientState.Queued, outcome, outcome.Reason, outcome.RetryAt);
                ComeAgain(recipient, outcome, outcome.RetryAt ?? NextAttempt ?? now, lease.Work.Detail.DelayReported);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>The transition, with <paramref name="further"/> work for recipients that were not tried.</summary>
    public Transition ToTransition(params IEnumerable<NextWork> further)
    {
        List<NextWork> works = [.. further];
        var goesOn = works.Count > 0 || IsPart || next.Keys.Any(step => step.DueAt <= now);
        foreach (var (step, recipients) in next)
        {
            works.Add(new NextWork(WorkQueue.Delivery, Undone(recipients) with
            {
                Route = step.Route,
                Attempt = step.Attempt,
                Operation = step.Operation,
                DelayReported = step.DelayReported,
                BackedOff = step.BackedOff,
            }, step.DueAt));
        }

        if (reported.Count > 0)
        {
            works.Add(new NextWork(
                WorkQueue.Notify,
                Detail(reported) with { Reports = reports, DecidedAt = now, MayJoin = goesOn },
                goesOn ? now + JoinTime : now));
        }

        return new Transition
        {
            Follows = lease,
            At = now,
            Recipients = changes,
            Events = events,
            Next = works,
            KeepContent = keepContent,
        };
    }

    /// <summary>The same time for all that this attempt deferred: they stay together.</summary>
    private DateTimeOffset? NextAttempt => field ??= RetrySchedule.Next(retry, attempts, lease.Work.AcceptedAt, now, random);

    private void Defer(int recipient, RecipientOutcome outcome)
    {
        if (NextAttempt is not { } next)
        {
            Change(recipient, RecipientState.Expired, outcome, Reasons.RetryTimeExceeded);
            Fail(recipient, outcome, Reasons.RetryTimeExceeded);
            return;
        }

        var end = lease.Work.AcceptedAt + retry.MaxAge;
        var due = outcome.RetryAt is not { } at ? next : at < end ? at : end;
        Change(recipient, RecipientState.Deferred, outcome, outcome.Reason, due);
        if (IsLate && !lease.Work.Detail.DelayReported)
        {
            Delay(recipient, outcome);
        }

        ComeAgain(recipient, outcome, due, IsLate);
    }

    /// <summary>The others of the message have works of their own.</summary>
    private bool IsPart => lease.Work.Detail.Recipients is { } some && some.Count < lease.Work.Envelope.Recipients.Count;

    /// <summary>Of age for a notice of delay. From here on it has been told, to whom it is told at all.</summary>
    private bool IsLate => lease.Work.Detail.DelayReported ||
        (retry.DelayNotice > TimeSpan.Zero && now - lease.Work.AcceptedAt >= retry.DelayNotice);

    /// <summary>The fallback takes it from here, at once; nothing has become of the recipient yet.</summary>
    private void FallBack(int recipient, RecipientOutcome outcome)
    {
        events.Add(new StatusEvent
        {
            At = now,
            Kind = StatusEvents.FellBack,
            Recipient = recipient,
            Reason = outcome.Reason,
            Route = route,
            RemoteHost = outcome.RemoteHost,
            Detail = $"to {Fallback}: {outcome.Detail ?? outcome.Reply.ToString()}",
        });
        Gather(new NextStep(Fallback, now, lease.Work.Detail.Attempt, null, lease.Work.Detail.DelayReported), recipient);
    }

    private void ComeAgain(int recipient, RecipientOutcome outcome, DateTimeOffset due, bool delayReported) =>
        Gather(new NextStep(route, due, AttemptsAfter(outcome), outcome.Operation, delayReported)
        {
            BackedOff = outcome.Reason == Reasons.DestinationBackedOff,
        }, recipient);

    private void Gather(NextStep step, int recipient)
    {
        if (!next.TryGetValue(step, out var recipients))
        {
            next[step] = recipients = [];
        }

        recipients.Add(recipient);
    }

    private int AttemptsAfter(RecipientOutcome outcome) => outcome.IsAttempt ? attempts : attempts - 1;

    private void Change(int recipient, RecipientState state, RecipientOutcome outcome, string reason, DateTimeOffset? next = null)
    {
        if (outcome.IsQuiet && !state.IsFinal())
        {
            return;
        }

        changes.Add(new RecipientChange(recipient, new RecipientStatus
        {
            Address = lease.Work.Envelope.Recipients[recipient].ToString(),
            State = state,
            Reason = reason,
            Attempts = state is RecipientState.Rejected or RecipientState.Quarantined or RecipientState.Suppressed
                ? attempts - 1
                : AttemptsAfter(outcome),
            Route = route,
            RemoteHost = outcome.RemoteHost,
            Reply = outcome.Detail ?? outcome.Reply.ToString(),
            NextAttemptAt = next,
            UpdatedAt = now,
        }));
    }

    private void Fail(int recipient, RecipientOutcome outcome, string reason)
    {
        var envelope = lease.Work.Envelope;
        if (envelope.ReversePath.IsNull || !IsSenderReal(outcome))
        {
            // RFC 5321 §4.5.5: nobody is told about mail from the null reverse-path; §6.2: who forged it must not use us to send
            // mail to whom it names. Once is enough to say so.
            if (!events.Exists(e => e.Kind == StatusEvents.NotNotified && e.Recipient is null))
            {
                events.Add(Silence(null, envelope.ReversePath.IsNull
                    ? "the reverse-path is null"
                    : "the sender may be forged: SPF has not passed, and the client was not signed in"));
            }
        }
        else if (!envelope.Recipients[recipient].Notify.OfFailure())
        {
            events.Add(Silence(recipient, $"the sender asked for NOTIFY={envelope.Recipients[recipient].Notify.Encode()}"));
        }
        else
        {
            Report(recipient, outcome, reason, DsnAction.Failed, DsnStatus(outcome.Reply, reason));
        }
    }

    private bool IsSenderReal(RecipientOutcome outcome) => outcome.IsSenderReal && !lease.Work.Origin.SenderMayBeForged;

    /// <summary>Only who asked is told, and a next hop with the DSN extension does that itself (RFC 3461 §5.2.1, §5.2.2).</summary>
    private void Succeed(int recipient, RecipientOutcome outcome)
    {
        var envelope = lease.Work.Envelope;
        if (!outcome.DsnHandedOn && !envelope.ReversePath.IsNull && envelope.Recipients[recipient].Notify.OfSuccess())
        {
            var action = outcome.Reason switch
            {
                Reasons.Forwarded => DsnAction.Expanded,
                Reasons.Delivered or Reasons.Unreported when !IsFinalDelivery => DsnAction.Relayed,
                _ => DsnAction.Delivered,
            };
            var status = outcome.Reply.Enhanced is { Class: 2 } enhanced ? enhanced.ToString() : "2.0.0";
            Report(recipient, outcome, outcome.Reason, action, status);
        }
    }

    /// <summary>Only of what nobody asked to be silent about; that nothing is told is no loss, and no line of the timeline.</summary>
    private void Delay(int recipient, RecipientOutcome outcome)
    {
        var envelope = lease.Work.Envelope;
        if (!envelope.ReversePath.IsNull && IsSenderReal(outcome) && envelope.Recipients[recipient].Notify.OfDelay())
        {
            var status = outcome.Reply.Enhanced is { Class: 4 } enhanced ? enhanced.ToString() : "4.0.0";
            Report(recipient, outcome, outcome.Reason, DsnAction.Delayed, status);
        }
    }

    private void Report(int recipient, RecipientOutcome outcome, string reason, DsnAction action, string status)
    {
        reported.Add(recipient);
        reports.Add(new RecipientReport(reason, status, outcome.RemoteHost, outcome.Reply.ToString()) { Action = action });
    }

    private StatusEvent Silence(int? recipient, string why) =>
        new() { At = now, Kind = StatusEvents.NotNotified, Recipient = recipient, Detail = why };

    /// <summary>A failed recipient's status is always of class 5 (RFC 3464 §2.3.4), that of an expired one 4.4.7.</summary>
    private static string DsnStatus(SmtpReply reply, string reason) =>
        reason == Reasons.RetryTimeExceeded ? "4.4.7"
        : reply.Enhanced is { Class: 5 } enhanced ? enhanced.ToString()
        : "5.0.0";

    /// <summary>What has failed before the checks or the quarantine were done must not get past them.</summary>
    private WorkDetail Undone(List<int> recipients) =>
        Detail(recipients) with { Checks = lease.Work.Detail.Checks, Quarantine = lease.Work.Detail.Quarantine };

    private WorkDetail Detail(List<int> recipients) => new()
    {
        Recipients = recipients.Count == lease.Work.Envelope.Recipients.Count ? null : recipients,
        TraceParent = lease.Work.Detail.TraceParent,
    };

    /// <summary>Recipients with the same next step stay together.</summary>
    private readonly record struct NextStep(
        string? Route, DateTimeOffset DueAt, int Attempt, PendingOperation? Operation, bool DelayReported)
    {
        public bool BackedOff { get; init; }
    }
}
