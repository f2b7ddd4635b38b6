using Relay.Dns;
using Relay.Mail;

namespace Relay.Transport;

/// <summary>By SMTP to the mail hosts that the recipients' domain names in DNS (RFC 5321 §5).</summary>
internal sealed class MxTransport(IDnsResolver dns, MxHosts mxHosts, SmtpSender sender) : ITransport
{
    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        var route = await RouteAsync(request.Recipients[0].Mailbox, request.Route.Port, cancel);
        if (route.Verdict is not null)
        {
            return DeliveryOutcome.ForAll(request.Recipients.Count, route.Verdict);
        }

        var attempt = new DeliveryAttempt(request);
        await sender.SendAsync(attempt, route.Hops, cancel);
        return attempt.ToOutcome();
    }

    private async Task<MxRoute> RouteAsync(Mailbox recipient, int port, CancellationToken cancel)
    {
        if (recipient.HasAddressLiteral)
        {
            return mxHosts.Literal(recipient, port);
        }

        var (hosts, verdict) = mxHosts.Order(recipient.Domain, await dns.MxAsync(recipient.Domain, cancel));
        if (verdict is not null)
        {
            return new([], verdict);
        }

        var addresses = await Task.WhenAll(hosts.Select(host => dns.AddressesAsync(host.Name, cancel)));
        return mxHosts.Route(recipient.Domain, port, hosts, addresses);
    }
}
