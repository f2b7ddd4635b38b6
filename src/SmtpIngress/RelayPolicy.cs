using Relay.Forwarding;
using Relay.Mail;
using Relay.Replies;
using Relay.Routing;

namespace Relay.SmtpIngress;

/// <summary>Decides who may hand in mail for whom.</summary>
internal interface IRelayPolicy
{
    /// <summary>Null when the client may send to this recipient, otherwise the reply that refuses it.</summary>
    SmtpReply? Refuse(Mailbox recipient, bool mayRelay);
}

/// <summary>
/// Who may relay sends to wherever a route leads; everybody else to our own domains alone. Who does not exist in our own
/// domains is refused to all. An alias of a domain of ours exists; a return-path that we have given out is open to everybody.
/// </summary>
internal sealed class RelayPolicy(Router router, OwnDomains domains, string hostName, KnownAddresses? known = null) : IRelayPolicy
{
    /// <inheritdoc/>
    public SmtpReply? Refuse(Mailbox recipient, bool mayRelay) => known?.Find(recipient) switch
    {
        KnownAddress.ReturnPath => null,
        KnownAddress.NoReturnPath => SessionReplies.NoReturnPath,
        KnownAddress.Alias when mayRelay || domains.Find(recipient) != DomainVerdict.NotOurs => null,
        _ => RefuseUnknown(recipient, mayRelay),
    };

    private SmtpReply? RefuseUnknown(Mailbox recipient, bool mayRelay) => domains.Find(recipient) switch
    {
        DomainVerdict.NoSuchRecipient => SessionReplies.NoSuchRecipient,
        DomainVerdict.NotOurs when !mayRelay && !IsOurPostmaster(recipient) => SessionReplies.RelayingDenied,
        _ => router.Find(recipient) is null ? SessionReplies.NoRoute : null,
    };

    /// <summary>Whoever cannot reach anybody else here can reach the postmaster of this host (RFC 5321 §4.5.1).</summary>
    private bool IsOurPostmaster(Mailbox recipient) =>
        recipient.LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase) &&
        recipient.Domain.Equals(hostName, StringComparison.OrdinalIgnoreCase);
}
