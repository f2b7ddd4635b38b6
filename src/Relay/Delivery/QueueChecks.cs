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
public sealed partial class QueueChecks(
    ISpool spool, CheckRunner runner, RelayOptions options, TimeProvider time, Random random, ILogger<QueueChecks> log)
{
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
        var refused = new Dictionary<int, CheckVerdict>();
        CheckVerdict? strongest = null;
        foreach (var stage in StagesOfClient)
        {
            (subject, strongest) = await RunAsync(stage, subject, modes, strongest, cancel);
        }

        foreach (var (index, path) in work.Recipients)
        {
            // Each by itself: a list that lets one recipient in says nothing of the next.
            var (_, verdict) = await RunAsync(CheckStage.Rcpt, subject with { Recipient = path }, modes, null, cancel);
            if (verdict?.Refusal is not null)
            {
                refused[index] = verdict;
            }
        }

        (subject, strongest) = await RunAsync(CheckStage.Content, subject, modes, strongest, cancel);
        runner.Applied(strongest?.Action ?? CheckAction.None, subject.Results, work.Envelope.Recipients);
        return Decide(lease, header, subject, strongest, refused);
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
        Lease lease, MessageHeader header, CheckSubject subject, CheckVerdict? strongest, Dictionary<int, CheckVerdict> refused)
    {
        var now = time.GetUtcNow();
        var head = subject.IsMember ? null : CheckMarks.Head(options.HostName, header, subject.Results);
        if (strongest is null && refused.Count == 0 && head is null)
        {
            return null;
        }

        var outcomes = new Outcomes(options.Retry, lease, route: null, now, random.NextDouble());
        List<int> left = [];
        foreach (var (index, _) in lease.Work.Recipients)
        {
            if ((strongest ?? refused.GetValueOrDefault(index)) is { } verdict)
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

    private static RecipientOutcome OutcomeOf(CheckVerdict verdict, CheckSubject subject)
    {
        var result = verdict.Decisive!;
        var kind = verdict.Action == CheckAction.Quarantine ? OutcomeKind.Quarantined
            : result.Refusal!.IsTemporary ? OutcomeKind.Deferred
            : OutcomeKind.Rejected;
        return new RecipientOutcome(kind, result.Reason!, null, result.Refusal!) { IsSenderReal = IsSenderReal(subject) };
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
