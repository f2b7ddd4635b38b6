using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Relay.Checks.Dmarc;
using Relay.Mail;
using Relay.Options;
using Relay.Telemetry;

namespace Relay.Checks;

/// <summary>Runs the checks of a stage and merges what they find, each as far as its mode lets it.</summary>
/// <param name="records">Where it is kept what reports of DMARC will tell; null for nowhere.</param>
/// <param name="checks">All checks; those of the content run in the order of <see cref="CheckName"/>, since one may build on another.</param>
public sealed partial class CheckRunner(
    IEnumerable<ICheck> checks, CheckOptions options, TimeProvider time, ILogger<CheckRunner> log, IDmarcRecords? records = null)
{
    private readonly ILookup<CheckStage, ICheck> stages = checks.OrderBy(check => check.Name).ToLookup(check => check.Stage);

    /// <summary>A runner without any check.</summary>
    public static CheckRunner None { get; } = new([], new CheckOptions(), TimeProvider.System,
        Microsoft.Extensions.Logging.Abstractions.NullLogger<CheckRunner>.Instance);

    /// <summary>Whether any check would run at this stage.</summary>
    public bool HasChecks(CheckStage stage, CheckModes modes, bool isMember) =>
        stages[stage].Any(check => Applies(check, modes, isMember));

    /// <summary>Whether any check would run at any stage.</summary>
    public bool HasChecks(CheckModes modes, bool isMember) =>
        stages.Any(stage => stage.Any(check => Applies(check, modes, isMember)));

    /// <summary>Runs the checks of one stage. Never throws but for a cancellation.</summary>
    /// <param name="subject">With the results of earlier stages.</param>
    public async ValueTask<CheckVerdict> RunAsync(CheckStage stage, CheckSubject subject, CheckModes modes, CancellationToken cancel)
    {
        var wanted = stages[stage].Where(check => Applies(check, modes, subject.IsMember)).ToArray();
        if (wanted.Length == 0)
        {
            return new CheckVerdict(CheckAction.None, null, subject.Results);
        }

        List<CheckResult> found = [];
        if (stage == CheckStage.Content)
        {
            foreach (var check in wanted)
            {
                found.Add(await RunAsync(check, subject with { Results = [.. subject.Results, .. found] }, cancel));
            }
        }
        else
        {
            found.AddRange(await Task.WhenAll(wanted.Select(check => RunAsync(check, subject, cancel).AsTask())));
        }

        return Merge(found, [.. subject.Results, .. found], modes);
    }

    /// <summary>Tells what was done with a message in the end: it is kept for whoever wants to know of mail in the name of its domain.</summary>
    public void Applied(CheckAction action, IReadOnlyList<CheckResult> results, IEnumerable<ForwardPath> recipients)
    {
        if (records is not null && results.OfType<DmarcCheckResult>().LastOrDefault()?.Record is { } record)
        {
            records.Add(record.Applied(action, recipients));
        }
    }

    /// <summary>What results come to. Those of earlier stages count for what they let in.</summary>
    internal static CheckVerdict Merge(IReadOnlyList<CheckResult> found, IReadOnlyList<CheckResult> all, CheckModes modes)
    {
        var allowance = all.Select(result => result.Allows).DefaultIfEmpty().Max();
        var action = CheckAction.None;
        CheckResult? decisive = null;
        foreach (var result in found)
        {
            var left = IsAllowed(result.Check, allowance) ? CheckAction.None : Min(result.Action, modes[result.Check]);
            if (left > action)
            {
                (action, decisive) = (left, result);
            }
        }

        return new CheckVerdict(action, decisive, all);
    }

    private static bool Applies(ICheck check, CheckModes modes, bool isMember) =>
        modes[check.Name] != CheckAction.None &&
        (!isMember || check.Name is CheckName.Header or CheckName.Attachments or CheckName.Filter);

    private static bool IsAllowed(CheckName check, CheckAllowance allowance) => check switch
    {
        CheckName.Lists or CheckName.Helo or CheckName.ReverseDns or CheckName.DnsLists => allowance >= CheckAllowance.Name,
        CheckName.Spf => allowance >= CheckAllowance.Address,
        _ => false,
    };

    private static CheckAction Min(CheckAction asked, CheckAction allowed) => asked < allowed ? asked : allowed;

    private async ValueTask<CheckResult> RunAsync(ICheck check, CheckSubject subject, CancellationToken cancel)
    {
        using var span = RelayTelemetry.Source.StartActivity(RelayTelemetry.CheckSpan);
        using var patience = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        CheckResult result;
        try
        {
            result = await check.RunAsync(subject, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            result = NoAnswer(check.Name, CheckReasons.NoAnswer, $"no answer within {options.Timeout.TotalSeconds} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(e, check.Name, e.Message);
            result = NoAnswer(check.Name, CheckReasons.InternalError, e.Message);
        }

        span?.SetTag("relay.check", check.Name).SetTag("relay.action", result.Action)
            .SetTag("relay.reason", result.Reason).SetTag("relay.dns_lookups", result.Lookups);
        RelayTelemetry.Checks.Add(1, new TagList
        {
            { "check", check.Name.ToString() }, { "asks", result.Action.ToString() }, { "reason", result.Reason },
        });
        return result;
    }

    private static CheckResult NoAnswer(CheckName check, string reason, string detail) => new(check)
    {
        Reason = reason,
        Detail = detail,
        Authentication = check is CheckName.Spf or CheckName.Dkim or CheckName.Arc or CheckName.Dmarc
            ? [new AuthenticationResult(check.ToString().ToLowerInvariant(), "temperror")]
            : [],
    };

    [LoggerMessage(EventIds.CheckFailed, LogLevel.Error, "check {Check} failed, and counts as unanswered: {Cause}")]
    private partial void LogFailed(Exception e, CheckName check, string cause);
}
