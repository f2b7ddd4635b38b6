using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Relay.Mail;
using Relay.Options;
using Relay.Replies;
using Relay.Telemetry;

namespace Relay.Spool;

/// <summary>
/// The one door into the spool: an SMTP session, the HTTP API and a DSN all hand in their messages here. Responsibility
/// passes to Relay when <see cref="IncomingMessage.CompleteAsync"/> says so, and not before.
/// </summary>
public sealed class Intake(ISpool spool, RelayOptions options, TimeProvider time, ILogger<Intake> log)
{
    /// <summary>Own <c>Received:</c> fields at most. Some are right: mail may be forwarded back to us by another host.</summary>
    internal const int MaxOwnHops = 5;

    internal ISpool Spool => spool;

    /// <summary>How to know a <c>Received:</c> field of our own.</summary>
    internal byte[] OwnBy { get; } = HopCounter.By(options.HostName);

    internal RelayOptions Options => options;

    internal ILogger Log => log;

    /// <summary>Begins a message: the <c>Received:</c> field is written, the content is to follow.</summary>
    /// <param name="envelope">With at least one recipient.</param>
    /// <param name="origin">Who hands it in.</param>
    /// <param name="id">The id to use; null for a new one.</param>
    public IncomingMessage Begin(Envelope envelope, Origin origin, MessageId? id = null)
    {
        var now = time.GetUtcNow();
        return new IncomingMessage(this, new AcceptedMessage
        {
            Id = id ?? MessageId.New(now),
            Envelope = envelope,
            Origin = origin,
            AcceptedAt = now,
            TraceParent = Activity.Current?.Id,
        });
    }
}

/// <summary>How an intake ended: the reply for the client, and the id when the message was accepted.</summary>
/// <param name="Accepted">The id; null when responsibility stays with the client.</param>
/// <param name="Reply">What to tell the client.</param>
public readonly record struct IntakeResult(MessageId? Accepted, SmtpReply Reply);

internal static partial class IntakeLog
{
    [LoggerMessage(EventIds.Accepted, LogLevel.Information,
        "{MessageId} accepted: from=<{Sender}> nrcpt={Recipients} size={Size} client={Client} session={Session}")]
    public static partial void Accepted(
        ILogger log, MessageId messageId, ReversePath sender, int recipients, long size, string? client, string? session);

    [LoggerMessage(EventIds.TooManyHops, LogLevel.Warning,
        "{MessageId} refused, it goes round in a circle: from=<{Sender}> session={Session} hops={Hops} own={OwnHops}")]
    public static partial void TooManyHops(
        ILogger log, MessageId messageId, ReversePath sender, string? session, int hops, int ownHops);

    [LoggerMessage(EventIds.SpoolFailed, LogLevel.Error,
        "{MessageId} not accepted, the spool failed: from=<{Sender}> session={Session}: {Cause}")]
    public static partial void SpoolFailed(ILogger log, MessageId messageId, ReversePath sender, string? session, string cause);
}
