using Relay.Mail;
using Relay.Replies;
using Relay.Routing;
using Relay.Status;

namespace Relay.Transport;

/// <summary>
/// One kind of way out. An attempt never throws for what a remote server or the network does: that is an outcome. It
/// throws only when cancelled, or for a bug.
/// </summary>
public interface ITransport
{
    /// <summary>Makes one attempt for all recipients of the request.</summary>
    Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel);
}

/// <summary>One attempt: one message, some of its recipients, one destination.</summary>
public sealed record DeliveryRequest
{
    /// <summary>The message.</summary>
    public required MessageId Message { get; init; }

    /// <summary>What MAIL and RCPT are to say, with the recipients of this attempt and no others. Under an MX route all have the same domain.</summary>
    public required Envelope Envelope { get; init; }

    /// <summary>The way out.</summary>
    public required Route Route { get; init; }

    /// <summary>Who handed the message in.</summary>
    public Origin Origin { get; init; } = Origin.Local;

    /// <summary>When Relay took responsibility.</summary>
    public DateTimeOffset AcceptedAt { get; init; }

    /// <summary>Attempts that these recipients have behind them.</summary>
    public int Attempt { get; init; }

    /// <summary>Their index in the whole envelope, one for each recipient of <see cref="Envelope"/>.</summary>
    public IReadOnlyList<int> Indexes { get; init; } = [];

    /// <summary>What an earlier attempt of this work has submitted and is to be asked for; null when nothing is.</summary>
    public PendingOperation? Operation { get; init; }

    /// <summary>The stored bytes, at their start, seekable. The transport reads them as often as it must; the caller disposes them.</summary>
    public required Stream Content { get; init; }

    /// <summary>The recipients of the envelope.</summary>
    public IReadOnlyList<ForwardPath> Recipients => Envelope.Recipients;
}

/// <summary>What became of an attempt: an outcome for each recipient of the request, in its order.</summary>
public sealed record DeliveryOutcome(IReadOnlyList<RecipientOutcome> Recipients)
{
    /// <summary>
    /// The attempt failed as a whole: no host could be reached, or none answered for any recipient or for the message. All other mail
    /// for the destination would fail alike.
    /// </summary>
    public bool IsUnreachable { get; init; }

    /// <summary>Nobody was asked for any recipient: it tells nothing of the destination.</summary>
    public bool AskedNobody => Recipients.Count > 0 && Recipients.All(recipient => recipient.AskedNobody);

    /// <summary>The same outcome for every recipient.</summary>
    public static DeliveryOutcome ForAll(int count, RecipientOutcome outcome) =>
        new(Enumerable.Repeat(outcome, count).ToArray());
}

/// <summary>How an attempt ended for one recipient.</summary>
public enum OutcomeKind
{
    /// <summary>The next hop took responsibility.</summary>
    Delivered,

    /// <summary>To be tried again.</summary>
    Deferred,

    /// <summary>Never to be tried again.</summary>
    Bounced,

    /// <summary>Refused by a check of our own, after acceptance.</summary>
    Rejected,

    /// <summary>Kept by a check of our own; it goes nowhere, and nobody is told.</summary>
    Quarantined,

    /// <summary>On the suppression list: not tried, and the sender is told.</summary>
    Suppressed,

    /// <summary>
    /// A service has it that tells later what became of it: <see cref="RecipientOutcome.Operation"/> is asked for at
    /// <see cref="RecipientOutcome.RetryAt"/>.
    /// </summary>
    Submitted,
}

/// <summary>What became of one recipient.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Reason">One of <see cref="Status.Reasons"/>; where a check decided, one of <see cref="Checks.CheckReasons"/>.</param>
/// <param name="RemoteHost">The host that decided, as <c>name[address]:port</c>; null where none was reached.</param>
/// <param name="Reply">Its reply; where there was none, one that Relay makes up with the enhanced status that a DSN will carry.</param>
public sealed record RecipientOutcome(OutcomeKind Kind, string Reason, string? RemoteHost, SmtpReply Reply)
{
    /// <summary>The next hop has the DSN extension and was told what the sender asked: a report of success is its to give (RFC 3461 §5.2.1).</summary>
    public bool DsnHandedOn { get; init; }

    /// <summary>The reply was to several recipients together, as that to MAIL or to the content is: it does not say which of them it is about.</summary>
    public bool IsOfAll { get; init; }

    /// <summary>The cause in words, for the log and the status, where it is more than <see cref="Reply"/> may tell; null for none.</summary>
    public string? Detail { get; init; }

    /// <summary>When to try again, where whoever deferred it knows; null for the retry schedule. Never past the age at which mail expires.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>False where nobody was asked, as when a destination is backed off: it does not count as an attempt.</summary>
    public bool IsAttempt { get; init; } = true;

    /// <summary>Nobody was asked, as while a report is awaited or a quota is spent, and so nobody has answered.</summary>
    public bool AskedNobody { get; init; }

    /// <summary>Nothing has changed since the run before: only the work comes again, without a new status or a line in the timeline.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>This route cannot take the message: its fallback does. <see cref="Kind"/> is what happens where it has none.</summary>
    public bool MayFallBack { get; init; }

    /// <summary>What was submitted, of a <see cref="OutcomeKind.Submitted"/> recipient.</summary>
    public PendingOperation? Operation { get; init; }

    /// <summary>
    /// False where a check refuses and the reverse-path may be forged: neither has SPF passed for it nor has a member handed the
    /// message in. No DSN may go there.
    /// </summary>
    public bool IsSenderReal { get; init; } = true;
}
