using System.Text.Json.Serialization;
using Relay.Mail;

namespace Relay.Status;

/// <summary>All that is known of one message.</summary>
public sealed record MessageStatus
{
    /// <summary>The id of the 250 reply.</summary>
    public required string Id { get; init; }

    /// <summary>When Relay took responsibility.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The reverse-path; empty for the null reverse-path.</summary>
    public required string Sender { get; init; }

    /// <summary>Octets of the content, with the header fields that Relay put in front.</summary>
    public required long Size { get; init; }

    /// <summary>Who handed it in, and how.</summary>
    public required Origin Origin { get; init; }

    /// <summary>True while the spool holds the content.</summary>
    public required bool HasContent { get; init; }

    /// <summary>Each recipient, in the order of the envelope.</summary>
    public required IReadOnlyList<RecipientStatus> Recipients { get; init; }

    /// <summary>What happened, oldest first. Left out of lists.</summary>
    public IReadOnlyList<StatusEvent>? Events { get; init; }
}

/// <summary>Where one recipient stands.</summary>
public sealed record RecipientStatus
{
    /// <summary>The forward-path.</summary>
    public required string Address { get; init; }

    /// <summary>The state; see <see cref="RecipientState"/>.</summary>
    public required RecipientState State { get; init; }

    /// <summary>Why: one of <see cref="Reasons"/>, or of <see cref="Checks.CheckReasons"/> where a check decided; null while queued.</summary>
    public string? Reason { get; init; }

    /// <summary>Attempts that ended.</summary>
    public int Attempts { get; init; }

    /// <summary>The name of the route of the last attempt.</summary>
    public string? Route { get; init; }

    /// <summary>The host of the last attempt, with its address.</summary>
    public string? RemoteHost { get; init; }

    /// <summary>That host's reply, on one line, or the cause in words where there was none.</summary>
    public string? Reply { get; init; }

    /// <summary>When the state was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When a deferred recipient is tried again.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>An operator holds it: it is not tried until it is released.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsHeld { get; init; }

    /// <summary>Work for it is set aside because it could not be done; the timeline says why, and an operator decides.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsStuck { get; init; }
}

/// <summary>One line of a message's timeline.</summary>
public sealed record StatusEvent
{
    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What: <c>accepted</c>, a state's name, or another of <see cref="StatusEvents"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whom it concerns, as the index of the recipient; null where it concerns the whole message.</summary>
    public int? Recipient { get; init; }

    /// <summary>One of <see cref="Reasons"/>; where a check decided, one of <see cref="Checks.CheckReasons"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>The name of the route.</summary>
    public string? Route { get; init; }

    /// <summary>The remote host, with its address.</summary>
    public string? RemoteHost { get; init; }

    /// <summary>The remote host's reply on one line, or the cause in words.</summary>
    public string? Detail { get; init; }

    /// <summary>The line that a new state of a recipient leaves.</summary>
    internal static StatusEvent Of(int recipient, RecipientStatus status, DateTimeOffset at) => new()
    {
        At = at,
        Kind = StatusEvents.KindOf(status.State),
        Recipient = recipient,
        Reason = status.Reason,
        Route = status.Route,
        RemoteHost = status.RemoteHost,
        Detail = status.Reply,
    };
}
