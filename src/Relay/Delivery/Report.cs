using Microsoft.Extensions.Logging;
using Relay.Addresses;
using Relay.Dsn;
using Relay.Mail;
using Relay.Routing;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Delivery;

/// <summary>
/// Records what a remote host or service tells of a recipient after it took the message. What was delivered may turn out to have
/// bounced, and what was submitted comes to its end; whatever else is told, or may be forged, is a line in the timeline. The sender, whose
/// return-path ours has replaced, is told what he asked for. The same report told twice changes nothing.
/// </summary>
/// <param name="parts">What the step works with.</param>
/// <param name="delivery">Logs and counts what became of a recipient.</param>
/// <param name="onFailure">Hears of each failure that is new; it may run twice.</param>
public sealed partial class Report(StepParts parts, Delivery delivery, Func<WorkItem, int, RemoteReport, Task>? onFailure = null)
{
    /// <summary>Lines of a timeline, beyond which reports that change no state leave none: anybody may send them who has seen a return-path.</summary>
    internal const int MaxEvents = 1000;

    /// <summary>A report that is early is looked at again after this, and then ever more seldom.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1);

    private readonly ILogger log = parts.Logs.CreateLogger<Report>();

    /// <summary>Runs the step.</summary>
    public async Task<Transition> RunAsync(Lease lease, CancellationToken cancel)
    {
        var work = lease.Work;
        if (work.Detail.Report is not { } report || await parts.Spool.StatusAsync(work.Message, cancel) is not { } status)
        {
            throw new SpoolException(SpoolFault.Corrupt, "work of a report without one, or without its message");
        }

        var now = parts.Time.GetUtcNow();
        var nothing = new Transition { Follows = lease, At = now };
        var index = Find(work.Envelope, report);
        var line = Line(report, index, now);
        if (status.Events!.Any(e => IsSame(e, line)))
        {
            return nothing;
        }

        LogReported(work.Message, index is { } n ? status.Recipients[n].Address : report.Address ?? "-", Word(report.Action), report.RemoteHost ?? "-", report.Reply);
        if (index is not { } known)
        {
            return status.Events!.Count < MaxEvents ? nothing with { Events = [line] } : nothing;
        }

        if (IsEarly(work, report, status.Recipients[known], now))
        {
            return nothing with { Next = [new NextWork(WorkQueue.Report, work.Detail, now + Max(FirstWait, (now - work.AcceptedAt) / 4))] };
        }

        var change = !IsShared(report) && Change(status.Recipients[known], report, now) is { } next ? new RecipientChange(known, next) : null;
        if (change is not null && report.Action == DsnAction.Failed && onFailure is not null)
        {
            await onFailure(work, known, report);
        }

        // Whoever has seen the return-path can send as many as he likes: the first one is told.
        var isNew = report.Action != DsnAction.Failed ? !status.Events!.Any(e => IsOf(e, known, Reasons.Delivered))
            : IsShared(report) ? status.Recipients[known].State == RecipientState.Delivered && !status.Events!.Any(e => IsOf(e, known, Reasons.Returned))
            : change is not null;
        var transition = Told(lease, known, report, isNew, nothing);
        transition = transition with
        {
            Recipients = change is null ? [] : [change],
            OnlyIfChanged = change is not null,
            Events = change is not null || status.Events!.Count < MaxEvents ? [line, .. transition.Events] : [],
        };
        delivery.Report(lease, transition);
        return transition;
    }

    /// <summary>The recipient by its index, or else by either of its addresses; null when the report names none of ours.</summary>
    private static int? Find(Envelope envelope, RemoteReport report)
    {
        if (report.Recipient is { } told)
        {
            return told < envelope.Recipients.Count ? told : null;
        }

        for (var index = 0; index < envelope.Recipients.Count; index++)
        {
            var path = envelope.Recipients[index];
            if (IsAddress(report.Address, path.ToString()) || IsAddress(report.OriginalAddress, path.ToString()) ||
                IsAddress(report.OriginalAddress, path.OriginalRecipient?.Address))
            {
                return index;
            }
        }

        return null;
    }

    /// <summary>
    /// It came back to a return-path that several recipients have seen: each of them could have written it of any other, and so
    /// it changes no state. The sender hears of it all the same, as he would had it come back to himself.
    /// </summary>
    private static bool IsShared(RemoteReport report) => report is { Recipient: null, Source: RemoteReport.FromDsn };

    /// <summary>
    /// The service tells the end of what we do not know yet that it has taken: the answer to the submission was lost, or is still to be
    /// written down. The report waits for that, or else the end would be missed.
    /// </summary>
    private bool IsEarly(WorkItem work, RemoteReport report, RecipientStatus current, DateTimeOffset now) =>
        report is { Source: RemoteReport.FromAcs, Action: not (null or DsnAction.Delayed) }
        && !current.State.IsFinal() && !IsSubmitted(current)
        && (current.Route is null || parts.Router.Named(current.Route)?.Kind == RouteKind.Acs)
        && now - work.AcceptedAt < parts.Options.Retry.MaxAge;

    private static bool IsSubmitted(RecipientStatus current) => current is { State: RecipientState.Queued, Reason: Reasons.Submitted };

    /// <summary>The state that follows; null when the report changes none.</summary>
    private static RecipientStatus? Change(RecipientStatus current, RemoteReport report, DateTimeOffset now)
    {
        var isSubmitted = IsSubmitted(current);
        RecipientState? state = report.Action switch
        {
            DsnAction.Failed when isSubmitted || current.State == RecipientState.Delivered => RecipientState.Bounced,
            DsnAction.Delivered or DsnAction.Relayed or DsnAction.Expanded when isSubmitted => RecipientState.Delivered,
            _ => null,
        };
        return state is { } next
            ? current with
            {
                State = next,
                Reason = next == RecipientState.Bounced ? Reasons.Returned : Reasons.Delivered,
                RemoteHost = report.RemoteHost ?? current.RemoteHost,
                Reply = report.Reply ?? report.Status ?? Word(report.Action),
                NextAttemptAt = null,
                UpdatedAt = now,
            }
            : null;
    }

    /// <summary>What the sender hears of what is new: of a failure, and of a success where he asked for that.</summary>
    private static Transition Told(Lease lease, int index, RemoteReport report, bool isNew, Transition transition)
    {
        var (sender, notify) = (lease.Work.Envelope.ReversePath, lease.Work.Envelope.Recipients[index].Notify);
        var isFailure = isNew && report.Action == DsnAction.Failed;
        var isSuccess = isNew && report.Action is DsnAction.Delivered or DsnAction.Relayed or DsnAction.Expanded;
        if ((isFailure && notify.OfFailure()) || (isSuccess && notify.OfSuccess()))
        {
            return (sender.IsNull ? "the reverse-path is null" : lease.Work.Origin.SenderMayBeForged ? "the sender may be forged" : null) is { } why
                ? isFailure ? transition with { Events = [Silence(transition.At, null, why)] } : transition
                : transition with { Next = [Notice(lease.Work, index, report, transition.At)] };
        }

        return isFailure
            ? transition with { Events = [Silence(transition.At, index, $"the sender asked for NOTIFY={notify.Encode()}")] }
            : transition;
    }

    /// <summary>Reports of one message often come together: they are told together.</summary>
    private static NextWork Notice(WorkItem work, int index, RemoteReport report, DateTimeOffset now)
    {
        var isFailure = report.Action == DsnAction.Failed;
        var status = report.Status is { } told && told[0] == (isFailure ? '5' : '2') ? told : isFailure ? "5.0.0" : "2.0.0";
        var of = new RecipientReport(isFailure ? Reasons.Returned : Reasons.Delivered, status, report.RemoteHost, report.Reply)
        {
            Action = report.Action!.Value,
        };

        // Of the report and not of this run: a run that comes twice tells once.
        var decided = report.At > now ? now : report.At < work.AcceptedAt ? work.AcceptedAt : report.At;
        var detail = new WorkDetail
        {
            Recipients = [index],
            Reports = [of],
            DecidedAt = decided,
            MayJoin = work.Envelope.Recipients.Count > 1,
            TraceParent = work.Detail.TraceParent,
        };
        return new NextWork(WorkQueue.Notify, detail, detail.MayJoin ? now + Outcomes.JoinTime : now);
    }

    private static StatusEvent Line(RemoteReport report, int? index, DateTimeOffset now) => new()
    {
        At = now,
        Kind = StatusEvents.Reported,
        Recipient = index,
        Reason = report.Action switch
        {
            null => Reasons.NoReport,
            DsnAction.Failed => Reasons.Returned,
            DsnAction.Delayed => null,
            _ => Reasons.Delivered,
        },
        RemoteHost = report.RemoteHost,
        Detail = $"{Word(report.Action)}{(index is null && report.Address is { } address ? $" for {address}, no recipient of this message" : "")}"
            + $" ({report.Source}, {TraceHeaders.Date(report.At)}): {report.Status} {report.Reply}".TrimEnd(' ', ':'),
    };

    private static bool IsOf(StatusEvent line, int index, string reason) =>
        line.Kind == StatusEvents.Reported && line.Reason == reason && line.Recipient == index;

    private static bool IsSame(StatusEvent one, StatusEvent other) =>
        (one.Kind, one.Recipient, one.RemoteHost, one.Detail) == (other.Kind, other.Recipient, other.RemoteHost, other.Detail);

    private static StatusEvent Silence(DateTimeOffset at, int? recipient, string why) =>
        new() { At = at, Kind = StatusEvents.NotNotified, Recipient = recipient, Detail = why };

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static bool IsAddress(string? told, string? ours) => told is not null && told.Equals(ours, StringComparison.OrdinalIgnoreCase);

    private static string Word(DsnAction? action) => action is { } told ? told.ToString().ToLowerInvariant() : "no report";

    [LoggerMessage(EventIds.RemoteReported, LogLevel.Information, "{MessageId} reported: to=<{Recipient}> {Action} by {Host}: {Reply}")]
    private partial void LogReported(MessageId messageId, string recipient, string action, string host, string? reply);
}
