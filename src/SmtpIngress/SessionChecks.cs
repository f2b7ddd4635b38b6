using Relay.Checks;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Spool;

namespace Relay.SmtpIngress;

/// <summary>
/// The checks of one session: which of them concern its client, and what they have found at each stage. Who is trusted is not
/// checked; for who has signed in only the content counts. Mail whose client is not known, or of an estate that wants it so,
/// is checked from the queue.
/// </summary>
internal sealed class SessionChecks(SmtpSession session)
{
    private readonly IReadOnlyList<CheckResult>[] found = [[], [], [], [], []];
    private readonly CheckVerdict?[] quarantines = new CheckVerdict?[5];

    /// <summary>Whether there is anything to check at this stage.</summary>
    public bool Want(CheckStage stage) =>
        !session.Client.IsTrusted && AreHere && Runner.HasChecks(stage, Modes, IsMember);

    /// <summary>What was found at this stage and later ones holds no more: the client begins it anew.</summary>
    public void Forget(CheckStage from)
    {
        Array.Fill(found, [], (int)from, found.Length - (int)from);
        Array.Clear(quarantines, (int)from, quarantines.Length - (int)from);
    }

    /// <summary>Runs the checks of a stage before the content.</summary>
    /// <returns>Null, or the reply that refuses.</returns>
    public async ValueTask<SmtpReply?> RunAsync(CheckStage stage)
    {
        var before = ResultsBefore(stage);
        var verdict = await Runner.RunAsync(stage, Subject(before), Modes, CancellationToken.None);
        if (verdict.Refusal is null)
        {
            found[(int)stage] = [.. found[(int)stage], .. verdict.Results.Skip(before.Length)];
            Quarantine(stage, verdict);
        }

        return Refuse(stage, verdict);
    }

    /// <summary>Checks a message that has come whole.</summary>
    /// <returns>The reply that refuses it, or null; and what the spool is to know of what was found.</returns>
    public async ValueTask<(SmtpReply? Refusal, IntakeVerdict? Verdict)> RunOnContentAsync(IncomingMessage message)
    {
        if (session.Client.IsTrusted)
        {
            return default;
        }

        if (!AreHere && Runner.HasChecks(Modes, IsMember))
        {
            return (null, new IntakeVerdict { Checks = Modes });
        }

        // A stranger's header is read in any case: results in our own name may have to go.
        if (IsMember && !Want(CheckStage.Content))
        {
            return default;
        }

        try
        {
            await using var content = await message.OpenReadAsync(CancellationToken.None);
            var header = await MessageHeader.ReadAsync(content, CancellationToken.None);
            var subject = Subject(ResultsBefore(CheckStage.Content)) with
            {
                ReversePath = message.Envelope.ReversePath,
                Recipients = message.Envelope.Recipients,
                Id = message.Id,
                Content = content,
                Header = header,
            };
            var verdict = await Runner.RunAsync(CheckStage.Content, subject, Modes, CancellationToken.None);
            Quarantine(CheckStage.Content, verdict);
            Runner.Applied(verdict.Refusal is null ? Strongest : CheckAction.Reject, verdict.Results, subject.Recipients);
            return Refuse(CheckStage.Content, verdict) is { } refusal ? (refusal, null) : (null, VerdictOn(header, verdict.Results));
        }
        catch (SpoolException)
        {
            // It shows when the message is completed, and the client is told then.
            return default;
        }
    }

    private bool AreHere => session.Context.Checks.Place == CheckPlace.Session && session.Client.Address is not null;

    private bool IsMember => session.Client.Account is not null;

    private CheckAction Strongest => quarantines.Any(stage => stage is not null) ? CheckAction.Quarantine : CheckAction.None;

    private CheckRunner Runner => session.Context.CheckRunner;

    private CheckModes Modes => session.Listener.Checks;

    private CheckResult[] ResultsBefore(CheckStage stage) => [.. found.Take((int)stage).SelectMany(results => results)];

    private CheckSubject Subject(IReadOnlyList<CheckResult> results) => new()
    {
        ClientAddress = session.Client.Address is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : session.Client.Address,
        Helo = session.Client.Helo,
        ReversePath = session.Transaction?.ReversePath,
        Recipient = session.Transaction?.Recipients.LastOrDefault(),
        Recipients = session.Transaction?.Recipients ?? [],
        Account = session.Client.Account?.Name,
        IsMember = IsMember,
        Results = results,
    };

    private void Quarantine(CheckStage stage, CheckVerdict verdict)
    {
        if (verdict.Action == CheckAction.Quarantine)
        {
            quarantines[(int)stage] ??= verdict;
        }
    }

    private SmtpReply? Refuse(CheckStage stage, CheckVerdict verdict)
    {
        if (verdict.Refusal is not { } reply)
        {
            return null;
        }

        IngressLog.CheckRefused(session.Context.Log, session.Id, session.Client.Address, stage, verdict.Decisive!.Check,
            verdict.Decisive.Reason, verdict.Decisive.Detail);
        return reply;
    }

    private IntakeVerdict VerdictOn(MessageHeader header, IReadOnlyList<CheckResult> results)
    {
        var cause = quarantines.FirstOrDefault(stage => stage is not null)?.Decisive;
        return new IntakeVerdict
        {
            Head = CheckMarks.Head(session.Context.HostName, header, results, IsMember),
            Quarantine = cause is null ? null : new QuarantineReason(cause.Reason!, cause.Detail ?? ""),
            Events = CheckMarks.Events(session.Context.Time.GetUtcNow(), results),
        };
    }
}
