using Relay.Mail;
using Relay.Status;

namespace Relay.Spool;

/// <summary>The part of a spool that only looks. It can be opened beside a running relay.</summary>
public interface IStatusReader : IAsyncDisposable
{
    /// <summary>All that is known of a message; null for an unknown id.</summary>
    ValueTask<MessageStatus?> StatusAsync(MessageId id, CancellationToken cancel);

    /// <summary>A message whose id is in a range, both ends included; null when there is none.</summary>
    ValueTask<MessageId?> FindAsync(MessageId first, MessageId last, CancellationToken cancel);

    /// <summary>Messages that match, newest first, without their events. Throws <see cref="FormatException"/> for a cursor that no page had.</summary>
    ValueTask<StatusPage> SearchAsync(StatusQuery query, CancellationToken cancel);

    /// <summary>
    /// Mail that is not done, without its events. The cost of an answer is bounded: where few match, it may hold none, and a cursor.
    /// Throws <see cref="FormatException"/> for a cursor that no page of the same question had.
    /// </summary>
    ValueTask<QueuePage> QueueAsync(QueueQuery query, CancellationToken cancel);

    /// <summary>How much is queued for each domain.</summary>
    ValueTask<QueueSummary> QueueSummaryAsync(CancellationToken cancel);

    /// <summary>The exact bytes of a message, seekable; null when the spool no longer holds them.</summary>
    ValueTask<Stream?> OpenContentAsync(MessageId id, CancellationToken cancel);
}
