using System.Buffers;
using Relay.Mail;
using Relay.Replies;
using Relay.Telemetry;

namespace Relay.Spool;

/// <summary>
/// A message on its way in. Trouble of the spool does not show before <see cref="CompleteAsync"/>: until then octets are
/// taken and thrown away, so that a session can read on to the end of the message and then give the reply.
/// </summary>
public sealed class IncomingMessage : IBufferWriter<byte>, IAsyncDisposable
{
    private static readonly SmtpReply TooManyHops =
        new(ReplyCode.TransactionFailed, 4, 6, "Too many hops: this message goes round in a circle");

    private readonly Intake intake;
    private readonly AcceptedMessage message;
    private readonly IContentWriter content;
    private readonly HopCounter hops;
    private Memory<byte> lent;
    private SpoolException? fault;

    internal IncomingMessage(Intake intake, AcceptedMessage message)
    {
        this.intake = intake;
        this.message = message;
        hops = new HopCounter(intake.OwnBy);
        content = intake.Spool.CreateContent(message.Id);
        content.Write(TraceHeaders.Received(
            message.Id, message.Origin, message.Envelope, intake.Options.HostName, message.AcceptedAt));
    }

    /// <summary>The id that the message will have.</summary>
    public MessageId Id => message.Id;

    /// <summary>The envelope that the message will have.</summary>
    public Envelope Envelope => message.Envelope;

    /// <inheritdoc/>
    public void Advance(int count)
    {
        if (!hops.HeaderEnded)
        {
            hops.Observe(lent.Span[..count]);
        }

        if (fault is null)
        {
            content.Advance(count);
        }
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (fault is null)
        {
            return lent = content.GetMemory(sizeHint);
        }

        if (lent.Length < Math.Max(sizeHint, 1))
        {
            lent = new byte[Math.Max(sizeHint, 4096)];
        }

        return lent;
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Call it after each piece, so that large content leaves memory.</summary>
    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        if (fault is not null)
        {
            return;
        }

        try
        {
            await content.FlushAsync(cancel);
        }
        catch (SpoolException e)
        {
            fault = e;
            lent = default;
        }
    }

    /// <summary>
    /// What has come so far behind our own <c>Received:</c> field, that field too: to look at, seekable, at its start. Dispose it
    /// before the message is completed. Throws <see cref="SpoolException"/> where the spool has failed; <see cref="CompleteAsync"/>
    /// then has the reply.
    /// </summary>
    public async ValueTask<Stream> OpenReadAsync(CancellationToken cancel)
    {
        try
        {
            return fault is null ? await content.OpenReadAsync(cancel) : throw fault;
        }
        catch (SpoolException e)
        {
            (fault, lent) = (e, default);
            throw;
        }
    }

    /// <summary>Ends the content. When it returns an id, the message is durable and Relay is responsible for it.</summary>
    /// <param name="verdict">What checks make of it; null where none did.</param>
    public async Task<IntakeResult> CompleteAsync(IntakeVerdict? verdict = null)
    {
        if (hops.Hops > intake.Options.Smtp.MaxHops || hops.OwnHops > Intake.MaxOwnHops)
        {
            IntakeLog.TooManyHops(intake.Log, Id, Envelope.ReversePath, message.Origin.SessionId, hops.Hops, hops.OwnHops);
            return Refused(TooManyHops);
        }

        try
        {
            if (fault is not null)
            {
                throw fault;
            }

            await intake.Spool.AcceptAsync(verdict is null ? message : Apply(verdict), content);
        }
        catch (SpoolException e)
        {
            IntakeLog.SpoolFailed(intake.Log, Id, Envelope.ReversePath, message.Origin.SessionId, e.Message);
            return Refused(e.Fault == SpoolFault.Full
                ? new SmtpReply(ReplyCode.LocalError, 3, 1, "Not enough room now, try again later")
                : new SmtpReply(ReplyCode.LocalError, 3, 0, "Cannot take mail now, try again later"));
        }

        RelayTelemetry.Accepted.Add(1);
        RelayTelemetry.AcceptedBytes.Add(content.Length);
        IntakeLog.Accepted(intake.Log, Id, Envelope.ReversePath, Envelope.Recipients.Count, content.Length,
            message.Origin.ClientAddress, message.Origin.SessionId);
        return new IntakeResult(Id, new SmtpReply(ReplyCode.Ok, 0, 0, $"Accepted {Id}"));
    }

    /// <summary>Gives up what was not accepted.</summary>
    public ValueTask DisposeAsync() => content.DisposeAsync();

    private AcceptedMessage Apply(IntakeVerdict verdict)
    {
        if (verdict.Head is { } head)
        {
            content.ReplaceHead(head.Length, head.Octets);
        }

        return message with { Checks = verdict.Checks, Quarantine = verdict.Quarantine, Events = verdict.Events };
    }

    private static IntakeResult Refused(SmtpReply reply)
    {
        RelayTelemetry.Refused.Add(1, new KeyValuePair<string, object?>("code", reply.Code));
        return new IntakeResult(null, reply);
    }
}
