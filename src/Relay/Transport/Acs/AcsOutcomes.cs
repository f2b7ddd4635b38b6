using Relay.Replies;
using Relay.Routing;
using Relay.Status;

namespace Relay.Transport.Acs;

/// <summary>What an answer of the service means for the recipients it is about. Pure.</summary>
/// <param name="host">Who answers.</param>
/// <param name="route">What the route says of quotas.</param>
internal sealed class AcsOutcomes(string host, AcsRoute route)
{
    /// <summary>Where the service asks to be left alone and does not say for how long.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>However long it asks for: its own limits are of an hour, and nobody could end a pause of years.</summary>
    private static readonly TimeSpan MaxPause = TimeSpan.FromHours(4);

    /// <summary>The message never leaves by this route.</summary>
    public static RecipientOutcome CannotCarry(string why) => new(
        OutcomeKind.Bounced, Reasons.RouteCannotCarry, null,
        new(ReplyCode.TransactionFailed, 6, 3, $"The route cannot carry this message: {why}"))
    { MayFallBack = true, AskedNobody = true };

    /// <summary>Nobody was asked: what the service allows is used up.</summary>
    public RecipientOutcome Spent(DateTimeOffset freeAt) => new(
        OutcomeKind.Deferred, Reasons.QuotaSpent, null,
        new(ReplyCode.MailboxBusy, 3, 2, $"The quota of the route is spent until {freeAt.UtcDateTime:s}Z"))
    {
        RetryAt = freeAt,
        IsAttempt = false,
        AskedNobody = true,
        MayFallBack = route.WhenSpent == WhenSpent.Fallback,
    };

    /// <summary>To an attempt to send that was not taken.</summary>
    public RecipientOutcome NotTaken(AcsAnswer answer, DateTimeOffset now) => answer.HttpStatus switch
    {
        0 => Deferred(answer.NoAnswer!, answer, 4, 1),
        400 or 422 => Refused(answer),
        413 => CannotCarry(MimeToAcs.TooLarge) with { AskedNobody = false },
        429 => Deferred(Reasons.QuotaSpent, answer, 3, 2) with
        {
            RetryAt = now + PauseAfter(answer),
            MayFallBack = route.WhenSpent == WhenSpent.Fallback,
        },
        401 or 403 or 404 => Deferred(Reasons.RemoteTemporary, answer, 3, 5),
        _ => Deferred(Reasons.RemoteTemporary, answer, 3, 0),
    };

    /// <summary>To a question whether it was sent: as long as nobody knows, it must neither go another way nor come back.</summary>
    public RecipientOutcome NotTold(AcsAnswer answer, PendingOperation operation, DateTimeOffset now) =>
        Deferred(answer.NoAnswer ?? Reasons.RemoteTemporary, answer, 4, 0) with
        {
            Operation = operation,
            RetryAt = answer.HttpStatus == 429 ? now + PauseAfter(answer) : null,
        };

    /// <summary>How long the service wants to be left alone.</summary>
    public static TimeSpan PauseAfter(AcsAnswer answer) =>
        answer.RetryAfter is { } asked && asked > TimeSpan.Zero ? (asked < MaxPause ? asked : MaxPause) : Pause;

    /// <summary>The service has it. It is asked again at <paramref name="at"/>.</summary>
    public RecipientOutcome Submitted(PendingOperation operation, string words, DateTimeOffset at) => new(
        OutcomeKind.Submitted, Reasons.Submitted, host, new(ReplyCode.Ok, 0, 0, $"{words}: operation {operation.Id}"))
    {
        Operation = operation,
        RetryAt = at,
    };

    /// <summary>The service took it for delivery, and nobody will tell more.</summary>
    public RecipientOutcome Delivered(PendingOperation operation) => new(
        OutcomeKind.Delivered, Reasons.Delivered, host, new(ReplyCode.Ok, 0, 0, $"Taken for delivery: operation {operation.Id}"));

    /// <summary>It was taken for delivery, and a report should have come long ago.</summary>
    public RecipientOutcome Unreported(PendingOperation operation) => new(
        OutcomeKind.Delivered, Reasons.Unreported, host,
        new(ReplyCode.Ok, 0, 0, $"Taken for delivery, and no report has come: operation {operation.Id}"))
    { IsAttempt = false };

    /// <summary>It was never said to be taken for delivery: the sender must know that it may be lost.</summary>
    public RecipientOutcome NeverEnded(PendingOperation operation) => new(
        OutcomeKind.Bounced, Reasons.Unreported, host,
        new(ReplyCode.TransactionFailed, 4, 7, $"The service took it and never said that it was sent: operation {operation.Id}"))
    { IsAttempt = false };

    /// <summary>The operation came to nothing.</summary>
    public RecipientOutcome Failed(AcsAnswer answer, PendingOperation next) => IsPermanent(answer.Code)
        ? new(OutcomeKind.Bounced, Reasons.RemotePermanent, host, new(ReplyCode.TransactionFailed, 0, 0, $"Not sent: {answer.Code} {answer.Message}".TrimEnd()))
        : new(OutcomeKind.Deferred, Reasons.RemoteTemporary, host, new(ReplyCode.LocalError, 0, 0, $"Not sent: {answer.Code} {answer.Message}".TrimEnd()))
        {
            Operation = next,
        };

    /// <summary>What the message or its recipients are at fault for. Of all else a later attempt may think better.</summary>
    private static bool IsPermanent(string? code) => code?.ToUpperInvariant() is
        "EMAILDROPPEDALLRECIPIENTSSUPPRESSED" or "EMAILDROPPED" or "BADREQUEST" or "INVALIDREQUEST" or "INVALIDRECIPIENTS" or
        "INVALIDATTACHMENT" or "INVALIDATTACHMENTTYPE" or "DENIEDBYCONTENTPOLICY" or "ATTACHMENTSIZEEXCEEDED" or "REQUESTSIZEEXCEEDED";

    private RecipientOutcome Refused(AcsAnswer answer) => new(
        OutcomeKind.Bounced, Reasons.RemotePermanent, host, new(ReplyCode.TransactionFailed, 6, 0, answer.InWords))
    { MayFallBack = true };

    private RecipientOutcome Deferred(string reason, AcsAnswer answer, int subject, int detail) => new(
        OutcomeKind.Deferred, reason, answer.HttpStatus == 0 ? null : host, new(ReplyCode.LocalError, subject, detail, answer.InWords));
}
