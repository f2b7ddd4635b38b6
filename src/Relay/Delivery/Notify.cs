using Microsoft.Extensions.Logging;
using Relay.Dsn;
using Relay.Mail;
using Relay.Options;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Delivery;

/// <summary>
/// Tells the sender what became of recipients, by a DSN that is sent through the intake. A message that goes several ways has
/// several works of this step; those that are decided at about the same time are joined, and told in one.
/// </summary>
public sealed partial class Notify(StepParts parts)
{
    private readonly ILogger log = parts.Logs.CreateLogger<Notify>();

    /// <summary>Runs the step.</summary>
    public Task<Transition> RunAsync(Lease lease, CancellationToken cancel) =>
        lease.Work.Detail.MayJoin ? Task.FromResult(Join(lease)) : TellAsync(lease, cancel);

    /// <summary>Nothing joins any more: what is told is fixed by this commit, before a DSN is written of it.</summary>
    private Transition Join(Lease lease)
    {
        var now = parts.Time.GetUtcNow();
        return new Transition
        {
            Follows = lease,
            At = now,
            JoinsNotices = true,
            Next = [new NextWork(WorkQueue.Notify, lease.Work.Detail with { MayJoin = false }, now)],
        };
    }

    /// <summary>Running it again gives the same DSN the same id: it is accepted once.</summary>
    private async Task<Transition> TellAsync(Lease lease, CancellationToken cancel)
    {
        var work = lease.Work;
        var (original, isWhole) = await ReadOriginalAsync(work, cancel);
        var report = new DeliveryReport
        {
            Id = MessageId.Derive(work.Message, $"dsn/{string.Join(',', work.Recipients.Select(r => r.Index))}", work.Detail.DecidedAt),
            HostName = parts.Options.HostName,
            Sender = work.Envelope.ReversePath,
            About = work.Message,
            EnvelopeId = work.Envelope.EnvelopeId,
            ArrivedAt = work.AcceptedAt,
            DecidedAt = work.Detail.DecidedAt,
            TriedUntil = work.AcceptedAt + parts.Options.Retry.MaxAge,
            Recipients = [.. work.Recipients.Zip(work.Detail.Reports ?? [], (r, outcome) => (r.Path, outcome))],
            Original = original,
            OriginalIsWhole = isWhole,
            SenderReadsUtf8 = work.Envelope.SmtpUtf8,
        };
        await SendAsync(report, work.Envelope, cancel);
        var now = parts.Time.GetUtcNow();
        LogNotified(work.Message, report.Sender, report.Id);
        return new Transition
        {
            Follows = lease,
            At = now,
            Events =
            [
                .. work.Recipients.Zip(report.Recipients, (r, told) => new StatusEvent
                {
                    At = now,
                    Kind = StatusEvents.Notified,
                    Recipient = r.Index,
                    Reason = told.Report.Reason,
                    Detail = $"{report.Id} to {report.Sender}",
                }),
            ],
        };
    }

    private async Task SendAsync(DeliveryReport report, Envelope about, CancellationToken cancel)
    {
        var text = DeliveryReportText.Write(report);
        var envelope = new Envelope
        {
            ReversePath = ReversePath.Null,
            Recipients = [new ForwardPath(report.Sender.Mailbox!)],
            Body = System.Text.Ascii.IsValid(text) ? BodyType.SevenBit : BodyType.EightBitMime,
            SmtpUtf8 = report.IsInternational,
            // It tells of the message, and is protected as the message is (RFC 8689 §5).
            RequireTls = about.RequireTls,
        };
        await using var message = parts.Intake.Begin(envelope, Origin.Local, report.Id);
        text.CopyTo(message.GetSpan(text.Length));
        message.Advance(text.Length);
        await message.FlushAsync(cancel);
        var result = await message.CompleteAsync();
        if (result.Accepted is null)
        {
            throw new SpoolException(SpoolFault.Unavailable, $"the DSN was not accepted: {result.Reply}");
        }
    }

    /// <summary>
    /// The whole message where a failure is reported and the sender asked for it (RFC 3461 §4.3), and otherwise its header. The
    /// header alone too where REQUIRETLS forbids more (RFC 8689 §5), and where the message is not text, which would make the
    /// report undeliverable almost everywhere.
    /// </summary>
    private async Task<(byte[] Original, bool IsWhole)> ReadOriginalAsync(WorkItem work, CancellationToken cancel)
    {
        await using var content = await parts.Spool.OpenContentAsync(work.Message, cancel);
        if (content is null)
        {
            // A remote host has reported a failure after the message had ended.
            return ([], false);
        }

        var asksForWhole = work.Envelope is { Return: DsnReturn.Full, RequireTls: false, Body: not BodyType.BinaryMime } &&
            work.Detail.Reports?.Any(r => r.Action == DsnAction.Failed) == true;
        if (!asksForWhole || content.Length > DeliveryReport.MaxOriginal)
        {
            return (await ReadHeaderAsync(content, cancel), false);
        }

        var whole = new byte[content.Length];
        await content.ReadExactlyAsync(whole, cancel);
        return (whole, true);
    }

    private static async Task<byte[]> ReadHeaderAsync(Stream content, CancellationToken cancel)
    {
        var buffer = new byte[DeliveryReport.MaxHeader];
        var length = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            // No end of the header in sight: cut at the last whole line.
            end = buffer.AsSpan(0, length).LastIndexOf("\r\n"u8);
        }

        return end < 0 ? [] : buffer[..(end + 2)];
    }

    [LoggerMessage(EventIds.Notified, LogLevel.Information, "{MessageId} notified: to=<{Sender}> dsn={Dsn}")]
    private partial void LogNotified(MessageId messageId, ReversePath sender, MessageId dsn);
}
