using Relay.Replies;

namespace Relay.Routing;

/// <summary>What a reject or discard route says.</summary>
/// <param name="Reply">Of a reject route 4xx or 5xx, given to the client or told to the sender; of a discard route 2xx, which the status keeps.</param>
public sealed record RejectRoute(SmtpReply Reply)
{
    /// <summary>A reject route without words of its own.</summary>
    public static RejectRoute Refused { get; } = new(new SmtpReply(ReplyCode.MailboxUnavailable, 7, 1, "Mail to this recipient is refused"));

    /// <summary>A discard route without words of its own.</summary>
    public static RejectRoute Discarded { get; } = new(new SmtpReply(ReplyCode.Ok, 0, 0, "Discarded"));
}
