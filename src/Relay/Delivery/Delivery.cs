using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Relay.Delivery.Destinations;
using Relay.Forwarding;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Routing;
using Relay.Signing;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;
using Relay.Transport;

namespace Relay.Delivery;

/// <summary>One attempt for some recipients of a message, over one route to one destination.</summary>
public sealed partial class Delivery(StepParts parts)
{
    private readonly Router router = parts.Router;
    private readonly ReturnedMail returned = new(parts);
    private readonly TimeProvider time = parts.Time;
    private readonly BounceSuppression bounces = new(parts);
    private readonly ILogger log = parts.Logs.CreateLogger<Delivery>();

    /// <summary>Runs the step. A route that the configuration no longer has is looked for anew.</summary>
    public async Task<Transition> RunAsync(Lease lease, CancellationToken cancel)
    {
        var recipients = await OpenRecipientsAsync(lease.Work, cancel);
        if (recipients.Length == 0)
        {
            return new Transition { Follows = lease, At = time.GetUtcNow() };
        }

        var route = returned.RouteOf(lease.Work) ?? router.Named(lease.Work.Detail.Route);
        if (lease.Work.Detail.Operation is { SubmittedAt: not null } operation && route?.Kind != RouteKind.Acs)
        {
            return Abandoned(lease, recipients, operation);
        }

        return route is not null
            ? await AttemptAsync(lease, route, recipients, cancel)
            : RouteAnew(lease, recipients);
    }

    /// <summary>
    /// A service has it, and the route by which it could be asked is gone. Another route would send it twice: what the service
    /// took is with the service.
    /// </summary>
    private Transition Abandoned(Lease lease, int[] recipients, PendingOperation operation)
    {
        var outcomes = new Outcomes(parts.Options.Retry, lease, lease.Work.Detail.Route, time.GetUtcNow(), parts.Random.NextDouble());
        foreach (var recipient in recipients)
        {
            outcomes.Add(recipient, new RecipientOutcome(OutcomeKind.Delivered, Reasons.Unreported, null,
                new(ReplyCode.Ok, 0, 0, $"Taken by a service whose route is gone: operation {operation.Id}"))
            { IsAttempt = false });
        }

        var transition = outcomes.ToTransition();
        Report(lease, transition);
        return transition;
    }

    /// <summary>The recipients of the work. Of what was submitted, a report may have told the end of some since.</summary>
    private async ValueTask<int[]> OpenRecipientsAsync(WorkItem work, CancellationToken cancel)
    {
        var recipients = work.Recipients.Select(r => r.Index);
        if (work.Detail.Operation is not null && await parts.Spool.StatusAsync(work.Message, cancel) is { } status)
        {
            recipients = recipients.Where(index => !status.Recipients[index].State.IsFinal());
        }

        return [.. recipients];
    }

    /// <summary>Makes the attempt, if its destination has room for it, and records what it brought.</summary>
    internal async Task<Transition> AttemptAsync(Lease lease, Route route, IReadOnlyList<int> recipients, CancellationToken cancel)
    {
        var work = lease.Work;
        var admission = Ask(work, route, recipients);
        if (admission.Ticket is not { } ticket)
        {
            return admission.Trouble is null && !IsTooOld(work) ? PutOff(lease, route, recipients, admission.At)
                : await RecordAsync(lease, route, recipients, NotTried(work, route, recipients, admission));
        }

        using (ticket)
        {
            var outcome = await TryAsync(work, route, recipients, cancel);
            ticket.Tell(outcome);
            return await RecordAsync(lease, route, recipients, outcome);
        }
    }

    private async Task<DeliveryOutcome> TryAsync(WorkItem work, Route route, IReadOnlyList<int> recipients, CancellationToken cancel)
    {
        await using var content = await OpenContentAsync(work, route, cancel);
        var transport = route.Kind == RouteKind.Bounces ? returned : parts.Transports(route.Kind);
        return await transport.DeliverAsync(new DeliveryRequest
        {
            Message = work.Message,
            Envelope = work.Envelope with { ReversePath = ReturnPath.Of(work, route, recipients, parts.Verp), Recipients = [.. recipients.Select(index => work.Envelope.Recipients[index])] },
            Route = route,
            Content = content,
            Origin = work.Origin,
            AcceptedAt = work.AcceptedAt,
            Attempt = work.Detail.Attempt,
            Indexes = recipients,
            Operation = work.Detail.Operation,
        }, cancel);
    }

    private async Task<Transition> RecordAsync(Lease lease, Route route, IReadOnlyList<int> recipients, DeliveryOutcome outcome)
    {
        var outcomes = new Outcomes(parts.Options.Retry, lease, route.Name, time.GetUtcNow(), parts.Random.NextDouble())
        {
            Fallback = route.Fallback,
            IsFinalDelivery = route.Kind is RouteKind.Mailbox or RouteKind.Bounces,
        };
        for (var i = 0; i < recipients.Count; i++)
        {
            outcomes.Add(recipients[i], outcome.Recipients[i]);
        }

        await bounces.NoteAsync(lease.Work, recipients, outcome);
        var transition = outcomes.ToTransition();
        Report(lease, transition);
        return transition;
    }

    private Admission Ask(WorkItem work, Route route, IReadOnlyList<int> recipients) =>
        DestinationKey.Of(route, work.Envelope.Recipients[recipients[0]].Mailbox) is { } key
            ? parts.Destinations.Ask(key, new Applicant(time.GetUtcNow() - work.AcceptedAt, work.Detail.HadTurn))
            : Admission.Go(Ticket.Free);

    /// <summary>Its last attempt is due, and there is no more time to wait for room.</summary>
    private bool IsTooOld(WorkItem work) => time.GetUtcNow() >= EndOfWait(work);

    /// <summary>What an operator has released is tried once whatever its age, and waits for room as if it were new.</summary>
    private DateTimeOffset EndOfWait(WorkItem work) => (work.Detail.ReleasedAt ?? work.AcceptedAt) + parts.Options.Retry.MaxAge;

    /// <summary>There is no room at the destination: the same work comes again, and nothing has become of its recipients.</summary>
    private Transition PutOff(Lease lease, Route route, IReadOnlyList<int> recipients, DateTimeOffset at)
    {
        var work = lease.Work;
        var end = EndOfWait(work);
        var detail = work.Detail with
        {
            Recipients = recipients.Count == work.Envelope.Recipients.Count ? null : recipients,
            Route = route.Name,
            HadTurn = true,
        };
        return new Transition
        {
            Follows = lease,
            At = time.GetUtcNow(),
            Next = [new NextWork(WorkQueue.Delivery, detail, at < end ? at : end)],
        };
    }

    /// <summary>Nobody was asked, because the destination is backed off or has had no room for as long as mail is kept.</summary>
    private static DeliveryOutcome NotTried(WorkItem work, Route route, IReadOnlyList<int> recipients, Admission admission)
    {
        var destination = DestinationKey.Of(route, work.Envelope.Recipients[recipients[0]].Mailbox);
        var text = admission.Trouble is { } trouble ? $"{destination} is backed off: {trouble}" : $"{destination} takes no more mail for now";
        var reply = new SmtpReply(ReplyCode.LocalError, 4, 1, text);
        return DeliveryOutcome.ForAll(recipients.Count, work.Detail.Operation is { SubmittedAt: not null } operation
            ? Outcomes.StillSubmitted(operation, reply, admission.At)
            : new RecipientOutcome(OutcomeKind.Deferred, Reasons.DestinationBackedOff, null, reply)
            {
                RetryAt = admission.At,
                IsAttempt = false,
                IsQuiet = work.Detail.BackedOff,
                Operation = work.Detail.Operation,
            });
    }

    /// <summary>What leaves by SMTP: the stored octets behind our signature or seal. What stays here, or leaves otherwise, needs none.</summary>
    private async Task<Stream> OpenContentAsync(WorkItem work, Route route, CancellationToken cancel)
    {
        var stored = await parts.Spool.OpenContentAsync(work.Message, cancel)
            ?? throw new SpoolException(SpoolFault.Corrupt, "its content is gone");
        if (route.Kind is not (RouteKind.Mx or RouteKind.Smarthost))
        {
            return stored;
        }

        try
        {
            var front = await parts.Fields.OfAsync(work.Origin, stored, cancel);
            return front.Length == 0 ? stored : new HeadedStream(new ContentHead(0, front), stored);
        }
        catch
        {
            await stored.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first step does it again, with the attempts that were made.</summary>
    private Transition RouteAnew(Lease lease, int[] recipients) => new()
    {
        Follows = lease,
        At = time.GetUtcNow(),
        Next = [new NextWork(WorkQueue.Accepted, lease.Work.Detail with { Recipients = recipients, Route = null }, time.GetUtcNow())],
    };

    /// <summary>Logs and counts what became of each recipient, and whom nobody will tell.</summary>
    internal void Report(Lease lease, Transition transition)
    {
        foreach (var silence in transition.Events.Where(e => e.Kind == StatusEvents.NotNotified))
        {
            LogNotNotified(lease.Work.Message, lease.Work.Envelope.ReversePath,
                silence.Recipient is { } index ? lease.Work.Envelope.Recipients[index].ToString() : "all", silence.Detail);
        }

        foreach (var (_, status) in transition.Recipients)
        {
            var age = (transition.At - lease.Work.AcceptedAt).TotalSeconds;
            RelayTelemetry.Outcomes.Add(1, new TagList
            {
                { "state", StatusEvents.KindOf(status.State) }, { "reason", status.Reason }, { "route", status.Route },
            });
            var host = status.RemoteHost ?? "-";
            switch (status.State)
            {
                case RecipientState.Delivered:
                    RelayTelemetry.DeliveryTime.Record(age, new KeyValuePair<string, object?>("route", status.Route));
                    LogDelivered(lease.Work.Message, status.Address, status.Route, host, age, status.Reply);
                    break;
                case RecipientState.Deferred:
                    LogDeferred(lease.Work.Message, status.Address, status.Route, host, age, status.NextAttemptAt, status.Reason, status.Reply);
                    break;
                case RecipientState.Bounced:
                    LogBounced(lease.Work.Message, status.Address, status.Route, host, age, status.Reason, status.Reply);
                    break;
                case RecipientState.Rejected:
                    LogRejected(lease.Work.Message, status.Address, age, status.Reason, status.Reply);
                    break;
                case RecipientState.Queued:
                    LogSubmitted(lease.Work.Message, status.Address, status.Route, host, age, status.Reply);
                    break;
                case RecipientState.Suppressed:
                    LogSuppressed(lease.Work.Message, status.Address, age, status.Reply);
                    break;
                case RecipientState.Quarantined:
                    LogQuarantined(lease.Work.Message, status.Address, age, status.Reason, status.Reply);
                    break;
                default:
                    LogExpired(lease.Work.Message, status.Address, status.Route, host, age, status.Reply);
                    break;
            }
        }
    }

    [LoggerMessage(EventIds.RecipientDelivered, LogLevel.Information,
        "{MessageId} delivered: to=<{Recipient}> route={Route} host={Host} age={Age:0.000}s: {Reply}")]
    private partial void LogDelivered(Mail.MessageId messageId, string recipient, string? route, string host, double age, string? reply);

    [LoggerMessage(EventIds.RecipientDeferred, LogLevel.Warning,
        "{MessageId} deferred: to=<{Recipient}> route={Route} host={Host} age={Age:0.000}s next={Next:s}Z {Reason}: {Reply}")]
    private partial void LogDeferred(
        Mail.MessageId messageId, string recipient, string? route, string host, double age, DateTimeOffset? next, string? reason, string? reply);

    [LoggerMessage(EventIds.RecipientBounced, LogLevel.Warning,
        "{MessageId} bounced: to=<{Recipient}> route={Route} host={Host} age={Age:0.000}s {Reason}: {Reply}")]
    private partial void LogBounced(
        Mail.MessageId messageId, string recipient, string? route, string host, double age, string? reason, string? reply);

    [LoggerMessage(EventIds.RecipientExpired, LogLevel.Warning,
        "{MessageId} expired: to=<{Recipient}> route={Route} host={Host} age={Age:0.000}s: {Reply}")]
    private partial void LogExpired(Mail.MessageId messageId, string recipient, string? route, string host, double age, string? reply);

    [LoggerMessage(EventIds.RecipientRejected, LogLevel.Warning,
        "{MessageId} rejected: to=<{Recipient}> age={Age:0.000}s {Reason}: {Detail}")]
    private partial void LogRejected(Mail.MessageId messageId, string recipient, double age, string? reason, string? detail);

    [LoggerMessage(EventIds.RecipientQuarantined, LogLevel.Warning,
        "{MessageId} quarantined: to=<{Recipient}> age={Age:0.000}s {Reason}: {Detail}")]
    private partial void LogQuarantined(Mail.MessageId messageId, string recipient, double age, string? reason, string? detail);

    [LoggerMessage(EventIds.RecipientSubmitted, LogLevel.Information,
        "{MessageId} submitted: to=<{Recipient}> route={Route} host={Host} age={Age:0.000}s: {Reply}")]
    private partial void LogSubmitted(Mail.MessageId messageId, string recipient, string? route, string host, double age, string? reply);

    [LoggerMessage(EventIds.RecipientSuppressed, LogLevel.Warning,
        "{MessageId} suppressed: to=<{Recipient}> age={Age:0.000}s: {Detail}")]
    private partial void LogSuppressed(Mail.MessageId messageId, string recipient, double age, string? detail);

    [LoggerMessage(EventIds.NotNotified, LogLevel.Information,
        "{MessageId} not notified: from=<{Sender}> of={Recipient}: {Cause}")]
    private partial void LogNotNotified(Mail.MessageId messageId, Mail.ReversePath sender, string recipient, string? cause);
}
