namespace Relay.Status;

/// <summary>The kinds of <see cref="StatusEvent"/>. A change of a recipient's state has the state's name.</summary>
public static class StatusEvents
{
    /// <summary>Relay took responsibility.</summary>
    public const string Accepted = "accepted";

    /// <summary>What checks have found; a reason is one of <see cref="Checks.CheckReasons"/>.</summary>
    public const string Checked = "checked";

    /// <summary>The sender was told of a recipient: a DSN was handed to the intake; the detail begins with its id.</summary>
    public const string Notified = "notified";

    /// <summary>No DSN is sent of a failure; the detail says why.</summary>
    public const string NotNotified = "not-notified";

    /// <summary>A remote host or service told what became of a recipient; the detail has its words.</summary>
    public const string Reported = "reported";

    /// <summary>Work that cannot be done was set aside for an operator.</summary>
    public const string SetAside = "set-aside";

    /// <summary>The route could not take the message, and its fallback does; the detail says why.</summary>
    public const string FellBack = "fell-back";

    /// <summary>An operator asked that it is tried at once; the detail says who and why, as with the next two.</summary>
    public const string RetryAsked = "retry-asked";

    /// <summary>An operator holds it: it is not tried until it is released.</summary>
    public const string Held = "held";

    /// <summary>An operator let go what was held, or sent what was in quarantine on its way.</summary>
    public const string Released = "released";

    /// <summary>The kind that stands for a new state.</summary>
    public static string KindOf(RecipientState state) => state switch
    {
        RecipientState.Queued => "queued",
        RecipientState.Deferred => "deferred",
        RecipientState.Delivered => "delivered",
        RecipientState.Bounced => "bounced",
        RecipientState.Expired => "expired",
        RecipientState.Rejected => "rejected",
        RecipientState.Quarantined => "quarantined",
        RecipientState.Cancelled => "cancelled",
        _ => "suppressed",
    };
}
