using Microsoft.Extensions.Logging;
using Relay.Dsn;
using Relay.Mail;
using Relay.Options;
using Relay.Spool;
using Relay.Status;
using Relay.Telemetry;

namespace Relay.Delivery;

/// <summary>Tells the sender which recipients failed: one DSN for all of one attempt, sent through the intake.</summary>
public sealed partial class Notify(ISpool spool, Intake intake, RelayOptions options, TimeProvider time, ILogger<Notify> log)
{
    /// <summary>Runs the step. Running it again gives the same DSN the same id: it is accepted once.</summary>
    public async Task<Transition> RunAsync(Lease lease, CancellationToken cancel)
    {
        var work = lease.Work;
        var report = new FailureReport
        {
            Id = MessageId.Derive(work.Message, $"dsn/{string.Join(',', work.Recipients.Select(r => r.Index))}", work.Detail.DecidedAt),
            HostName = options.HostName,
            Sender = work.Envelope.ReversePath,
            About = work.Message,
            ArrivedAt = work.AcceptedAt,
            DecidedAt = work.Detail.DecidedAt,
            Recipients = [.. work.Recipients.Zip(work.Detail.Failures ?? [], (r, failure) => (r.Path, failure))],
            OriginalHeader = await ReadHeaderAsync(work.Message, cancel),
        };
        var reply = await SendAsync(report, work.Envelope.SmtpUtf8, cancel);
        var now = time.GetUtcNow();
        LogNotified(work.Message, report.Sender, report.Id);
        return new Transition
        {
            Follows = lease,
            At = now,
            Events = [new StatusEvent { At = now, Kind = StatusEvents.Notified, Detail = $"{report.Id} {reply}" }],
        };
    }

    private async Task<string> SendAsync(FailureReport report, bool smtpUtf8, CancellationToken cancel)
    {
        var text = FailureReportText.Write(report);
        var envelope = new Envelope
        {
            ReversePath = ReversePath.Null,
            Recipients = [new ForwardPath(report.Sender.Mailbox!)],
            Body = System.Text.Ascii.IsValid(text) ? BodyType.SevenBit : BodyType.EightBitMime,
            SmtpUtf8 = smtpUtf8,
        };
        await using var message = intake.Begin(envelope, Origin.Local, report.Id);
        text.CopyTo(message.GetSpan(text.Length));
        message.Advance(text.Length);
        var result = await message.CompleteAsync();
        return result.Accepted is not null
            ? $"to {report.Sender}"
            : throw new SpoolException(SpoolFault.Unavailable, $"the DSN was not accepted: {result.Reply}");
    }

    private async Task<byte[]> ReadHeaderAsync(MessageId id, CancellationToken cancel)
    {
        await using var content = await spool.OpenContentAsync(id, cancel);
        if (content is null)
        {
            return [];
        }

        var buffer = new byte[FailureReport.MaxHeader];
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
