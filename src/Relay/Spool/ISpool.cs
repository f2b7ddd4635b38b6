using Relay.Mail;

namespace Relay.Spool;

/// <summary>
/// Where messages, their status and the work that is left to do are kept. What a method has returned is durable: it
/// survives the loss of the process and of power. Everything but <see cref="CommitAsync"/> of a stale lease throws
/// <see cref="SpoolException"/> when it cannot be done now; the caller then takes no responsibility.
/// </summary>
public interface ISpool : IStatusReader
{
    /// <summary>Opens room for the content of a message that is being received. Disposing it without accepting leaves nothing.</summary>
    IContentWriter CreateContent(MessageId id);

    /// <summary>
    /// Makes the message, a status row for each recipient and its first work durable, all or nothing. Accepting an id for
    /// the second time changes nothing.
    /// </summary>
    Task AcceptAsync(AcceptedMessage message, IContentWriter content);

    /// <summary>
    /// Ends the work of a lease: new states, events, a new head of the content and next work become durable together. False when the lease is stale
    /// (another run of the same work has ended before): then nothing changes.
    /// </summary>
    Task<bool> CommitAsync(Transition transition);

    /// <summary>
    /// Up to <paramref name="max"/> works of a queue that are due, oldest first; waits until there is one. Nobody else gets
    /// them until they are committed, abandoned, or the process is gone.
    /// </summary>
    ValueTask<IReadOnlyList<Lease>> LeaseAsync(WorkQueue queue, int max, CancellationToken cancel);

    /// <summary>Gives work back unchanged; it is due at <paramref name="notBefore"/>, or at once when null.</summary>
    Task AbandonAsync(Lease lease, DateTimeOffset? notBefore = null);

    /// <summary>Sets work aside that can never be done, with the reason as an event; an operator decides.</summary>
    Task SetAsideAsync(Lease lease, string reason, string detail);

    /// <summary>
    /// Makes work of <see cref="WorkQueue.Report"/> durable for a message that is known, whether it has ended or not. False when it
    /// is not known, or no longer.
    /// </summary>
    Task<bool> ReportAsync(MessageId about, RemoteReport report);

    /// <summary>Does what an operator asks for, to all that is selected; large selections in pieces, so that mail goes on.</summary>
    Task<QueueChange> ControlAsync(QueueAction action, QueueSelection selection, CancellationToken cancel);

    /// <summary>Removes what ended before <paramref name="endedBefore"/>, and content that belongs to no message.</summary>
    /// <returns>How many messages were removed.</returns>
    Task<int> SweepAsync(DateTimeOffset endedBefore, CancellationToken cancel);

    /// <summary>Null when the spool can take mail now, otherwise why not.</summary>
    ValueTask<string?> WhyNotWritableAsync(CancellationToken cancel);
}
