using System.Collections.Concurrent;
using System.Text.Json;
using Azure.Core;
using Microsoft.Extensions.Logging;
using Relay.Accounts;
using Relay.Mail;
using Relay.Routing;
using Relay.Status;
using Relay.Telemetry;
using Relay.Transport.Quota;

namespace Relay.Transport.Acs;

/// <summary>
/// By the REST API of Azure Communication Services Email. A send is named before it is made: whoever cannot know whether an earlier
/// run has made it asks for that name first, and sends only what the service does not know. What it took is looked at again by
/// queued work, at growing intervals, until it is said to be delivered or the time for that is over.
/// </summary>
public sealed partial class AcsTransport : ITransport
{
    /// <summary>A first attempt later than this after acceptance may be the second one, after a crash of whoever made the first.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(1);

    private readonly IQuota quota;
    private readonly TokenCredential credential;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly DateTimeOffset startedAt;
    private readonly ConcurrentDictionary<AcsRoute, AcsEmailClient> clients = new(ReferenceEqualityComparer.Instance);

    /// <summary>The transport of all acs routes.</summary>
    /// <param name="quota">What is sent is taken from here, by the name of the resource.</param>
    /// <param name="credential">Signs in where a route has no access key.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Says what is wrong with our configuration.</param>
    public AcsTransport(IQuota quota, TokenCredential credential, TimeProvider time, ILogger<AcsTransport> log)
    {
        this.quota = quota;
        this.credential = credential;
        this.time = time;
        this.log = log;
        startedAt = time.GetUtcNow();
    }

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        var route = request.Route.Acs ?? throw new ArgumentException("not an acs route", nameof(request));
        var attempt = new Attempt(request, route, clients.GetOrAdd(route, NewClient));
        if (request.Operation is { } operation && await LookAsync(attempt, operation, cancel) is { } known)
        {
            return DeliveryOutcome.ForAll(request.Recipients.Count, known);
        }

        var (mail, refusal) = await MimeToAcs.MapAsync(request, route, cancel);
        return mail is null
            ? DeliveryOutcome.ForAll(request.Recipients.Count, AcsOutcomes.CannotCarry(refusal!))
            : new DeliveryOutcome(await SendAsync(attempt, mail, cancel));
    }

    private async Task<RecipientOutcome[]> SendAsync(Attempt attempt, AcsMail mail, CancellationToken cancel)
    {
        var outcomes = new RecipientOutcome[attempt.Request.Recipients.Count];
        var members = new List<int>(outcomes.Length);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (MimeToAcs.ToAscii(attempt.Request.Recipients[i].Mailbox) is null)
            {
                outcomes[i] = AcsOutcomes.CannotCarry("the recipient's address has no spelling in ASCII");
            }
            else
            {
                members.Add(i);
            }
        }

        RecipientOutcome? all = null;
        foreach (var group in AcsGroup.Split(attempt.Request, mail.Named, members))
        {
            var outcome = all ?? await SendAsync(attempt, mail, group, cancel);
            // What is wrong with us or with the service is wrong for the next group too, and asking costs of what the service allows.
            all ??= outcome.Kind == OutcomeKind.Deferred ? outcome with { Operation = null } : null;
            foreach (var member in group.Members)
            {
                outcomes[member] = outcome;
            }
        }

        return outcomes;
    }

    private async Task<RecipientOutcome> SendAsync(Attempt attempt, AcsMail mail, AcsGroup group, CancellationToken cancel)
    {
        if (!group.ShowsAll && !attempt.Route.MayLose.Contains(AcsLoss.OtherRecipients))
        {
            return AcsOutcomes.CannotCarry("To and Cc name others than those it goes to, and the service does not show them");
        }

        var email = JsonSerializer.SerializeToUtf8Bytes(mail.For(group.Lists), AcsJson.Plain.AcsEmail);
        if (email.Length > MimeToAcs.MaxRequest)
        {
            return AcsOutcomes.CannotCarry(MimeToAcs.TooLarge);
        }

        var id = AcsOperation.Of(attempt.Request.Message, group.First, attempt.Round);
        var operation = new PendingOperation(id.ToString(), null);
        var freeAt = await quota.TryTakeAsync(attempt.Client.Host, 1, attempt.Limits, cancel);
        var mayBeSent = !IsFresh(attempt.Request) && operation.Id != attempt.Request.Operation?.Id;
        // Asking costs of what the service allows: where the mail waits anyway, it is asked when there is quota. A fallback must know now.
        if (mayBeSent && (freeAt is null || attempt.Route.WhenSpent == WhenSpent.Fallback) &&
            await LookAsync(attempt, operation, cancel) is { } known)
        {
            return known;
        }

        if (freeAt is not null)
        {
            return attempt.Outcomes.Spent(freeAt.Value);
        }

        var answer = await attempt.Client.SendAsync(email, id, cancel);
        return answer.IsSuccess
            ? Taken(attempt, operation with { Id = answer.OperationId ?? operation.Id, SubmittedAt = time.GetUtcNow() }, answer)
            : await NotTakenAsync(attempt, operation, answer, cancel);
    }

    /// <summary>
    /// Nobody has made this attempt before: the message came in while this process runs, a moment ago. All else may have been sent
    /// by a run whose end was never written down.
    /// </summary>
    private bool IsFresh(DeliveryRequest request) =>
        request is { Attempt: 0, Operation: null } && request.AcceptedAt >= startedAt && time.GetUtcNow() - request.AcceptedAt < FreshFor;

    /// <summary>What the service says of an operation; null when it does not know it, so that it can be sent.</summary>
    private async Task<RecipientOutcome?> LookAsync(Attempt attempt, PendingOperation operation, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (operation.AwaitsReport)
        {
            return AwaitReport(attempt, operation, now) with { AskedNobody = true };
        }

        var answer = await attempt.Client.GetStatusAsync(operation.Id, cancel);
        if (answer.IsSuccess)
        {
            return Told(attempt, operation with { SubmittedAt = operation.SubmittedAt ?? now }, answer);
        }

        if (operation.SubmittedAt is null && answer.HttpStatus == 404)
        {
            return null;
        }

        await NoteAsync(attempt, answer, cancel);
        return operation.SubmittedAt is null
            ? attempt.Outcomes.NotTold(answer, operation, now)
            : StillOpen(attempt, operation, now, answer);
    }

    private RecipientOutcome Told(Attempt attempt, PendingOperation operation, AcsAnswer answer)
    {
        var now = time.GetUtcNow();
        switch (answer.State)
        {
            case AcsState.Succeeded when !attempt.Route.DeliveryReports:
                return attempt.Outcomes.Delivered(operation) with { IsAttempt = attempt.IsFirstLook };
            case AcsState.Succeeded:
                return AwaitReport(attempt, operation with { AwaitsReport = true }, now) with { IsQuiet = false };
            case AcsState.Failed or AcsState.Canceled:
                LogFailed(attempt.Request.Message, attempt.Client.Host, operation.Id, answer.State, answer.InWords);
                return attempt.Outcomes.Failed(answer, attempt.NextRound(operation));
            default:
                return StillOpen(attempt, operation, now, answer);
        }
    }

    private RecipientOutcome Taken(Attempt attempt, PendingOperation operation, AcsAnswer answer) =>
        attempt.Outcomes.Submitted(operation, "Taken", AcsLooks.Next(operation, time.GetUtcNow(), answer.RetryAfter));

    /// <summary>The service has it and is at work, or cannot be asked now: it is looked at later.</summary>
    private RecipientOutcome StillOpen(Attempt attempt, PendingOperation operation, DateTimeOffset now, AcsAnswer answer)
    {
        if (now < AcsLooks.EndOf(operation))
        {
            return attempt.Outcomes.Submitted(operation, "Taken", AcsLooks.Next(operation, now, answer.RetryAfter))
                with
            { IsAttempt = attempt.IsFirstLook, IsQuiet = !attempt.IsFirstLook };
        }

        LogUnreported(attempt.Request.Message, attempt.Client.Host, operation.Id, "it was never said to be sent");
        return attempt.Outcomes.NeverEnded(operation);
    }

    private RecipientOutcome AwaitReport(Attempt attempt, PendingOperation operation, DateTimeOffset now)
    {
        if (now < AcsLooks.EndOf(operation))
        {
            return attempt.Outcomes.Submitted(operation, "Taken for delivery, a report is awaited", AcsLooks.Next(operation, now, null))
                with
            { IsAttempt = attempt.IsFirstLook, IsQuiet = true };
        }

        LogUnreported(attempt.Request.Message, attempt.Client.Host, operation.Id, "no delivery report has come");
        return attempt.Outcomes.Unreported(operation);
    }

    private async Task<RecipientOutcome> NotTakenAsync(Attempt attempt, PendingOperation operation, AcsAnswer answer, CancellationToken cancel)
    {
        await NoteAsync(attempt, answer, cancel);
        var outcome = attempt.Outcomes.NotTaken(answer, time.GetUtcNow());
        // It may have been taken all the same: the next attempt asks for it by its name.
        return IsAmbiguous(answer) ? outcome with { Operation = operation } : outcome;
    }

    private static bool IsAmbiguous(AcsAnswer answer) =>
        answer.HttpStatus >= 500 || answer.HttpStatus is 408 or 409 || (answer.HttpStatus == 0 && answer.NoAnswer != Reasons.ConnectFailed);

    /// <summary>What others of this estate must know, and what somebody must mend.</summary>
    private async Task NoteAsync(Attempt attempt, AcsAnswer answer, CancellationToken cancel)
    {
        if (answer.HttpStatus == 429)
        {
            var until = time.GetUtcNow() + AcsOutcomes.PauseAfter(answer);
            LogThrottles(attempt.Client.Host, until.UtcDateTime);
            await quota.EmptyAsync(attempt.Client.Host, until, cancel);
        }
        else if (answer.IsOurFault && attempt.Request.Operation?.SubmittedAt is null)
        {
            LogRefusesUs(attempt.Request.Route.Name, attempt.Client.Host, answer.InWords);
        }
    }

    private AcsEmailClient NewClient(AcsRoute route) => route.ConnectionString is { } connection
        ? new AcsEmailClient(connection.Endpoint, connection.AccessKey, time)
        : new AcsEmailClient(route.Endpoint!, credential, time);

    [LoggerMessage(EventIds.AcsRefusesUs, LogLevel.Error, "route {Route}: {Host} refuses this relay: {Answer}")]
    private partial void LogRefusesUs(string route, string host, string answer);

    [LoggerMessage(EventIds.AcsThrottles, LogLevel.Warning, "{Host} takes no more until {Until:s}Z")]
    private partial void LogThrottles(string host, DateTime until);

    [LoggerMessage(EventIds.AcsOperationFailed, LogLevel.Warning, "{MessageId} not sent by {Host}: operation {Operation} {State}: {Cause}")]
    private partial void LogFailed(MessageId messageId, string host, string operation, AcsState state, string cause);

    [LoggerMessage(EventIds.AcsUnreported, LogLevel.Warning, "{MessageId} by {Host}, operation {Operation}: {Cause}")]
    private partial void LogUnreported(MessageId messageId, string host, string operation, string cause);

    /// <summary>What belongs to one attempt.</summary>
    private sealed record Attempt(DeliveryRequest Request, AcsRoute Route, AcsEmailClient Client)
    {
        private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
        private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

        public AcsOutcomes Outcomes { get; } = new(Client.Host, Route);

        public IReadOnlyList<Rate> Limits { get; } = [new(Route.PerMinute, Minute), new(Route.PerHour, Hour)];

        /// <summary>The status does not know yet that the service has it.</summary>
        public bool IsFirstLook => Request.Operation?.SubmittedAt is null;

        /// <summary>How often the service has failed these recipients before.</summary>
        public int Round { get; } = RoundOf(Request.Message, Request.Operation);

        /// <summary>The operation that takes the place of one that has failed.</summary>
        public PendingOperation NextRound(PendingOperation failed) =>
            AcsOperation.TryMatch(failed.Id, Request.Message, out var first, out var round)
                ? new PendingOperation(AcsOperation.Of(Request.Message, first, round + 1).ToString(), null)
                : new PendingOperation(AcsOperation.Of(Request.Message, Request.Indexes.Min(), Round + 1).ToString(), null);

        private static int RoundOf(MessageId message, PendingOperation? operation) =>
            operation is not null && AcsOperation.TryMatch(operation.Id, message, out _, out var round) ? round : 0;
    }
}
