using System.Text.Json.Serialization;
using Relay.Checks;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool;

/// <summary>The steps that are driven by queued work, one queue each.</summary>
public enum WorkQueue
{
    /// <summary>Route a message that was just accepted, and try it once when one route serves all.</summary>
    Accepted = 0,

    /// <summary>One attempt for some recipients of one message over one route.</summary>
    Delivery = 1,

    /// <summary>Tell the sender what became of some recipients.</summary>
    Notify = 2,

    /// <summary>Record what a remote host tells of a recipient after it took the message.</summary>
    Report = 3,
}

/// <summary>Work that is left to do for one message. It is enough to do the work: a step looks up nothing but the content.</summary>
public sealed record WorkItem
{
    /// <summary>Which step.</summary>
    public required WorkQueue Queue { get; init; }

    /// <summary>The message.</summary>
    public required MessageId Message { get; init; }

    /// <summary>Its whole envelope.</summary>
    public required Envelope Envelope { get; init; }

    /// <summary>Who handed it in.</summary>
    public required Origin Origin { get; init; }

    /// <summary>When Relay took responsibility: the age that decides on expiry counts from here.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>Octets of the content.</summary>
    public required long Size { get; init; }

    /// <summary>What this work is about.</summary>
    public required WorkDetail Detail { get; init; }

    /// <summary>The recipients that this work is for, with their index in the envelope.</summary>
    [JsonIgnore]
    public IEnumerable<(int Index, ForwardPath Path)> Recipients =>
        Detail.Recipients is { } some
            ? some.Select(index => (index, Envelope.Recipients[index]))
            : Envelope.Recipients.Select((path, index) => (index, path));
}

/// <summary>The part of a work item that differs from work to work of the same message. Property names must not collide with a queue host's own (they are prefixed).</summary>
public sealed record WorkDetail
{
    /// <summary>Indexes of the recipients concerned; null for all.</summary>
    public IReadOnlyList<int>? Recipients { get; init; }

    /// <summary>The name of the route; null until it is decided.</summary>
    public string? Route { get; init; }

    /// <summary>Attempts that these recipients have behind them.</summary>
    public int Attempt { get; init; }

    /// <summary>
    /// What to report, for <see cref="WorkQueue.Notify"/>, one for each of <see cref="Recipients"/>. Stored by the name of the
    /// time when only failures were reported.
    /// </summary>
    [JsonPropertyName("Failures")]
    public IReadOnlyList<RecipientReport>? Reports { get; init; }

    /// <summary>When those outcomes were decided, the last of them, for <see cref="WorkQueue.Notify"/>: the same at every run.</summary>
    public DateTimeOffset DecidedAt { get; init; }

    /// <summary>More of the same message may join what is to be told, as <see cref="Transition.JoinsNotices"/> says.</summary>
    public bool MayJoin { get; init; }

    /// <summary>The W3C trace context that this work continues.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What is to be checked before the message goes anywhere; null when that is done, or was not to be.</summary>
    public CheckModes? Checks { get; init; }

    /// <summary>Why the message is to go nowhere; null when it goes its way.</summary>
    public QuarantineReason? Quarantine { get; init; }

    /// <summary>What was submitted and is to be asked for, for <see cref="WorkQueue.Delivery"/>; null when nothing is.</summary>
    public PendingOperation? Operation { get; init; }

    /// <summary>The sender has been told that these recipients are delayed: that is told once.</summary>
    public bool DelayReported { get; init; }

    /// <summary>It was put off for want of room at its destination, and goes before what comes anew.</summary>
    public bool HadTurn { get; init; }

    /// <summary>When an operator has released it; null where nobody has since its last attempt.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>Its recipients are deferred already because their destination is backed off.</summary>
    public bool BackedOff { get; init; }

    /// <summary>What was told, for <see cref="WorkQueue.Report"/>.</summary>
    public RemoteReport? Report { get; init; }

    /// <summary>One notice that says what several would: each recipient once, with what was decided last.</summary>
    public static WorkDetail Join(IEnumerable<WorkDetail> notices)
    {
        var ordered = notices.OrderBy(notice => notice.DecidedAt).ToList();
        var reports = new SortedDictionary<int, RecipientReport>();
        foreach (var notice in ordered)
        {
            foreach (var (index, report) in (notice.Recipients ?? []).Zip(notice.Reports ?? []))
            {
                reports[index] = report with { At = report.At ?? notice.DecidedAt };
            }
        }

        return ordered[^1] with { Recipients = [.. reports.Keys], Reports = [.. reports.Values] };
    }
}

/// <summary>What a DSN says of one recipient.</summary>
/// <param name="Reason">One of <see cref="Status.Reasons"/>.</param>
/// <param name="Status">The enhanced status code as text, such as <c>5.1.1</c>.</param>
/// <param name="RemoteHost">Who said so, with its address; null where nobody was asked.</param>
/// <param name="Reply">The remote reply; null where there was none.</param>
public sealed record RecipientReport(string Reason, string Status, string? RemoteHost, string? Reply)
{
    /// <summary>What became of it.</summary>
    public DsnAction Action { get; init; }

    /// <summary>When that was decided; null where it was with all else that the DSN tells.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>The actions of RFC 3464 §2.3.3 that Relay reports.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DsnAction>))]
public enum DsnAction
{
    /// <summary>It will not get the message.</summary>
    Failed,

    /// <summary>The message is where it was to go.</summary>
    Delivered,

    /// <summary>A host has it that sends no reports of success.</summary>
    Relayed,

    /// <summary>It is still tried.</summary>
    Delayed,

    /// <summary>A host has sent it on to several addresses.</summary>
    Expanded,
}

/// <summary>Work that this process holds for now. Each engine has its own kind, with what it knows it by.</summary>
/// <param name="Work">What to do.</param>
public abstract record Lease(WorkItem Work);

/// <summary>The JSON of what the spool stores.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Envelope))]
[JsonSerializable(typeof(Origin))]
[JsonSerializable(typeof(WorkDetail))]
internal sealed partial class SpoolJson : JsonSerializerContext;
