using Relay.Forwarding;
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
/// domains is refused to all, and so is whom a reject route takes whatever size and header the message will have. An alias needs
/// no route. A return-path that we have given out is open to everybody.
/// </summary>
internal sealed class RelayPolicy(Router router, LiveDomains domains, string hostName, KnownAddresses? known = null) : IRelayPolicy
{
    /// <inheritdoc/>
    public SmtpReply? Refuse(in RouteQuery query, bool mayRelay) => known?.Find(query.Recipient) switch
    {
        KnownAddress.ReturnPath => null,
        KnownAddress.NoReturnPath => SessionReplies.NoReturnPath,
        KnownAddress.Alias => RefuseByDomain(query.Recipient, mayRelay),
        _ => RefuseByDomain(query.Recipient, mayRelay) ?? RefuseByRoute(query),
    };

    private SmtpReply? RefuseByDomain(Mailbox recipient, bool mayRelay) => domains.Find(recipient) switch
    {
        DomainVerdict.NoSuchRecipient => SessionReplies.NoSuchRecipient,
        DomainVerdict.NotOurs when !mayRelay && !IsOurPostmaster(recipient) => SessionReplies.RelayingDenied,
        _ => null,
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
