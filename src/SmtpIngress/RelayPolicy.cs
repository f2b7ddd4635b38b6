using Relay.Mail;
using Relay.Replies;
using Relay.Routing;

namespace Relay.SmtpIngress;

/// <summary>Decides who may hand in mail for whom.</summary>
internal interface IRelayPolicy
{
    /// <summary>Null when the client may send to the recipient, otherwise the reply that refuses it.</summary>
    SmtpReply? Refuse(in RouteQuery query, bool mayRelay);
}

/// <summary>
/// Who may relay sends to wherever a route leads; everybody else to our own domains alone. Who does not exist in our own
/// domains is refused to all, and so is whom a reject route takes whatever size and header the message will have.
/// </summary>
internal sealed class RelayPolicy(Router router, OwnDomains domains, string hostName) : IRelayPolicy
{
    /// <inheritdoc/>
    public SmtpReply? Refuse(in RouteQuery query, bool mayRelay) => domains.Find(query.Recipient) switch
    {
        DomainVerdict.NoSuchRecipient => SessionReplies.NoSuchRecipient,
        DomainVerdict.NotOurs when !mayRelay && !IsOurPostmaster(query.Recipient) => SessionReplies.RelayingDenied,
        _ => RefuseByRoute(query),
    };

    private SmtpReply? RefuseByRoute(in RouteQuery query) => router.FindAtDoor(query) switch
    {
        null => SessionReplies.NoRoute,
        { Kind: RouteKind.Reject } route => (route.Reject ?? RejectRoute.Refused).Reply,
        _ => null,
    };

    /// <summary>Whoever cannot reach anybody else here can reach the postmaster of this host (RFC 5321 §4.5.1).</summary>
    private bool IsOurPostmaster(Mailbox recipient) =>
        recipient.LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase) &&
        recipient.Domain.Equals(hostName, StringComparison.OrdinalIgnoreCase);
}
