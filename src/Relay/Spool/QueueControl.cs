using Relay.Mail;

namespace Relay.Spool;

/// <summary>What an operator does to mail that is queued.</summary>
public enum QueueAction
{
    /// <summary>Try it now. What is held stays held.</summary>
    Retry,

    /// <summary>Take it back: its recipients end as cancelled, and nobody is told.</summary>
    Cancel,

    /// <summary>Try it no more until it is released; its age counts on.</summary>
    Hold,

    /// <summary>Go on with what is held, now; and send quarantined mail of a named message on its way.</summary>
    Release,
}

/// <summary>Which mail: exactly one of message, domain and all.</summary>
public sealed record QueueSelection
{
    /// <summary>One message.</summary>
    public MessageId? Message { get; init; }

    /// <summary>All recipients of a domain, in A-labels and without case.</summary>
    public string? Domain { get; init; }

    /// <summary>Everything that is queued.</summary>
    public bool All { get; init; }

    /// <summary>Who asks and why, for the timeline; null when nobody says.</summary>
    public string? Note { get; init; }
}

/// <summary>What an action changed.</summary>
/// <param name="Messages">Messages.</param>
/// <param name="Recipients">Their recipients.</param>
/// <param name="InFlight">Recipients that an attempt is being made for, which the action leaves alone.</param>
public sealed record QueueChange(int Messages, int Recipients, int InFlight);
