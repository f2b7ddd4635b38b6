using System.Text.Json;
using Relay.Mail;
using Relay.Status;

namespace Relay.Spool.Embedded;

/// <summary>
/// Sends what a check has kept on its way: its recipients are queued again, and the first step routes them without checks. The
/// content, which was kept, goes with the last work again.
/// </summary>
internal sealed class ReleaseQuarantinedJob(MessageId id, string? note, DateTimeOffset at) : WriteJob
{
    public long Message { get; private set; }

    public int Recipients { get; private set; }

    /// <summary>The new work; null when nothing of the message is in quarantine.</summary>
    public WorkPlace? Work { get; private set; }

    public override void Run(Writes writes)
    {
        (Message, Recipients, Work) = (0, 0, null);
        if (writes.FindMessage(id) is not { } seq || !writes.HasContent(seq) ||
            writes.RequeueQuarantined(seq, at) is not { Count: > 0 } recipients)
        {
            return;
        }

        (Message, Recipients) = (seq, recipients.Count);
        recipients.ForEach(n => writes.InsertEvent(seq, new StatusEvent { At = at, Kind = StatusEvents.Released, Recipient = n, Detail = note }));
        var detail = new WorkDetail { Recipients = recipients, ReleasedAt = at };
        Work = writes.InsertWork(
            seq, (int)WorkQueue.Accepted, DateTimeOffset.UnixEpoch, JsonSerializer.SerializeToUtf8Bytes(detail, SpoolJson.Default.WorkDetail));
        writes.CountWork(seq, 1, keepContent: false, at);
        writes.KeepOnlyCaptured(seq);
    }
}
