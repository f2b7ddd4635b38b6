using Relay.Spool.Embedded;
using Relay.Status;

namespace Relay.Spool;

/// <summary>What to do to works, for every engine.</summary>
/// <param name="Action">What.</param>
/// <param name="Domain">Only to recipients of this domain; null for all.</param>
/// <param name="Note">Who asks and why.</param>
/// <param name="At">When it is done.</param>
internal sealed record ControlOrder(QueueAction Action, string? Domain, string? Note, DateTimeOffset At)
{
    /// <summary>The order for what is selected.</summary>
    /// <exception cref="ArgumentException">It is not exactly one of message, domain and all.</exception>
    public static ControlOrder Of(QueueAction action, QueueSelection selection, TimeProvider time)
    {
        var domain = selection.Domain is { } name ? WorkDomain.Of(name) : null;
        return (selection.Message is null ? 0 : 1) + (domain is null ? 0 : 1) + (selection.All ? 1 : 0) == 1
            ? new ControlOrder(action, domain, selection.Note, time.GetUtcNow())
            : throw new ArgumentException("exactly one of message, domain and all", nameof(selection));
    }

    /// <summary>
    /// True for work that takes a message towards its recipients. What only tells of it is nothing that one holds or takes back; set aside,
    /// it can be tried again.
    /// </summary>
    public bool IsFor(WorkQueue queue, bool isSetAside) =>
        queue is WorkQueue.Accepted or WorkQueue.Delivery || (isSetAside && Action == QueueAction.Retry);

    /// <summary>What is held stays held when it is to be tried, and what is set aside is not held as well.</summary>
    public bool Concerns(bool isHeld, bool isSetAside) => Action switch
    {
        QueueAction.Retry => !isHeld,
        QueueAction.Hold => !isHeld && !isSetAside,
        QueueAction.Release => isHeld,
        _ => true,
    };

    /// <summary>
    /// What a service has been given cannot be taken back or held, and what is still to be checked is not split: each part would
    /// be checked by itself, and the fields that tell of it written twice.
    /// </summary>
    public bool IsUnderWay(WorkDetail work, bool isForAll) => Action switch
    {
        QueueAction.Cancel => work.Operation is not null,
        QueueAction.Hold => work.Operation is not null || (work.Checks is not null && !isForAll),
        _ => false,
    };

    /// <summary>A line of the timeline.</summary>
    public StatusEvent Line(string kind, int? recipient) => new() { At = At, Kind = kind, Recipient = recipient, Detail = Note };

    /// <summary>One line for all recipients of a message, otherwise one for each.</summary>
    public IEnumerable<StatusEvent> Lines(string kind, IReadOnlyList<int> recipients, int ofMessage) =>
        recipients.Count == ofMessage ? [Line(kind, null)] : recipients.Select(n => Line(kind, n));

    /// <summary>A recipient was taken back.</summary>
    public StatusEvent Cancelled(int recipient) =>
        Line(StatusEvents.KindOf(RecipientState.Cancelled), recipient) with { Reason = Reasons.Cancelled };
}
