using System.Net;
using Relay.Mail;
using Relay.Replies;
using Relay.Routing;

namespace Relay.SmtpIngress;

/// <summary>Decides who may hand in mail for whom.</summary>
internal interface IRelayPolicy
{
    /// <summary>Null when the client may send to this recipient, otherwise the reply that refuses it.</summary>
    SmtpReply? Refuse(Mailbox recipient, bool isTrusted);
}

/// <summary>Trusted clients send to wherever a route leads; all others send nowhere.</summary>
internal sealed class RelayPolicy(Router router) : IRelayPolicy
{
    /// <inheritdoc/>
    public SmtpReply? Refuse(Mailbox recipient, bool isTrusted)
    {
        if (!isTrusted)
        {
            return SessionReplies.RelayingDenied;
        }

        return router.Find(recipient) is null ? SessionReplies.NoRoute : null;
    }
}

/// <summary>The networks whose clients are trusted. A client whose address is not known is in none of them.</summary>
internal sealed class TrustedNetworks(IReadOnlyList<IPNetwork> networks)
{
    /// <summary>An IPv4 address that came in over an IPv6 socket counts as IPv4: <see cref="IPNetwork.Contains"/> knows it.</summary>
    public bool Contain(IPAddress? client)
    {
        if (client is null)
        {
            return false;
        }

        foreach (var network in networks)
        {
            if (network.Contains(client))
            {
                return true;
            }
        }

        return false;
    }
}
