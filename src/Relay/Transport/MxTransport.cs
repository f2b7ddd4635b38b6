using System.Net;
using Relay.Dns;
using Relay.Transport.MxSecurity;

namespace Relay.Transport;

/// <summary>By SMTP to the mail hosts that the recipients' domain names in DNS (RFC 5321 §5).</summary>
internal sealed class MxTransport(IDnsResolver dns, MxHosts mxHosts, MxGuard guard, SmtpSender sender) : ITransport
{
    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(DeliveryRequest request, CancellationToken cancel)
    {
        var attempt = new DeliveryAttempt(request);
        var recipient = request.Recipients[0].Mailbox;
        await (recipient.HasAddressLiteral
            ? SendAsync(attempt, mxHosts.Literal(recipient, request.Route.Port), cancel)
            : SendAsync(attempt, recipient.Domain, cancel));
        return attempt.ToOutcome();
    }

    /// <summary>An address proves nothing of who is there: no certificate for a name does, either.</summary>
    private async Task SendAsync(DeliveryAttempt attempt, MxRoute route, CancellationToken cancel)
    {
        if ((attempt.RequiresTls ? HostTls.UnprovenHost : route.Verdict) is { } verdict)
        {
            attempt.DecideAll(verdict);
            return;
        }

        await sender.SendAsync(attempt, route.Hops, cancel);
    }

    private async Task SendAsync(DeliveryAttempt attempt, string domain, CancellationToken cancel)
    {
        var port = attempt.Request.Route.Port;
        var answer = await dns.MxAsync(domain, cancel);
        var (hosts, verdict) = mxHosts.Order(domain, answer);
        if (verdict is not null)
        {
            attempt.DecideAll(verdict);
            return;
        }

        var addresses = await Task.WhenAll(hosts.Select(host => dns.AddressesAsync(host.Name, cancel)));
        var route = mxHosts.Route(domain, port, hosts, addresses);
        if (route.Verdict is not null)
        {
            attempt.DecideAll(route.Verdict);
            return;
        }

        var tls = await guard.ForAsync(
            new MxTlsQuestion(domain, attempt.Tls, attempt.RequiresTls, port), answer.IsSecure, Tried(route, hosts, addresses), cancel);
        await sender.SendAsync(attempt, tls.Admit(attempt, route.Hops), tls, cancel);
    }

    /// <summary>The hosts that have a hop, each with the answer that gave it.</summary>
    private static Dictionary<string, DnsAnswer<IPAddress>> Tried(
        MxRoute route, IReadOnlyList<MailHost> hosts, IReadOnlyList<DnsAnswer<IPAddress>> addresses)
    {
        var answers = hosts.Zip(addresses).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.OrdinalIgnoreCase);
        return route.Hops.Select(hop => hop.Name).Distinct(StringComparer.OrdinalIgnoreCase)
            .ToDictionary(name => name, name => answers[name], StringComparer.OrdinalIgnoreCase);
    }
}
