using System.Text.Json;
using Relay.Mail;

namespace Relay.Spool.Embedded;

/// <summary>
/// Makes work of a remote report. A message that has ended is open again until that work is done; its content stays gone.
/// </summary>
internal sealed class ReportJob(MessageId about, RemoteReport report, DateTimeOffset at, Action<WorkPlace> committed) : WriteJob
{
    private readonly byte[] detail = JsonSerializer.SerializeToUtf8Bytes(new WorkDetail { Report = report }, SpoolJson.Default.WorkDetail);

    private WorkPlace place;

    /// <summary>False when the spool does not know the message.</summary>
    public bool IsKnown { get; private set; }

    public override void Run(Writes writes)
    {
        IsKnown = false;
        if (writes.FindMessage(about) is not { } seq)
        {
            return;
        }

        IsKnown = true;
        place = writes.InsertWork(seq, (int)WorkQueue.Report, DateTimeOffset.UnixEpoch, detail);
        writes.CountWork(seq, 1, keepContent: false, at);
    }

    public override void Committed()
    {
        if (IsKnown)
        {
            committed(place);
        }
    }
}
