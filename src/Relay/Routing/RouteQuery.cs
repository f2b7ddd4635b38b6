using Relay.Mail;

namespace Relay.Routing;

/// <summary>What is known of a message, for one of its recipients. What is not known yet is null: a route that asks for it may match.</summary>
/// <param name="Recipient">Who is to get it.</param>
public readonly record struct RouteQuery(Mailbox Recipient)
{
    /// <summary>Who it is from.</summary>
    public ReversePath Sender { get; init; } = ReversePath.Null;

    /// <summary>Whom the client was signed in as; null for nobody.</summary>
    public string? Account { get; init; }

    /// <summary>It was sent on once already: forward routes do not take it again.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>Octets of the message; at the door what the client says of it (RFC 1870 §6). Null where it is not known.</summary>
    public long? Size { get; init; }

    /// <summary>Its header; null where it is not known.</summary>
    public MessageHeader? Header { get; init; }
}

/// <summary>Whether a route takes a message.</summary>
public enum RouteMatch
{
    /// <summary>One of its conditions does not hold.</summary>
    No,

    /// <summary>None fails, and one asks for what is not known yet.</summary>
    Maybe,

    /// <summary>All of its conditions hold.</summary>
    Yes,
}

/// <summary>The conditions of a route, in the order in which they are looked at.</summary>
public enum RouteCondition
{
    /// <summary>None: there is nothing to say against it.</summary>
    None,

    /// <summary><see cref="Route.Estates"/>.</summary>
    Estates,

    /// <summary>A forward route, and <see cref="RouteQuery.IsForwarded"/>.</summary>
    Forwarded,

    /// <summary><see cref="Route.Recipients"/>.</summary>
    Recipients,

    /// <summary><see cref="CaptureRoute.AllowedRecipients"/>: who is listed really gets mail, by a later route.</summary>
    AllowedRecipients,

    /// <summary><see cref="Route.Senders"/>.</summary>
    Senders,

    /// <summary><see cref="Route.Accounts"/>.</summary>
    Accounts,

    /// <summary><see cref="Route.MinSize"/> and <see cref="Route.MaxSize"/>.</summary>
    Size,

    /// <summary><see cref="Route.Headers"/>.</summary>
    Headers,
}

/// <summary>What a route makes of a message.</summary>
/// <param name="Route">The route.</param>
/// <param name="Match">Whether it takes it.</param>
/// <param name="Condition">The first condition that fails; where none does, the first that cannot be decided.</param>
public readonly record struct RouteVerdict(Route Route, RouteMatch Match, RouteCondition Condition);

/// <summary>The way that was found.</summary>
/// <param name="Route">The first route that takes the message or, as far as is known, may take it; null when none does.</param>
/// <param name="IsSure">False when it, and so the whole choice, hangs on what is not known yet.</param>
public readonly record struct RouteChoice(Route? Route, bool IsSure);
