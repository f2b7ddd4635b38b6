using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Checks;
using Relay.Mail;
using Relay.Options;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;
using Relay.Transport;

namespace Relay.Delivery;

/// <summary>
/// The checks of a message that could not be checked in a session: all stages one after the other. What is refused here is
/// told by a DSN only where the sender is known to be real: a forged one must not get reports of mail that it never sent.
/// </summary>
public sealed partial class QueueChecks(StepParts parts)
{
    private readonly ISpool spool = parts.Spool;
    private readonly CheckRunner runner = parts.Checks;
    private readonly RelayOptions options = parts.Options;
    private readonly TimeProvider time = parts.Time;
    private readonly Random random = parts.Random;
    private readonly ILogger log = parts.Logs.CreateLogger<QueueChecks>();
    private static readonly CheckStage[] StagesOfClient = [CheckStage.Connection, CheckStage.Helo, CheckStage.Mail];

    /// <summary>Runs them. Null when they leave nothing to write: the step goes on.</summary>
    public async Task<Transition?> RunAsync(Lease lease, CheckModes modes, CancellationToken cancel)
    {
        var work = lease.Work;
        if (!runner.HasChecks(modes, work.Origin.IsMember))
        {
            return null;
        }

        await using var content = await spool.OpenContentAsync(work.Message, cancel)
            ?? throw new SpoolException(SpoolFault.Corrupt, "its content is gone");
        var header = await MessageHeader.ReadAsync(content, cancel);
        var subject = SubjectOf(work) with { Content = content, Header = header };
        var stopped = new Dictionary<int, CheckVerdict>();
        CheckVerdict? strongest = null;
        foreach (var stage in StagesOfClient)
        {
            (subject, strongest) = await RunAsync(stage, subject, modes, strongest, cancel);
        }

        List<CheckResult> ofRecipients = [];
        foreach (var (index, path) in work.Recipients)
        {
            // Each by itself: a list that lets one recipient in says nothing of the next.
            var verdict = await runner.RunAsync(CheckStage.Rcpt, subject with { Recipient = path }, modes, cancel);
            if (verdict.Action >= CheckAction.Quarantine)
            {
                stopped[index] = verdict;
            }

            ofRecipients.AddRange(verdict.Refusal is null ? verdict.Results.Skip(subject.Results.Count) : []);
        }

        subject = subject with { Results = [.. subject.Results, .. ofRecipients] };
        (subject, strongest) = await RunAsync(CheckStage.Content, subject, modes, strongest, cancel);
        return Decide(lease, header, subject, strongest, stopped);
    }

    /// <summary>One stage; a refusal or quarantine of an earlier one stands.</summary>
    private async Task<(CheckSubject Subject, CheckVerdict? Strongest)> RunAsync(
        CheckStage stage, CheckSubject subject, CheckModes modes, CheckVerdict? strongest, CancellationToken cancel)
    {
        if (strongest?.Action == CheckAction.Reject)
        {
            return (subject, strongest);
        }

        var verdict = await runner.RunAsync(stage, subject, modes, cancel);
        var decides = verdict.Action >= CheckAction.Quarantine && verdict.Action > (strongest?.Action ?? CheckAction.None);
        return (subject with { Results = verdict.Results }, decides ? verdict : strongest);
    }

    private Transition? Decide(
        Lease lease, MessageHeader header, CheckSubject subject, CheckVerdict? strongest, Dictionary<int, CheckVerdict> stopped)
    {
        var now = time.GetUtcNow();

        // What is refused for now is checked again: what that finds is told then, and once.
        var waits = strongest?.Refusal?.IsTemporary == true;
        var head = waits ? null : CheckMarks.Head(options.HostName, header, subject.Results, subject.IsMember);
        if (!waits)
        {
            runner.Applied(strongest?.Action ?? CheckAction.None, subject.Results, subject.Recipients);
        }

        if (strongest is null && stopped.Count == 0 && head is null)
        {
            return null;
        }

        var outcomes = new Outcomes(options.Retry, lease, route: null, now, random.NextDouble());
        List<int> left = [];
        foreach (var (index, _) in lease.Work.Recipients)
        {
            if (Stronger(stopped.GetValueOrDefault(index), strongest) is { } verdict)
            {
                outcomes.Add(index, OutcomeOf(verdict, subject));
                LogStopped(lease.Work.Message, verdict.Action, verdict.Decisive!.Check, verdict.Decisive.Reason, verdict.Decisive.Detail);
            }
            else
            {
                left.Add(index);
            }
        }

        var goesOn = new NextWork(WorkQueue.Accepted, lease.Work.Detail with { Recipients = left, Checks = null }, now);
        var transition = left.Count == 0 ? outcomes.ToTransition() : outcomes.ToTransition(goesOn);
        return transition with
        {
            Head = head,
            Events = [.. CheckMarks.Events(now, subject.Results), .. transition.Events],
        };
    }

    private static CheckVerdict? Stronger(CheckVerdict? ofRecipient, CheckVerdict? ofMessage) =>
        ofRecipient is null || ofMessage?.Action > ofRecipient.Action ? ofMessage : ofRecipient;

    private static RecipientOutcome OutcomeOf(CheckVerdict verdict, CheckSubject subject)
    {
        var result = verdict.Decisive!;
        if (verdict.Action == CheckAction.Quarantine)
        {
            return Outcomes.Kept(result.Reason!, result.Detail);
        }

        var kind = result.Refusal!.IsTemporary ? OutcomeKind.Deferred : OutcomeKind.Rejected;
        return new RecipientOutcome(kind, result.Reason!, null, result.Refusal) { IsSenderReal = IsSenderReal(subject) };
    }

    private static bool IsSenderReal(CheckSubject subject) =>
        subject.IsMember || subject.ResultOf(CheckName.Spf)?.Authentication.Any(spf => spf.Result == "pass" && spf["smtp.mailfrom"] is not null) == true;

    private static CheckSubject SubjectOf(WorkItem work) => new()
    {
        ClientAddress = IPAddress.TryParse(work.Origin.ClientAddress, out var address) ? address : null,
        Id = work.Message,
        Helo = work.Origin.Helo,
        ReversePath = work.Envelope.ReversePath,
        Recipients = work.Envelope.Recipients,
        Account = work.Origin.Account,
        IsMember = work.Origin.IsMember,
    };

    [LoggerMessage(EventIds.CheckStopped, LogLevel.Information, "{MessageId} stopped ({Action}) by {Check}: {Reason}: {Cause}")]
    private partial void LogStopped(MessageId messageId, CheckAction action, CheckName check, string? reason, string? cause);
}
